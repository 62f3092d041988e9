import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';

interface Step {
  what: string;
  work: () => unknown;
  deadlineMs: number;
}

const DEADLINE_MS = 5_000;

/** What has to be undone, last things first. A step that fails or takes too long is logged and left behind. */
export class Teardown {
  readonly #log: Log;
  readonly #steps: Step[] = [];
  #running: Promise<void> | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  add(what: string, work: () => unknown, deadlineMs = DEADLINE_MS): void {
    this.#steps.push({ what, work, deadlineMs });
  }

  /** Undoes everything, once; later callers wait for the same. */
  run(): Promise<void> {
    this.#running ??= this.#undoAll();
    return this.#running;
  }

  async #undoAll(): Promise<void> {
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      const { what, work, deadlineMs } = step;
      try {
        if (!(await endsWithin(deadlineMs, work)))
          this.#log.error(`${what}: not done after ${deadlineMs / 1000} s`);
      } catch (error) {
        this.#log.error(`${what}: failed`, { error });
      }
    }
  }
}

async function endsWithin(deadlineMs: number, work: () => unknown): Promise<boolean> {
  const stop = new AbortController();
  const late = sleep(deadlineMs, false, { signal: stop.signal }).catch(() => false);
  try {
    return await Promise.race([Promise.resolve(work()).then(() => true), late]);
  } finally {
    stop.abort();
  }
}
