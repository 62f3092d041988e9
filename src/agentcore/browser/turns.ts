import { untilAborted } from '../until-aborted.ts';

/** Lets one work after the other go on for each name, in the order in which they came. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Whether work goes on, or is about to. */
  taken(name: string): boolean {
    return this.#last.has(name);
  }

  /** @throws the signal's reason where it aborts before the turn has come, and what `work` throws. */
  async take<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const own = Promise.withResolvers<void>();
    const both = before.then(() => own.promise);
    this.#last.set(name, both);
    void both.then(() => this.#last.get(name) === both && this.#last.delete(name));
    try {
      await untilAborted(before, signal);
      return await work();
    } finally {
      own.resolve();
    }
  }
}
