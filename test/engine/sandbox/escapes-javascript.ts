import type { Bait, Escape } from './escapes.ts';

/** Defines what the attempts of JavaScript share. */
export const JAVASCRIPT_PRELUDE = `
import child_process from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import { Worker } from 'node:worker_threads';
const attempt = async (action) => {
  try {
    console.log('allowed', await action());
  } catch (error) {
    console.log(error.code ?? error.message);
  }
};
const connected = (...place) => new Promise((resolve, reject) => net.connect(...place).once('connect', resolve).once('error', reject));
const answered = (worker) => new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
const supervisor = fs.readdirSync('/proc').find((pid) => /^\\d+$/.test(pid) && fs.readFileSync(\`/proc/\${pid}/cmdline\`, 'utf8').includes('supervisor.py'));
`;

const REFUSED = /^(EACCES|ENOENT|EPERM)$/;
const attempt = (name: string, action: string, denied = REFUSED): Escape => ({
  name,
  code: `await attempt(async () => ${action})`,
  denied,
});

export function javascriptEscapes({ secretFile, secret, port, abstractSocket }: Bait): Escape[] {
  const file = JSON.stringify(secretFile);
  return [
    attempt('a file of the host', `fs.readFileSync(${file})`),
    attempt(
      'a file of the host by import',
      `import(${file}, { with: { type: 'json' } })`,
      /^ERR_MODULE_NOT_FOUND$/,
    ),
    attempt('a file of the host by require', `require(${file})`, /^MODULE_NOT_FOUND$/),
    attempt(
      'a file of the host by a child',
      `child_process.execFileSync('cat', [${file}], { stdio: 'pipe' })`,
      /^Command failed: .*\n.*No such file/,
    ),
    attempt(
      'a file of the host by a worker',
      `answered(new Worker("const fs = require('fs'); require('worker_threads').parentPort.postMessage(fs.readFileSync(" + JSON.stringify(${file}) + "))", { eval: true }))`,
    ),
    attempt(
      'a file of the host by esbuild',
      `child_process.execFileSync('/opt/agentcore/esbuild', ['--bundle', '--loader=text', ${file}], { stdio: 'pipe' }).toString()`,
      /^Command failed: /,
    ),
    attempt('writing to esbuild', "fs.openSync('/opt/agentcore/esbuild', 'r+')", /^(EACCES|EROFS|ETXTBSY)$/),
    attempt(
      'changing the kernel',
      "fs.appendFileSync('/opt/agentcore/kernel.mjs', '//')",
      /^(EACCES|EROFS)$/,
    ),
    attempt('writing to Node.js', "fs.openSync('/opt/node/bin/node', 'r+')", /^(EACCES|EROFS|ETXTBSY)$/),
    ...['mem', 'environ', 'maps', 'fd/6'].map((name) =>
      attempt(`the supervisor's ${name}`, `fs.readFileSync('/proc/' + supervisor + '/${name}')`),
    ),
    attempt(
      'signalling the supervisor into a debugger',
      "process._debugProcess(Number(supervisor)) ?? 'sent'",
      /^(EPERM|allowed sent)$/,
    ),
    attempt('a listener on loopback', `connected(${port}, '127.0.0.1')`, /^ECONNREFUSED$/),
    attempt('an abstract socket', `connected('\\0${abstractSocket}')`, /^ECONNREFUSED$/),
    attempt('a name on the internet', "fetch('https://example.com')", /^fetch failed$/),
    attempt('an address on the internet', "connected(80, '192.0.2.1')", /^ENETUNREACH$/),
    attempt(
      'native code by process.binding',
      "process.binding('spawn_sync').spawn({ file: 'cat', args: ['cat', '/etc/shadow'], envPairs: [], stdio: Array(3).fill({ type: 'ignore' }) }).status",
      /^allowed [1-9]\d*$/,
    ),
    attempt('being root', 'process.setuid(0)', /^(EPERM|EINVAL)$/),
    {
      name: 'secrets in the environment',
      code: `console.log(JSON.stringify(process.env).includes(${JSON.stringify(secret)}))`,
      denied: /^false$/,
    },
  ];
}
