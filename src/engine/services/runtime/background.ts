import type { Log } from '../../log.ts';

/** Work that goes on after its call was answered, until the engine closes. */
export class Background {
  readonly #running = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** How much is going on. */
  get size(): number {
    return this.#running.size;
  }

  /** What it throws is logged, unless it is the closing of the engine. */
  run(what: string, work: (signal: AbortSignal) => Promise<void>): void {
    const { signal } = this.#closing;
    if (signal.aborted) return;
    const running = work(signal)
      .catch((error) => {
        if (!signal.aborted) this.#log.error(`${what} failed`, { error });
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Stops everything, and resolves when it has stopped. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#running);
  }
}

/** The result of work that cannot be stopped. @throws the signal's reason as soon as it aborts. */
export async function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
