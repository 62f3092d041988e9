import { freemem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long after somebody got one the next spare is begun, so that whoever asked has the processors first. */
const REFILL_MS = 250;
/** How long after a spare could not be had the next is tried. */
const RETRY_MS = 60_000;
/** Below this none is kept. */
const LEAST_MEMORY = 1024 ** 3;

/** What can be started before somebody asks for it. */
export interface Spare {
  /** Resolves when it has ended for whatever reason. Never rejects. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

/** How many spares there may be. */
export interface SpareRoom {
  /** One spare for so many bytes of free memory. */
  memoryForOne: number;
  most: number;
}

/** How many spares a machine with so much free memory has room for. */
export function sparesFor(freeBytes: number, { memoryForOne, most }: SpareRoom): number {
  if (freeBytes < LEAST_MEMORY) return 0;
  return Math.min(most, Math.max(1, Math.floor(freeBytes / memoryForOne)));
}

export interface SparesOptions<T extends Spare> {
  /** Starts one. */
  start(): Promise<T>;
  room: SpareRoom;
  /** How many to keep; 0 for none. Default: by the machine's free memory. */
  wanted?: number | undefined;
}

/** Keeps some ready of what takes long to start, from the first time on that somebody wants one. */
export class Spares<T extends Spare> {
  readonly #ready: T[] = [];
  readonly #options: SparesOptions<T>;
  readonly #stop = new AbortController();
  #refilling: Promise<void> | undefined;
  #starting = 0;
  #given = 0;

  constructor(options: SparesOptions<T>) {
    this.#options = options;
  }

  /** Hands out a spare, or what `otherwise` starts where there is none. */
  async give(otherwise: () => Promise<T>): Promise<T> {
    this.#starting++;
    try {
      return this.#ready.shift() ?? (await otherwise());
    } finally {
      this.#starting--;
      this.#given = Date.now();
      if (this.#options.wanted !== 0)
        this.#refilling ??= this.#refill().finally(() => {
          this.#refilling = undefined;
        });
    }
  }

  /** Ends those there are. @returns whether there were any. */
  async giveUp(): Promise<boolean> {
    const all = this.#ready.splice(0);
    await Promise.all(all.map((spare) => spare.close()));
    return all.length > 0;
  }

  /** Ends those there are, and keeps no more. `end` may hasten the end of one that is starting. */
  async close(end: () => Promise<void> = async () => {}): Promise<void> {
    this.#stop.abort();
    await Promise.all([this.giveUp(), end()]);
    await this.#refilling;
  }

  /** One after another, never while somebody waits for one or has just got one. */
  async #refill(): Promise<void> {
    while (this.#hasRoom() && !this.#stop.signal.aborted) {
      const wait = this.#given + REFILL_MS - Date.now();
      if (this.#starting > 0 || wait > 0) await this.#pause(Math.max(wait, REFILL_MS));
      else if (!(await this.#add())) await this.#pause(RETRY_MS);
    }
  }

  #hasRoom(): boolean {
    const { wanted, room } = this.#options;
    return this.#ready.length < (wanted ?? sparesFor(freemem(), room));
  }

  #pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#stop.signal, ref: false }).catch(() => {});
  }

  /** @returns whether there is one more. */
  async #add(): Promise<boolean> {
    try {
      const spare = await this.#options.start();
      if (this.#stop.signal.aborted) {
        await spare.close();
        return false;
      }
      this.#ready.push(spare);
      void spare.ended.then(() => {
        const place = this.#ready.indexOf(spare);
        if (place >= 0) this.#ready.splice(place, 1);
      });
      return true;
    } catch {
      return false;
    }
  }
}
