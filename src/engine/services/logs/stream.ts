import { appendFile, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDiskLow, RESERVE_BYTES } from '../../../platform/disk-room.ts';
import type { Clock } from '../../clock.ts';
import { eventLine, type Header, headerLine, readEvents, readHeader, type StoredEvent } from './lines.ts';
import type { LogEvent } from './log-store.ts';

/** Where a stream lies and what is known of it without reading it. */
export interface StreamOptions {
  folder: string;
  /** The name of its files, without the ending. */
  id: string;
  name: string;
  createdAt: number;
  /** Bytes that its files may have together; each of the two holds half. */
  maxBytes: number;
  /** What is left alone of the disk, in bytes. */
  reserveBytes?: number | undefined;
  /** When something was last written, in milliseconds since the epoch. */
  lastUse: number;
  /** For ingestion times. */
  clock: Clock;
}

/** Of the events that are kept, in milliseconds since the epoch. */
export interface Extent {
  firstEvent?: number;
  lastEvent?: number;
  lastIngestion?: number;
}

/** Reading this much at each end tells when a stream begins and ends. */
const EDGE_BYTES = 256 * 1024;

/** The files of a stream by its id: the younger half, to which is written, and the older one. */
export const youngerFile = (id: string) => `${id}.jsonl`;
export const olderFile = (id: string) => `${id}.old.jsonl`;

/**
 * A log stream in two files of JSON lines. When the younger is full it takes the place of the older. Events are held
 * until {@link flush}; writes and reads happen one after the other.
 */
export class Stream {
  readonly name: string;
  readonly createdAt: number;
  readonly id: string;
  lastUse: number;
  readonly #folder: string;
  readonly #reserveBytes: number;
  readonly #younger: string;
  readonly #older: string;
  readonly #halfBytes: number;
  readonly #clock: Clock;
  #pending: string[] = [];
  #pendingLength = 0;
  #lost = 0;
  #removed = false;
  #queue: Promise<unknown> = Promise.resolve();
  /** Of the younger file; undefined until it has been looked at. */
  #file: { base: number; size: number; torn: boolean } | undefined;
  #extent: Extent | undefined;

  constructor({ folder, id, name, createdAt, maxBytes, reserveBytes, lastUse, clock }: StreamOptions) {
    this.#clock = clock;
    this.#folder = folder;
    this.#reserveBytes = reserveBytes ?? RESERVE_BYTES;
    this.name = name;
    this.createdAt = createdAt;
    this.id = id;
    this.lastUse = lastUse;
    this.#younger = join(folder, youngerFile(id));
    this.#older = join(folder, olderFile(id));
    this.#halfBytes = Math.floor(maxBytes / 2);
  }

