import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { isBusy } from '../store/errors.ts';
import { touchPrivate } from './data-dir.ts';

/** Another engine, in this process or another one, has the data directory. */
export class DataDirTakenError extends Error {
  override readonly name = 'DataDirTakenError';
}

/** A held data directory. */
export interface DataDirLock {
  /** False once the directory was removed under the holder, and perhaps made anew by another. */
  holds(): boolean;
  release(): void;
}

const POLL_MS = 50;

/** A database that nobody refers to is collected, which closes it and gives up its lock. */
const held = new Set<DatabaseSync>();

/**
 * Holds a data directory until it is released or the process ends in whatever way: the lock is that of
 * an open SQLite transaction, which the kernel drops with the process.
 * @throws DataDirTakenError when another holds it for all of `waitMs`.
 */
export async function lockDataDir(dataDir: string, waitMs: number): Promise<DataDirLock> {
  const file = join(dataDir, 'engine.lock');
  const deadline = Date.now() + waitMs;
  for (;;) {
    const lock = tryLock(file);
    if (lock) return lock;
    if (Date.now() >= deadline) {
      throw new DataDirTakenError(
        `Another engine is running on the data directory ${dataDir}. Use that one, or end it first.`,
      );
    }
    await sleep(POLL_MS);
  }
}

function tryLock(file: string): DataDirLock | undefined {
  touchPrivate(file);
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    const locked = statSync(file).ino;
    held.add(database);
    return {
      holds: () => statSync(file, { throwIfNoEntry: false })?.ino === locked,
      release: () => {
        if (held.delete(database)) database.close();
      },
    };
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}
