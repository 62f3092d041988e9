import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refusal, root, say, windows } from './clone.mjs';

const patienceMs = 15 * 60_000;

/** A name that one process at a time can listen on. The system frees it when the process ends, however it ends. */
function lockAddress() {
  const owner = `${process.getuid?.() ?? ''}:${root}`;
  const name = `agentcore-mcp-${createHash('sha256').update(owner).digest('hex').slice(0, 16)}`;
  if (process.platform === 'linux') return `\0${name}`;
  return windows ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
}

/** @returns the server that holds the lock, or undefined when another process has it. */
function tryLock(address) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', (error) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(address, () => resolve(server));
  });
}

/** Resolves when the process that has the lock gives it up or ends. */
function otherIsDone(address) {
  return new Promise((resolve, reject) => {
    const connection = connect(address);
    connection.setTimeout(patienceMs, () => {
      reject(
        new Refusal('another process has been setting up this clone for 15 minutes. End it and try again.'),
      );
    });
    connection.on('error', ({ code }) => {
      const leftByACrash = code === 'ECONNREFUSED' && !address.startsWith('\0');
      if (leftByACrash) rmSync(address, { force: true });
    });
    connection.on('close', resolve);
  });
}

/** Does the work while no other process does such work on this clone; waits for its turn. */
export async function underLock(work) {
  const address = lockAddress();
  let lock = await tryLock(address);
  if (!lock) say('waiting for another process that is setting up this clone ...');
  while (!lock) {
    await otherIsDone(address);
    lock = await tryLock(address);
  }
  const waiting = new Set();
  lock.on('connection', (connection) => waiting.add(connection.on('error', () => {})));
  try {
    return await work();
  } finally {
    for (const connection of waiting) connection.destroy();
    lock.close();
  }
}
