import type { FileHandle } from 'node:fs/promises';
import { constants, lchown, open, readdir } from 'node:fs/promises';
import { SandboxError } from './sandbox.ts';

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Gives a folder and all that is in it to a user. Code that runs meanwhile may rename and link what it likes in there: each
 * folder is opened by its name in the one above, links are never followed, and nothing outside is reached.
 * @throws SandboxError `unavailable` where there is no such folder, or its owner cannot be changed.
 */
export async function giveFolder(folder: string, uid: number): Promise<void> {
  try {
    await giveOpen(await open(folder, FOLDER), uid);
  } catch (error) {
    throw new SandboxError(
      'unavailable',
      `the folder ${folder} cannot be given to it: ${(error as Error).message}`,
    );
  }
}

async function giveOpen(folder: FileHandle, uid: number): Promise<void> {
  try {
    await folder.chown(uid, uid);
    const path = `/proc/self/fd/${folder.fd}`;
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const inner = `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        const below = await open(inner, FOLDER).catch(() => undefined);
        if (below) await giveOpen(below, uid);
      } else {
        await lchown(inner, uid, uid).catch(() => {});
      }
    }
  } finally {
    await folder.close();
  }
}
