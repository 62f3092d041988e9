import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stopAfterTest } from './engine.ts';
import { temporaryDir } from './temporary.ts';

/** A place with a data directory and a workspace of its own; its engine is stopped after the test. */
export function place() {
  const dir = temporaryDir();
  const dataDir = join(dir, 'data');
  stopAfterTest(dataDir);
  const flags = ['--data-dir', dataDir, '--workspace', join(dir, 'files')];
  return { dir, dataDir, flags };
}

/** A search path on which there is Python, but no bubblewrap and nothing that installs it. */
export function pathWithoutBubblewrap(dir: string): string {
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], {
    encoding: 'utf8',
  }).trim();
  symlinkSync(python, join(bin, 'python3'));
  return bin;
}

/** A port of 127.0.0.1 on which something else listens until the test is over. */
export async function takenPort(): Promise<string> {
  const listener = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void listener.close());
  await once(listener, 'listening');
  return String((listener.address() as AddressInfo).port);
}
