import { lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataDir } from './lock.ts';
import type { Teardown } from './teardown.ts';

const prefix = 'agentcore-mcp-';

/** An empty file that says that a data directory goes away with its engine. */
const mark = (dataDir: string) => join(dataDir, 'ephemeral');

function isMarked(dataDir: string): boolean {
  const stat = lstatSync(mark(dataDir), { throwIfNoEntry: false });
  return stat?.isFile() === true && stat.size === 0;
}

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

/** From now on a data directory stays: somebody has named it. To be called by who has it locked. */
export function keepDataDir(dataDir: string): void {
  if (isMarked(dataDir)) rmSync(mark(dataDir), { force: true });
}

/** Removes the temporary data directories of this user's engines that could not do it themselves, as they were killed. What cannot be looked at, locked or removed is in use, or for a later sweep. */
export async function sweepEphemeral(): Promise<void> {
  for (const name of namesIn(tmpdir())) {
    if (name.startsWith(prefix)) await removeUnused(join(tmpdir(), name)).catch(() => {});
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The mark is that of this user too: nobody else can write there. */
function isOurs(dataDir: string): boolean {
  const stat = lstatSync(dataDir, { throwIfNoEntry: false });
  const own = stat?.isDirectory() && (process.getuid === undefined || stat.uid === process.getuid());
  return own === true && isMarked(dataDir);
}

/** @throws DataDirTakenError when an engine has it. */
async function removeUnused(dataDir: string): Promise<void> {
  if (!isOurs(dataDir)) return;
  const lock = await lockDataDir(dataDir, 0);
  try {
    // Meanwhile somebody may have named it.
    if (isMarked(dataDir)) remove(dataDir);
  } finally {
    lock.release();
  }
}

function remove(dataDir: string): void {
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
}
