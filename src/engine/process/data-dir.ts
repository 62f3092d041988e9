import { accessSync, closeSync, constants, openSync, statSync } from 'node:fs';
import { makeFolders } from '../../platform/make-folders.ts';

/**
 * Makes a data directory, for its owner only, where there is none.
 * @throws Error saying what to do when it cannot be written, or when somebody else can put files of his own there.
 */
export function prepareDataDir(dataDir: string): void {
  try {
    makeFolders(dataDir, 0o700);
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new Error(
      `The data directory ${dataDir} cannot be written (${reason}). Choose another one, or give this user access to it.`,
    );
  }
  refuseShared(dataDir);
}

const OTHERS_WRITE = 0o002;

/** Whoever writes there could plant a token, a database or a link to another file of ours. */
function refuseShared(dataDir: string): void {
  if (!process.getuid) return;
  const { uid, mode } = statSync(dataDir);
  if (uid !== process.getuid()) {
    throw new Error(
      `The data directory ${dataDir} belongs to another user (uid ${uid}). Choose another one, or run as that user.`,
    );
  }
  if ((mode & OTHERS_WRITE) !== 0) {
    throw new Error(
      `Every user can write to the data directory ${dataDir}. Choose another one, or run chmod o-w on it.`,
    );
  }
}

/**
 * Makes an empty file that only its owner can read, where there is none; a database keeps the mode for its side files.
 * A file that is there is not opened: closing it again would drop this process's locks on it.
 */
export function touchPrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
