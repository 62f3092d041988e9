/** An action that waits for its time. */
export interface Timer {
  /** Does nothing where the action has begun. */
  cancel(): void;
}

interface Waiting {
  /** On the steady clock of {@link Clock}, in milliseconds. */
  due: number;
  action: () => void;
  alarm?: NodeJS.Timeout;
}

/** The longest that Node's own timers wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * The time that users of AgentCore see: real time, until a test moves it forward. For what counts in minutes and days, such as
 * times to live and creation times. Technical deadlines stay with real time.
 */
export class Clock {
  readonly #waiting = new Set<Waiting>();
  /** When it was moved, in real time, and by how much. */
  #moves: { at: number; ms: number }[] = [];
  #offset = 0;

  /** Milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.#offset;
  }

  /** How far it is ahead of real time, in milliseconds. */
  get offsetMs(): number {
    return this.#offset;
  }

  /** What it showed at a moment of real time; both in milliseconds since the epoch. */
  at(real: number): number {
    return this.#moves.reduce((time, { at, ms }) => (at <= real ? time + ms : time), real);
  }

  /** Runs `action` in `ms` milliseconds, which may be months, or as soon as the clock has been moved that far. Does not keep the process alive. */
  after(ms: number, action: () => void): Timer {
    const waiting: Waiting = { due: this.#steady() + ms, action };
    this.#waiting.add(waiting);
    this.#arm(waiting);
    return { cancel: () => this.#drop(waiting) };
  }

  /** Resolves after `ms` milliseconds, or as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        timer.cancel();
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = this.after(ms, wake);
      signal?.addEventListener('abort', wake);
    });
  }

  /**
   * Moves it forward. What has become due has been started, in order, when the promise resolves.
   * @throws RangeError unless `ms` is a whole number of milliseconds, not negative, and the time stays one that a Date can hold.
   */
  async advance(ms: number): Promise<void> {
    if (!Number.isSafeInteger(ms) || ms < 0 || Number.isNaN(new Date(this.now() + ms).getTime())) {
      throw new RangeError(
        `A clock is moved forward by whole milliseconds, and not beyond the year 275760; ${ms} cannot be.`,
      );
    }
    this.#offset += ms;
    this.#moves.push({ at: Date.now(), ms });
    const now = this.#steady();
    const due = [...this.#waiting].filter((waiting) => waiting.due <= now).sort((a, b) => a.due - b.due);
    for (const waiting of due) if (this.#waiting.has(waiting)) this.#run(waiting);
    for (const waiting of this.#waiting) this.#arm(waiting);
  }

  /** Goes back to real time. What waits is forgotten. */
  reset(): void {
    for (const waiting of this.#waiting) this.#drop(waiting);
    this.#offset = 0;
    this.#moves = [];
  }

  /** Unlike the time of day, it goes forward only. */
  #steady(): number {
    return performance.now() + this.#offset;
  }

  #arm(waiting: Waiting): void {
    clearTimeout(waiting.alarm);
    const left = waiting.due - this.#steady();
    waiting.alarm = setTimeout(
      () => (left > MAX_TIMER_MS ? this.#arm(waiting) : this.#run(waiting)),
      Math.min(left, MAX_TIMER_MS),
    ).unref();
  }

  /** One that fails must not keep the others from running. */
  #run(waiting: Waiting): void {
    this.#drop(waiting);
    try {
      waiting.action();
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #drop(waiting: Waiting): void {
    clearTimeout(waiting.alarm);
    this.#waiting.delete(waiting);
  }
}
