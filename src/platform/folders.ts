import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Why nothing can be written to a folder, or undefined where it can; one that is not there may still be made. */
export function folderProblem(folder: string): string | undefined {
  if (isWritable(folder)) return undefined;
  const there = statSync(folder, { throwIfNoEntry: false });
  return there && !there.isDirectory() ? `${folder} is a file, not a folder` : `${folder} cannot be written`;
}

/** A folder that is not there yet can be made when its nearest parent is a folder that can be written. */
function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return statSync(folder).isDirectory();
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return absent && dirname(folder) !== folder && isWritable(dirname(folder));
  }
}
