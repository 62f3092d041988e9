import type { Log } from '../../log.ts';
import { orAborted } from '../../or-aborted.ts';

/** Work that goes on after its call was answered, until the engine closes. */
export class Background {
  readonly #jobs = new Set<Promise<void>>();
  readonly #chores = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** How much is going on that somebody waits for. */
  get size(): number {
    return this.#jobs.size;
  }

  /** What it throws is logged, unless it is the closing of the engine. */
  run(what: string, work: (signal: AbortSignal) => Promise<void>): void {
    this.#add(this.#jobs, what, work);
  }

  /** The same for what nobody waits for: no engine need stay for it. */
  chore(what: string, work: (signal: AbortSignal) => Promise<void>): void {
    this.#add(this.#chores, what, work);
  }

  /** Stops everything, and resolves when it has stopped. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#jobs, ...this.#chores]);
  }

  #add(running: Set<Promise<void>>, what: string, work: (signal: AbortSignal) => Promise<void>): void {
    const { signal } = this.#closing;
    if (signal.aborted) return;
    const one = work(signal)
      .catch((error) => {
        if (!signal.aborted) this.#log.error(`${what} failed`, { error });
      })
      .finally(() => running.delete(one));
    running.add(one);
  }
}

/** Lets so many at a time do their work; the others wait in line. */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** @throws the signal's reason as soon as it aborts, while waiting; what `work` throws. */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#turn(signal);
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    try {
      await orAborted(signal, promise);
    } catch (error) {
      const place = this.#waiting.indexOf(resolve);
      if (place >= 0) this.#waiting.splice(place, 1);
      throw error;
    }
  }
}
