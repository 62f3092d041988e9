import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { orAborted } from '../../../or-aborted.ts';
import { internal } from '../../exceptions.ts';
import type { Found, ListOrder, ReaderOptions, SearchOrder } from './reader.ts';

/** What the thread is asked: one of the two. */
export interface Order {
  id: number;
  search?: SearchOrder;
  list?: ListOrder;
}

export interface Answer {
  id: number;
  found?: Omit<Found, 'score'>[];
  failure?: string;
}

interface Waiting {
  resolve(found: unknown): void;
  reject(error: Error): void;
}

const DEADLINE_MS = 30_000;

/** The thread has ended before it answered. */
class ThreadLost extends Error {}

/** Looks for records in a thread of its own, which starts with the first question and anew after it has failed. */
export class Search {
  readonly #options: ReaderOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;
  #closed = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** The best, best first. @throws InternalServerException when it takes longer than 30 seconds or fails, and what `signal` has. */
  search(search: SearchOrder, signal: AbortSignal): Promise<Found[]> {
    return this.#ask({ search }, signal) as Promise<Found[]>;
  }

  /** Newest first. @throws As `search` does. */
  list(list: ListOrder, signal: AbortSignal): Promise<Omit<Found, 'score'>[]> {
    return this.#ask({ list }, signal) as Promise<Omit<Found, 'score'>[]>;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
  }

  /** Asked again where the thread ended, for whatever made it end need not be this question. */
  async #ask(order: Omit<Order, 'id'>, signal: AbortSignal): Promise<unknown> {
    const asked = this.#askOnce(order)
      .catch((error) => {
        if (error instanceof ThreadLost && !this.#closed) return this.#askOnce(order);
        throw error;
      })
      .catch((error) => Promise.reject(error instanceof ThreadLost ? internal(error.message) : error));
    return orAborted(signal, asked);
  }

  async #askOnce(order: Omit<Order, 'id'>): Promise<unknown> {
    if (this.#closed) throw internal('The engine was reset or has ended during the call.');
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    const deadline = setTimeout(() => {
      reject(internal(`Searching the records took longer than ${DEADLINE_MS / 1000} s and was given up.`));
      void worker.terminate();
    }, DEADLINE_MS);
    worker.postMessage({ id, ...order } satisfies Order);
    try {
      return await promise;
    } finally {
      clearTimeout(deadline);
      this.#waiting.delete(id);
    }
  }

  #start(): Worker {
    const file = new URL(`./search-thread${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(file, { workerData: this.#options, execArgv: [] });
    let reason = 'it was ended';
    worker.unref();
    worker.on('message', ({ id, found, failure }: Answer) => {
      const waiting = this.#waiting.get(id);
      if (failure === undefined) waiting?.resolve(found);
      else waiting?.reject(internal(`Searching the records failed: ${failure}`));
    });
    worker.on('error', (error) => {
      reason = String(error);
    });
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const waiting of this.#waiting.values())
        waiting.reject(new ThreadLost(`The thread that searches the records has ended: ${reason}.`));
    });
    return worker;
  }
}
