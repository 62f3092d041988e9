// Runs inside a namespace in which AWS's host leads to this machine: an engine with TLS, a page, and the clients one after the other.
// argv: the binary, a data directory, then programs as JSON. Prints what each printed, as a JSON array.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const [binary, dataDir, ...programs] = process.argv.slice(2);
const pages = createServer((_, response) => {
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(
    '<title>Page</title><h1>Before</h1><input><button onclick="document.querySelector(`h1`).textContent=`After`">Go</button>',
  );
});
pages.listen(0, '127.0.0.1');
await once(pages, 'listening');
const page = `127.0.0.1:${pages.address().port}`;

const flags = [
  '--port',
  '0',
  '--tls',
  '--tls-port',
  '443',
  '--data-dir',
  dataDir,
  '--browser-allow-hosts',
  page,
];
const engine = spawn(process.execPath, [binary, 'engine', ...flags], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
let ready;
for await (const line of createInterface({ input: engine.stdout })) {
  ready = JSON.parse(line);
  if (ready.ready) break;
}
const run = promisify(execFile);
try {
  const { stdout: exports } = await run(process.execPath, [binary, 'env', '--data-dir', dataDir]);
  const seen = [];
  for (const program of programs) {
    const [command, script] = JSON.parse(program);
    const trust = `export AWS_CA_BUNDLE='${ready.caFile}' NODE_EXTRA_CA_CERTS='${ready.caFile}'`;
    const lines = [exports, trust, 'exec "$1" "$2" "$3"'].join('\n');
    const args = ['-euc', lines, 'sh', command, script, `http://${page}/`];
    const { stdout } = await run('sh', args, { timeout: 60_000 });
    seen.push(JSON.parse(stdout));
  }
  console.log(JSON.stringify(seen));
} finally {
  const ended = once(engine, 'exit');
  engine.kill('SIGTERM');
  await ended;
}
process.exit();
