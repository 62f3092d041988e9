import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { prepareDataDir } from './data-dir.ts';
import { keepDataDir, markEphemeral, sweepEphemeral, temporaryDataDir } from './ephemeral.ts';
import { type Keys, openKeys } from './keys.ts';
import { type DataDirLock, lockDataDir } from './lock.ts';
import { removeRecord } from './record.ts';
import type { Teardown } from './teardown.ts';

/** A data directory in the hands of its one engine. */
export interface Home {
  dataDir: string;
  /** Whether it goes away in the end. */
  ephemeral: boolean;
  /** Random, new with every start. */
  generation: string;
  lock: DataDirLock;
  keys: Keys;
}

const LOCK_WAIT_MS = 1_000;

/**
 * Takes a data directory, or a temporary one that goes away in the end.
 * @throws DataDirTakenError when another engine has it.
 * @throws Error when the directory or the master key cannot be used.
 */
export async function openHome(wanted: string | undefined, teardown: Teardown): Promise<Home> {
  const ephemeral = wanted === undefined;
  if (ephemeral) await sweepEphemeral();
  const dataDir = ephemeral ? temporaryDataDir(teardown) : resolve(wanted);
  prepareDataDir(dataDir);
  const lock = await lockDataDir(dataDir, LOCK_WAIT_MS);
  teardown.add('Unlocking the data directory', () => lock.release());
  if (ephemeral) markEphemeral(dataDir);
  else keepDataDir(dataDir);
  const generation = randomBytes(6).toString('hex');
  teardown.add('Removing the record', () => removeRecord(dataDir, generation));
  return { dataDir, ephemeral, generation, lock, keys: openKeys(dataDir) };
}
