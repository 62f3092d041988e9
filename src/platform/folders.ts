import { accessSync, constants, mkdtempSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Why nothing can be written to a folder, or undefined where it can; one that is not there may still be made. */
export function folderProblem(folder: string): string | undefined {
  if (isWritable(folder)) return undefined;
  const there = statSync(folder, { throwIfNoEntry: false });
  return there && !there.isDirectory() ? `${folder} is a file, not a folder` : `${folder} cannot be written`;
}

/** A folder that is not there yet can be made when one can be made in its nearest parent, which is tried. */
function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return statSync(folder).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return false;
    const parent = dirname(folder);
    return statSync(parent, { throwIfNoEntry: false }) ? takesFolders(parent) : isWritable(parent);
  }
}

/** The rights alone do not tell: /proc takes no folders, whatever they say. */
function takesFolders(folder: string): boolean {
  try {
    rmdirSync(mkdtempSync(join(folder, '.agentcore-mcp-')));
    return true;
  } catch {
    return false;
  }
}
