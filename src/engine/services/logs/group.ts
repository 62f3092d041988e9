import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ulid } from 'ulid';
import type { Clock } from '../../clock.ts';
import type { Scope } from '../../service.ts';
import { type Header, readHeader } from './lines.ts';
import { olderFile, Stream, youngerFile } from './stream.ts';

/** What `group.json` in the folder of a group holds. */
interface GroupDocument extends Scope {
  name: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  tags?: Record<string, string>;
}

export interface GroupLimits {
  /** When there are more, the one that was written to the longest ago goes. */
  maxStreams: number;
  maxStreamBytes: number;
  /** What is left alone of the disk, in bytes. */
  reserveBytes?: number;
}

const DOCUMENT = 'group.json';
/** More than the longest name takes. */
const HEADER_BYTES = 8 * 1024;

/** A log group: a folder, whose streams are looked for when first needed. */
export class Group implements GroupDocument {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly createdAt: number;
  readonly #folder: string;
  readonly #limits: GroupLimits;
  readonly #clock: Clock;
  #found: Map<string, Stream> | undefined;
  #removals: Promise<unknown> = Promise.resolve();

  constructor(folder: string, document: GroupDocument, limits: GroupLimits, clock: Clock) {
    const { account, region, name, createdAt } = document;
    this.account = account;
    this.region = region;
    this.name = name;
    this.createdAt = createdAt;
    this.#folder = folder;
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Makes a folder for a new group below `parent`. @throws Error of the file system. */
  static create(parent: string, document: GroupDocument, limits: GroupLimits, clock: Clock): Group {
    const folder = join(parent, ulid());
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, DOCUMENT), JSON.stringify(document), { mode: 0o600 });
    return new Group(folder, document, limits, clock);
  }

  /** The group of a folder, or undefined, without the folder, where it was never finished. */
  static open(folder: string, limits: GroupLimits, clock: Clock): Group | undefined {
    try {
      const document: GroupDocument = JSON.parse(readFileSync(join(folder, DOCUMENT), 'utf8'));
      return new Group(folder, document, limits, clock);
    } catch (error) {
      if (!(error instanceof SyntaxError) && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      rmSync(folder, { recursive: true, force: true });
      return undefined;
    }
  }

  /** By name. @throws Error when the folder cannot be read. */
  get streams(): ReadonlyMap<string, Stream> {
    return this.#streams();
  }

  /** The stream of that name, made if there is none. */
  stream(name: string): Stream {
    const streams = this.#streams();
    const known = streams.get(name);
    if (known) return known;
    const now = this.#clock.now();
    const stream = this.#at(ulid(now), { stream: name, createdAt: now, base: 0 }, now);
    streams.set(name, stream);
    if (streams.size > this.#limits.maxStreams) this.#removeStalest(stream);
    return stream;
  }

  async removeStream(stream: Stream): Promise<void> {
    this.#streams().delete(stream.name);
    await stream.remove();
  }

  /** Ends all writing and removes the folder. */
  async remove(): Promise<void> {
    const streams = this.#found?.values() ?? [];
    await Promise.all([this.#removals, ...Array.from(streams, (stream) => stream.remove())]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async size(): Promise<number> {
    const sizes = await Promise.all(Array.from(this.streams.values(), (stream) => stream.size()));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Settles when what was removed in passing is gone. */
  async settle(): Promise<void> {
    await this.#removals;
  }

  #removeStalest(kept: Stream): void {
    const others = [...this.#streams().values()].filter((stream) => stream !== kept);
    const stalest = others.reduce((least, stream) => (stream.lastUse < least.lastUse ? stream : least));
    this.#removals = Promise.allSettled([this.#removals, this.removeStream(stalest)]);
  }

  #streams(): Map<string, Stream> {
    this.#found ??= this.#find();
    return this.#found;
  }

  #find(): Map<string, Stream> {
    const files = readdirSync(this.#folder).filter((file) => file.endsWith('.jsonl'));
    const ids = new Set(files.map((file) => file.slice(0, file.indexOf('.'))));
    const streams = [...ids].sort().flatMap((id) => this.#openStream(id) ?? []);
    return new Map(streams.map((stream) => [stream.name, stream]));
  }

  #openStream(id: string): Stream | undefined {
    const files = [youngerFile(id), olderFile(id)].map((file) => join(this.#folder, file));
    for (const file of files) {
      const header = headerOf(file);
      if (header) return this.#at(id, header, statSync(file).mtimeMs);
    }
    // The engine died before the first line was whole: nothing can be in there.
    for (const file of files) rmSync(file, { force: true });
    return undefined;
  }

  #at(id: string, { stream: name, createdAt }: Header, lastUse: number): Stream {
    const { maxStreamBytes: maxBytes, reserveBytes } = this.#limits;
    const clock = this.#clock;
    return new Stream({ folder: this.#folder, id, name, createdAt, maxBytes, reserveBytes, lastUse, clock });
  }
}

function headerOf(path: string): Header | undefined {
  try {
    const fd = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(HEADER_BYTES);
      return readHeader(bytes.subarray(0, readSync(fd, bytes, 0, HEADER_BYTES, 0)));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
