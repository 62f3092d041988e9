import { createHash, randomUUID } from 'node:crypto';
import { constants, createReadStream, type Dirent, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { copyFile, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { isDiskLow, RESERVE_BYTES } from '../../../platform/disk-room.ts';
import { ObjectError } from './objects.ts';

/** One file of an object's content; an object of several parts has several. */
export interface Piece {
  /** Its name, from which the place follows. */
  file: string;
  /** Bytes. */
  size: number;
}

/** Bytes from `start` up to and including `end`. */
export interface ByteRange {
  start: number;
  end: number;
}

/** The largest object, as one piece or in parts, in bytes. */
export const MAX_OBJECT_BYTES = 1024 ** 3;

const HOUR_MS = 3600 * 1000;
/** How much is written until the disk is looked at again. */
const LOOK_BYTES = 16 * 1024 ** 2;

/**
 * The contents of objects in files of random names below a folder. A file is written elsewhere and moved to its place
 * when it is whole and on the disk, and never changes afterwards.
 */
export class ContentFiles {
  readonly #folder: string;
  readonly #incoming: string;
  /** How many streams read a file. */
  readonly #readers = new Map<string, number>();
  /** To be removed when nobody reads them any more. */
  readonly #doomed = new Set<string>();

  readonly #reserveBytes: number;

  /** Takes the folder over: what an earlier process had not finished is removed. @param reserveBytes Left alone of the disk. */
  constructor(folder: string, reserveBytes = RESERVE_BYTES) {
    this.#folder = folder;
    this.#reserveBytes = reserveBytes;
    this.#incoming = join(folder, 'incoming');
    rmSync(this.#incoming, { recursive: true, force: true });
    mkdirSync(this.#incoming, { recursive: true, mode: 0o700 });
  }

  /**
   * Writes a body; nothing is left of one that ends with an error.
   * @returns the piece and the MD5 of it.
   * @throws ObjectError 400 `EntityTooLarge` above 1 GiB, 507 on a disk that is almost full; what `body` throws.
   */
  async write(body: AsyncIterable<Uint8Array>): Promise<{ piece: Piece; md5: Buffer }> {
    const md5 = createHash('md5');
    let size = 0;
    let lookAt = 0;
    const piece = await this.#place(async (temporary) => {
      const handle = await open(temporary, 'wx', 0o600);
      try {
        for await (const chunk of body) {
          size += chunk.byteLength;
          if (size > MAX_OBJECT_BYTES) throw tooLarge();
          if (size > lookAt) {
            await this.#refuseIfFull();
            lookAt = size + LOOK_BYTES;
          }
          md5.update(chunk);
          await handle.writeFile(chunk);
        }
        await handle.sync();
      } finally {
        await handle.close();
      }
    });
    return { piece: { file: piece, size }, md5: md5.digest() };
  }

  /** Copies of pieces, which share their blocks where the file system can do that. */
  async copy(pieces: readonly Piece[]): Promise<Piece[]> {
    const release = this.#hold(pieces);
    const copies: Piece[] = [];
    try {
      for (const { file, size } of pieces) {
        await this.#refuseIfFull();
        const copy = await this.#place(async (temporary) => {
          await copyFile(this.#path(file), temporary, constants.COPYFILE_FICLONE);
          await syncPath(temporary);
        });
        copies.push({ file: copy, size });
      }
      return copies;
    } catch (error) {
      this.remove(copies);
      throw error;
    } finally {
      release();
    }
  }

  /** The bytes of pieces in their order. The files stay until the stream is at its end or destroyed. */
  read(pieces: readonly Piece[], range?: ByteRange): Readable {
    const body = Readable.from(this.#chunks(pieces, range), { objectMode: false });
    return body.once('close', this.#hold(pieces));
  }

  /** Removes files, those that are being read as soon as they no longer are. */
  remove(pieces: readonly Piece[]): void {
    for (const { file } of pieces) {
      if (this.#readers.has(file)) this.#doomed.add(file);
      else rmSync(this.#path(file), { force: true });
    }
  }

  /** Removes files older than an hour that nothing refers to, as a crash can leave them. */
  sweep(isReferred: (file: string) => boolean): void {
    for (const entry of filesBelow(this.#folder)) {
      const path = join(entry.parentPath, entry.name);
      if (entry.parentPath === this.#incoming || isReferred(entry.name)) continue;
      if (Date.now() - statSync(path).mtimeMs > HOUR_MS) this.remove([{ file: entry.name, size: 0 }]);
    }
  }

  async *#chunks(pieces: readonly Piece[], range?: ByteRange): AsyncGenerator<Buffer> {
    let offset = 0;
    for (const { file, size } of pieces) {
      const start = Math.max(0, (range?.start ?? 0) - offset);
      const end = Math.min(size - 1, (range?.end ?? Number.POSITIVE_INFINITY) - offset);
      if (start <= end) yield* createReadStream(this.#path(file), { start, end });
      offset += size;
    }
  }

  async #refuseIfFull(): Promise<void> {
    if (!(await isDiskLow(this.#incoming, this.#reserveBytes))) return;
    const message = `The disk of the engine has less than ${this.#reserveBytes} bytes left. Free some, and try again.`;
    throw new ObjectError('InsufficientStorage', 507, message);
  }

  /** Makes a file under a temporary name and moves it to its place. @returns its name there. */
  async #place(make: (temporary: string) => Promise<void>): Promise<string> {
    const file = randomUUID();
    const temporary = join(this.#incoming, file);
    const path = this.#path(file);
    try {
      await make(temporary);
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      await rename(temporary, path);
      await syncPath(dirname(path));
      await syncPath(this.#folder);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    return file;
  }

  /** Spread over 256 folders. */
  #path(file: string): string {
    return join(this.#folder, file.slice(0, 2), file);
  }

  #hold(pieces: readonly Piece[]): () => void {
    for (const { file } of pieces) this.#readers.set(file, (this.#readers.get(file) ?? 0) + 1);
    return () => {
      for (const piece of pieces) this.#release(piece);
    };
  }

  #release(piece: Piece): void {
    const left = (this.#readers.get(piece.file) ?? 1) - 1;
    if (left > 0) {
      this.#readers.set(piece.file, left);
      return;
    }
    this.#readers.delete(piece.file);
    if (this.#doomed.delete(piece.file)) this.remove([piece]);
  }
}

export function tooLarge(maxBytes = MAX_OBJECT_BYTES): ObjectError {
  return new ObjectError('EntityTooLarge', 400, `More than ${maxBytes} bytes are not taken here.`);
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function filesBelow(folder: string): Dirent[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
}
