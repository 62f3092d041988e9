import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataDir } from './lock.ts';
import type { Teardown } from './teardown.ts';

const prefix = 'agentcore-mcp-';

/** Says that a data directory goes away with its engine. */
const mark = (dataDir: string) => join(dataDir, 'ephemeral');

/** Makes a data directory that is removed at the end. To be marked once it is locked. */
export function temporaryDataDir(teardown: Teardown): string {
  const dataDir = mkdtempSync(join(tmpdir(), prefix));
  teardown.add('Removing the temporary data directory', () => remove(dataDir));
  return dataDir;
}

/** From now on others may remove a temporary data directory, as soon as nobody has it locked. */
export function markEphemeral(dataDir: string): void {
  writeFileSync(mark(dataDir), '', { mode: 0o600 });
}

/** Removes the temporary data directories of this user's engines that could not do it themselves, as they were killed. */
export async function sweepEphemeral(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const dataDir = join(tmpdir(), name);
    // What cannot be locked or removed is in use, or for a later sweep.
    if (name.startsWith(prefix) && isOurs(dataDir)) await removeUnused(dataDir).catch(() => {});
  }
}

/** The mark is that of this user too: nobody else can write there. */
function isOurs(dataDir: string): boolean {
  const stat = lstatSync(dataDir, { throwIfNoEntry: false });
  const own = stat?.isDirectory() && (process.getuid === undefined || stat.uid === process.getuid());
  return own === true && existsSync(mark(dataDir));
}

/** @throws DataDirTakenError when an engine has it. */
async function removeUnused(dataDir: string): Promise<void> {
  const lock = await lockDataDir(dataDir, 0);
  try {
    remove(dataDir);
  } finally {
    lock.release();
  }
}

function remove(dataDir: string): void {
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
}
