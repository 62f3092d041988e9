import { randomBytes } from 'node:crypto';
import { ToolFailure } from '../failure.ts';

const MAX_RUNNING = 64;
const MAX_KEPT = 256;
/** How long the outcome of an ended task stays readable. */
const KEEP_MS = 60 * 60 * 1000;

/**
 * How long work that was cancelled, or a process that ends, waits for things to let go, e.g. for the stop of a session
 * that nobody else knows. Clients kill a server about four seconds after they have closed its stdin.
 */
export const LET_GO_MS = 3_000;

/** What a task does: told when to stop, and with a way to say how far it is. */
export type Work<Result> = (signal: AbortSignal, progress: (message: string) => void) => Promise<Result>;

export type TaskState = 'running' | 'completed' | 'failed' | 'cancelled';

/** Work that may outlive the call that started it. */
export class Task<Result = unknown> {
  /** 16 hexadecimal digits, not to be guessed. */
  readonly id = randomBytes(8).toString('hex');
  readonly label: string;
  readonly startedAt = new Date();
  endedAt?: Date;
  state: TaskState = 'running';
  /** The last thing the work said about itself. */
  progress?: string;
  /** The outcome; rejects where the work failed or was cancelled. */
  readonly result: Promise<Result>;
  /** Settles when the work has let go, which may be after the outcome of what was cancelled. Never rejects. */
  readonly released: Promise<void>;
  readonly #cancellation = new AbortController();
  readonly #listeners = new Set<(message: string) => void>();

  constructor(label: string, work: Work<Result>) {
    this.label = label;
    const working = work(this.#cancellation.signal, (message) => {
      this.progress = message;
      for (const hear of this.#listeners) hear(message);
    });
    this.released = settled(working);
    this.result = this.#outcomeOf(working);
    this.result.catch(() => {});
  }

  /** Hears what the work says about itself from now on. @returns what ends that. */
  listen(hear: (message: string) => void): () => void {
    this.#listeners.add(hear);
    return () => void this.#listeners.delete(hear);
  }

  /** Aborts the work. Its outcome then is {@link ToolFailure} `Cancelled`, whatever the work makes of it. */
  cancel(): void {
    this.#cancellation.abort();
  }

  /** Waits for the end of the work. @returns whether it has ended. */
  async ended(ms: number, signal: AbortSignal): Promise<boolean> {
    if (this.state !== 'running') return true;
    await waitFor(settled(this.result), ms, signal);
    return this.state !== 'running';
  }

  async #outcomeOf(working: Promise<Result>): Promise<Result> {
    const { signal } = this.#cancellation;
    const cancelled = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () =>
        reject(new ToolFailure({ code: 'Cancelled', message: `${this.label} was cancelled.` })),
      );
    });
    try {
      const result = await Promise.race([working, cancelled]);
      this.state = 'completed';
      return result;
    } catch (error) {
      this.state = signal.aborted ? 'cancelled' : 'failed';
      throw error;
    } finally {
      this.endedAt = new Date();
    }
  }
}

function settled(work: Promise<unknown>): Promise<void> {
  return work.then(
    () => {},
    () => {},
  );
}

/** Waits for work that never rejects, at most so long and until the signal aborts. */
async function waitFor(work: Promise<unknown>, ms: number, signal?: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let stop: () => void = () => {};
  const given = new Promise<void>((resolve) => {
    stop = resolve;
    timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) resolve();
  });
  await Promise.race([work, given]);
  clearTimeout(timer);
  signal?.removeEventListener('abort', stop);
}

/** The tasks of this process. Only those a client was told about can be found again. */
export class Tasks<Result = unknown> {
  /** Those that have not let go yet. */
  readonly #held = new Set<Task<Result>>();
  readonly #kept = new Map<string, Task<Result>>();

  /** @throws ToolFailure `TooManyTasks` when too many run already. */
  start(label: string, work: Work<Result>): Task<Result> {
    const running = [...this.#held].filter(({ state }) => state === 'running');
    if (running.length >= MAX_RUNNING)
      throw new ToolFailure({
        code: 'TooManyTasks',
        message: `${MAX_RUNNING} calls are running already.`,
        hint: 'Wait for one of them, or cancel one with get_task.',
        retryable: true,
      });
    const task = new Task(label, work);
    this.#held.add(task);
    task.released.then(() => this.#held.delete(task));
    return task;
  }

  /** Makes a task one that {@link find} finds, until an hour after its end. */
  keep(task: Task<Result>): void {
    this.#forget();
    this.#kept.set(task.id, task);
  }

  find(id: string): Task<Result> | undefined {
    this.#forget();
    return this.#kept.get(id);
  }

  /** Cancels everything that runs and waits until all has let go, also what was cancelled before; at most so long. */
  async close(ms = LET_GO_MS): Promise<void> {
    const held = [...this.#held];
    for (const task of held) task.cancel();
    await waitFor(Promise.all(held.map(({ released }) => released)), ms);
  }

  #forget(): void {
    const oldest = Date.now() - KEEP_MS;
    for (const [id, task] of this.#kept) {
      if (task.endedAt && (task.endedAt.getTime() < oldest || this.#kept.size >= MAX_KEPT))
        this.#kept.delete(id);
    }
  }
}
