import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { join } from 'node:path';

/** Linux names what lies in an opened folder by that folder, whatever has become of the path to it. */
const byHandle = process.platform === 'linux';

/**
 * A folder that was entered. On Linux its entries are named by the folder itself, so nobody leads us elsewhere by
 * putting a link into the place of a folder; on other systems that is noticed only on the way in.
 */
export class Folder {
  readonly #path: string;
  readonly #handle: FileHandle | undefined;

  constructor(path: string, handle: FileHandle | undefined) {
    this.#path = path;
    this.#handle = handle;
  }

  /** @throws the system's error: ENOTDIR for what is no folder, and for a link to one. */
  static async enter(path: string, name = path): Promise<Folder> {
    if (byHandle) return new Folder(path, await open(name, constants.O_DIRECTORY | constants.O_NOFOLLOW));
    if ((await lstat(path)).isDirectory()) return new Folder(path, undefined);
    throw Object.assign(new Error(`${path} is no folder`), { code: 'ENOTDIR' });
  }

  /** A folder in this one. */
  enter(name: string): Promise<Folder> {
    return Folder.enter(join(this.#path, name), this.at(name));
  }

  /** The name of an entry, for the calls of node:fs, as long as the folder is not closed. */
  at(name: string): string {
    return this.#handle ? `/proc/self/fd/${this.#handle.fd}/${name}` : join(this.#path, name);
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }
}