  /** Holds events for the next {@link flush}; what comes faster than it can be written is counted and left out. */
  append(events: readonly LogEvent[], now = this.#clock.now()): void {
    this.lastUse = now;
    for (const event of events) {
      if (this.#pendingLength + event.message.length > this.#halfBytes) {
        this.#lost++;
        continue;
      }
      const line = eventLine(event, now);
      this.#pending.push(line);
      this.#pendingLength += line.length;
      if (this.#extent) this.#extent = widen(this.#extent, event.timestamp, now);
    }
  }

  /** Writes what is held; a stream without events is made on disk too. */
  flush(): Promise<void> {
    return this.#enqueue(() => this.#write());
  }

  /** Everything that is kept, in the order of time; of one millisecond in the order of arrival. */
  read(): Promise<StoredEvent[]> {
    return this.#enqueue(async () => {
      await this.#write();
      const older = await this.#readFile(this.#older);
      const younger = await this.#readFile(this.#younger);
      const events = [...older.events, ...younger.events];
      const base = older.header?.base ?? younger.header?.base ?? 0;
      const [first] = events;
      if (base > 0 && first) events.unshift(dropNote(first, base));
      return events.sort((a, b) => a.timestamp - b.timestamp || a.position - b.position);
    });
  }

  /** When its events begin and end, as far as the ends of its files tell. */
  extent(): Promise<Extent> {
    return this.#enqueue(async () => {
      await this.#write();
      this.#extent ??= await this.#readExtent();
      return this.#extent;
    });
  }

  /** Bytes on disk. */
  size(): Promise<number> {
    return this.#enqueue(async () => {
      await this.#write();
      const sizes = await Promise.all([this.#older, this.#younger].map(sizeOf));
      return sizes.reduce((sum, size) => sum + size, 0);
    });
  }

  remove(): Promise<void> {
    this.#removed = true;
    this.#pending = [];
    return this.#enqueue(async () => {
      await rm(this.#older, { force: true });
      await rm(this.#younger, { force: true });
    });
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work, work);
    this.#queue = done.catch(() => {});
    return done;
  }

  async #write(): Promise<void> {
    if (this.#removed) return;
    this.#file ??= await this.#look();
    if (this.#pending.length === 0 && this.#lost === 0 && this.#file.size > 0) return;
    if (await isDiskLow(this.#folder, this.#reserveBytes)) {
      this.#lost += this.#pending.length;
      this.#pending = [];
      this.#pendingLength = 0;
      return;
    }
    const lines = this.#takePending();
    const bytes = Buffer.byteLength(lines);
    if (this.#file.size > 0 && this.#file.size + bytes > this.#halfBytes) await this.#turnOver(this.#file);
    const { base, size, torn } = this.#file;
    const header: Header = { stream: this.name, createdAt: this.createdAt, base };
    const text = `${torn ? '\n' : ''}${size === 0 ? headerLine(header) : ''}${lines}`;
    // Until it has succeeded nobody knows what is in the file.
    this.#file = undefined;
    await appendFile(this.#younger, text, { mode: 0o600 });
    this.#file = { base, size: size + Buffer.byteLength(text), torn: false };
  }

  #takePending(): string {
    if (this.#lost > 0) {
      const message = `[${this.#lost} events were left out here: they came faster than they could be written, or the disk was almost full.]`;
      const now = this.#clock.now();
      this.#pending.push(eventLine({ timestamp: now, message }, now));
      this.#lost = 0;
    }
    const lines = this.#pending.join('');
    this.#pending = [];
    this.#pendingLength = 0;
    return lines;
  }

  async #turnOver({ base, size }: { base: number; size: number }): Promise<void> {
    await rename(this.#younger, this.#older);
    this.#file = { base: base + size, size: 0, torn: false };
    this.#extent = undefined;
  }

  async #look() {
    const { size, head, tail } = await edges(this.#younger);
    if (size > 0) {
      const torn = tail.at(-1) !== 0x0a;
      return { base: readHeader(head)?.base ?? 0, size, torn };
    }
    const older = await edges(this.#older);
    return { base: (readHeader(older.head)?.base ?? 0) + older.size, size: 0, torn: false };
  }

  async #readFile(path: string): Promise<{ header: Header | undefined; events: StoredEvent[] }> {
    const bytes = await readFile(path).catch(emptyIfMissing);
    const header = readHeader(bytes);
    return { header, events: readEvents(bytes, header?.base ?? 0) };
  }

  async #readExtent(): Promise<Extent> {
    const [older, younger] = await Promise.all([edges(this.#older), edges(this.#younger)]);
    let ends = [older.head, older.tail, younger.head, younger.tail].flatMap((bytes) => readEvents(bytes, 0));
    if (ends.length === 0) {
      ends = [...(await this.#readFile(this.#older)).events, ...(await this.#readFile(this.#younger)).events];
    }
    return ends.reduce<Extent>(
      (extent, { timestamp, ingestionTime }) => widen(extent, timestamp, ingestionTime),
      {},
    );
  }
}

function widen(
  { firstEvent, lastEvent, lastIngestion }: Extent,
  timestamp: number,
  ingestion: number,
): Extent {
  return {
    firstEvent: Math.min(firstEvent ?? timestamp, timestamp),
    lastEvent: Math.max(lastEvent ?? timestamp, timestamp),
    lastIngestion: Math.max(lastIngestion ?? ingestion, ingestion),
  };
}

/** What stands where events went away; its position is that of the header, which no event has. */
function dropNote({ timestamp, ingestionTime }: StoredEvent, base: number): StoredEvent {
  const message = `[What was logged before this went away: a stream keeps its newest part. ${base} bytes went.]`;
  return { timestamp, ingestionTime, message, position: base };
}

/** The first and the last bytes of a file, and how many there are; none of a file that is not there. */
async function edges(path: string): Promise<{ size: number; head: Buffer; tail: Buffer }> {
  const file = await open(path).catch((error) => {
    emptyIfMissing(error);
    return undefined;
  });
  if (!file) return { size: 0, head: Buffer.alloc(0), tail: Buffer.alloc(0) };
  try {
    const { size } = await file.stat();
    const length = Math.min(size, EDGE_BYTES);
    const { buffer: head } = await file.read(Buffer.alloc(length), 0, length, 0);
    const { buffer: tail } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return { size, head, tail };
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(emptyIfMissing);
  return 'size' in found ? found.size : 0;
}

function emptyIfMissing(error: NodeJS.ErrnoException): Buffer {
  if (error.code === 'ENOENT') return Buffer.alloc(0);
  throw error;
}
