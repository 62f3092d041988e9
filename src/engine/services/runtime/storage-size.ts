import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDiskLow, RESERVE_BYTES } from '../../../platform/disk-room.ts';

export interface StorageLimits {
  bytes: number;
  /** Files and folders. */
  files: number;
  /** Folders within folders. */
  depth: number;
  /** What is left alone of the disk. Files that are removed and still open count nowhere else. */
  reserveBytes: number;
}

/** As on AWS, for what one session keeps. */
const LIMITS: StorageLimits = {
  bytes: 1024 ** 3,
  files: 200_000,
  depth: 250,
  reserveBytes: RESERVE_BYTES,
};

const PAUSE_MS = 2_000;
/** How much more of the time is pause than looking. */
const PAUSE_SHARE = 20;
const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Looks at a folder again and again until it holds more than a session may keep, which `onExcess` is told, or `signal` aborts. */
export async function watchSize(
  folder: string,
  signal: AbortSignal,
  onExcess: (reason: string) => void,
  limits: Partial<StorageLimits> = {},
): Promise<void> {
  let pause = PAUSE_MS;
  for (;;) {
    await sleep(pause, undefined, { signal, ref: false }).catch(() => {});
    if (signal.aborted) return;
    const started = performance.now();
    const excess = await excessOf(folder, { ...LIMITS, ...limits });
    if (signal.aborted) return;
    if (excess) return onExcess(excess);
    pause = Math.max(PAUSE_MS, (performance.now() - started) * PAUSE_SHARE);
  }
}

/** Why its session is to end, where a folder holds too much; undefined also where it cannot be looked at just now. */
async function excessOf(folder: string, limits: StorageLimits): Promise<string | undefined> {
  const size = new Size(limits);
  try {
    await size.add(await open(folder, FOLDER), 0);
    if (await isDiskLow(folder, limits.reserveBytes))
      return `it has session storage, and the disk of the engine has less than ${limits.reserveBytes} bytes left`;
  } catch (error) {
    if (error instanceof Excess) return `its session storage held ${error.message}`;
  }
  return undefined;
}

class Excess extends Error {}

/** Adds up what is on the disk. */
class Size {
  readonly #limits: StorageLimits;
  #bytes = 0;
  #files = 0;

  constructor(limits: StorageLimits) {
    this.#limits = limits;
  }

  /**
   * Code that runs meanwhile may rename what it likes, in names that are no text and paths of any length: each folder is
   * opened by its name in the one above. What goes away meanwhile is left out.
   * @throws Excess as soon as it is too much.
   */
  async add(folder: FileHandle, depth: number): Promise<void> {
    const { bytes, files, depth: deepest } = this.#limits;
    try {
      if (depth > deepest) throw new Excess(`more than ${deepest} folders within folders`);
      const path = `/proc/self/fd/${folder.fd}`;
      for (const entry of await readdir(path, { withFileTypes: true, encoding: 'buffer' })) {
        const inner = Buffer.concat([Buffer.from(`${path}/`), entry.name]);
        if (++this.#files > files) throw new Excess(`more than ${files} files`);
        if (entry.isDirectory()) await this.#addFolder(inner, depth + 1);
        else this.#bytes += await sizeOf(inner);
        if (this.#bytes > bytes) throw new Excess(`more than ${bytes} bytes`);
      }
    } finally {
      await folder.close();
    }
  }

  async #addFolder(path: Buffer, depth: number): Promise<void> {
    const folder = await open(path, FOLDER).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EACCES') throw new Excess('a folder that nobody can read');
      return undefined;
    });
    if (folder) await this.add(folder, depth);
  }
}

const sizeOf = (path: Buffer) =>
  lstat(path).then(
    ({ blocks }) => blocks * 512,
    () => 0,
  );
