import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A new folder that goes away when the file's tests are over. */
export function lastingDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'Ägents '));
  made.push(folder);
  return folder;
}

const made: string[] = [];

afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});
