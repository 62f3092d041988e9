import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandboxes } from '../../../src/engine/sandbox/index.ts';
import { type Bait, escapes, PRELUDE } from './escapes.ts';

/** Tries every escape in one sandbox and prints what came of each as JSON: `{uid, reached, results}`. */
const folder = mkdtempSync(join(tmpdir(), 'bait-'));
const secret = randomBytes(16).toString('hex');
const secretFile = join(folder, 'credentials');
writeFileSync(secretFile, secret, { mode: 0o644 });
process.env.AWS_SECRET_ACCESS_KEY = secret;

let reached = 0;
const listener = () =>
  createServer((socket) => {
    reached++;
    socket.destroy();
  });
const tcp = listener().listen(0, '127.0.0.1');
const abstractSocket = `bait-${secret.slice(0, 8)}`;
const local = listener().listen(`\0${abstractSocket}`);
await Promise.all([once(tcp, 'listening'), once(local, 'listening')]);
const bait: Bait = { secretFile, secret, port: (tcp.address() as AddressInfo).port, abstractSocket };

const options = { timeoutMs: 20_000 };
const sandbox = await createSandboxes({}).start('escapes', { diskBytes: 64 * 1024 ** 2 });
try {
  const prepared = await sandbox.runCell({ code: PRELUDE }, options);
  if (prepared.exitCode !== 0) throw new Error(prepared.stderr);
  const results: Record<string, string> = {};
  for (const { name, code, shell } of escapes(bait)) {
    const outcome = await (shell ? sandbox.runCommand(code, options) : sandbox.runCell({ code }, options));
    results[name] = shell ? outcome.stdout : (outcome.stdout || outcome.stderr).trim();
  }
  // The listeners do listen: the host itself reaches each of them.
  for (const target of [{ port: bait.port }, { path: `\0${abstractSocket}` }])
    await once(connect(target), 'close');
  process.stdout.write(JSON.stringify({ uid: process.getuid?.(), reached, bait, results }));
} finally {
  await sandbox.close();
  tcp.close();
  local.close();
  rmSync(folder, { recursive: true });
}
