import type { FileHandle } from 'node:fs/promises';
import { constants, lchown, open, readdir } from 'node:fs/promises';
import { SandboxError } from './sandbox.ts';

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** Folders within folders; what lies deeper keeps its owner, as each level takes a file descriptor. */
const MAX_DEPTH = 256;

/**
 * Gives a folder and all that is in it to a user. Code that runs meanwhile may rename and link what it likes in there: each
 * folder is opened by its name in the one above, links are never followed, and nothing outside is reached.
 * @throws SandboxError `unavailable` where there is no such folder, or its owner cannot be changed.
 */
export async function giveFolder(folder: string, uid: number): Promise<void> {
  try {
    await giveOpen(await open(folder, FOLDER), uid, 0);
  } catch (error) {
    const { message } = error as Error;
    throw new SandboxError('unavailable', `the folder ${folder} cannot be given to it: ${message}`);
  }
}

async function giveOpen(folder: FileHandle, uid: number, depth: number): Promise<void> {
  try {
    await folder.chown(uid, uid);
    const path = `/proc/self/fd/${folder.fd}`;
    // Names are bytes, and not always text.
    for (const entry of await readdir(path, { withFileTypes: true, encoding: 'buffer' })) {
      const inner = Buffer.concat([Buffer.from(`${path}/`), entry.name]);
      // What is gone or has become something else meanwhile is nobody's loss.
      if (!entry.isDirectory()) await lchown(inner, uid, uid).catch(() => {});
      else if (depth < MAX_DEPTH) {
        const below = await open(inner, FOLDER).catch(() => undefined);
        if (below) await giveOpen(below, uid, depth + 1);
      }
    }
  } finally {
    await folder.close();
  }
}
