import type { Clock, Timer } from '../../../clock.ts';
import type { Log } from '../../../log.ts';
import { orAborted } from '../../../or-aborted.ts';
import type { Store } from '../../../store/store.ts';
import { backOffMs, failureOf } from './failures.ts';
import type { Job } from './job.ts';
import type { Jobs } from './jobs.ts';
import type { Outcome } from './learning.ts';

/** The longest that a job may take, in real time. It may ask a slow model many times, each of which has its own deadline. */
const JOB_MS = 30 * 60_000;
/** How long an episode that goes on may be silent before it is taken as it is. */
const EPISODE_IDLE_MS = 15 * 60_000;
/** How many run at once. */
const AT_ONCE = 4;
/** How often a job may have ended the engine, as code that never comes back does. */
const MAX_BEGUN = 5;
/** How long a job rests that cannot even be marked as failed, as on a full disk. */
const REST_MS = 60_000;

export interface RunnerParts {
  jobs: Jobs;
  store: Store;
  clock: Clock;
  log: Log;
  /** Kept with each job. */
  provider: string;
  work(job: Job, signal: AbortSignal): Promise<Outcome>;
  /** For tests. Default: 30 minutes. */
  jobMs?: number;
}

/** Works on jobs that are due, until it is closed. What it has not done stays for the next one. */
export class Runner {
  readonly #parts: RunnerParts;
  readonly #running = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #alarm: Timer | undefined;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** Looks at what is due, and again when something becomes so. A database that cannot be read is read again at the next call. */
  wake(): void {
    if (this.#closing.signal.aborted) return;
    try {
      this.#look();
    } catch (error) {
      this.#parts.log.error('Extraction jobs cannot be looked at', { error });
    }
  }

  /** Resolves when everything has stopped. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#alarm?.cancel();
    await Promise.all(this.#running);
  }

  #look(): void {
    const { jobs, clock } = this.#parts;
    const now = clock.now();
    for (const job of jobs.take(now, AT_ONCE - this.#running.size)) this.#start(job);
    const next = jobs.nextDue(now);
    this.#alarm?.cancel();
    this.#alarm = next === undefined ? undefined : clock.after(next - now, () => this.wake());
  }

  #start(job: Job): void {
    const running = this.#attempt(job).then((kept) => {
      this.#running.delete(running);
      if (kept) this.#release(job);
      else this.#parts.clock.after(REST_MS, () => this.#release(job));
    });
    this.#running.add(running);
  }

  #release(job: Job): void {
    this.#parts.jobs.release(job);
    this.wake();
  }

  /** Whether what came of it is kept. Never rejects. */
  async #attempt(job: Job): Promise<boolean> {
    const { work, jobMs = JOB_MS, jobs, log } = this.#parts;
    const deadline = AbortSignal.timeout(jobMs);
    const signal = AbortSignal.any([deadline, this.#closing.signal]);
    try {
      if (job.begun >= MAX_BEGUN) throw new Error(`It has ended the engine ${MAX_BEGUN} times.`);
      const outcome = await orAborted(signal, work(job, signal));
      this.#keep(job, outcome);
      return true;
    } catch (error) {
      try {
        if (this.#closing.signal.aborted) jobs.postpone(job, job);
        else this.#fail(job, error, deadline.aborted);
        return true;
      } catch (failure) {
        log.error(`The extraction job ${job.id} rests for a minute`, { error: failure });
        return false;
      }
    }
  }

  /** All that came of it and that it is done, or nothing. One whose memory was deleted meanwhile leaves nothing. */
  #keep(job: Job, outcome: Outcome): void {
    const { jobs, store, clock, log, provider } = this.#parts;
    store.transaction(() => {
      if (!jobs.find(job.key, job.id)) return;
      outcome.apply();
      const now = clock.now();
      if (outcome.open) jobs.postpone(job, { status: 'IDLING', due: now + EPISODE_IDLE_MS, attempts: 0 });
      else jobs.done(job, provider, now);
    });
    const { strategyId, sessionId, messages } = job;
    log.debug(`The extraction job ${job.id} ${outcome.open ? 'waits for more' : 'is done'}`, {
      provider,
      strategyId,
      sessionId,
      messages,
    });
  }

  #fail(job: Job, error: unknown, late: boolean): void {
    const { jobs, clock, log, provider } = this.#parts;
    const { reason, retryable, unexpected } = failureOf(error, { late });
    const attempts = job.attempts + 1;
    const pause = retryable ? backOffMs(attempts) : undefined;
    const about = { reason, provider, strategyId: job.strategyId, sessionId: job.sessionId, error };
    if (pause !== undefined) {
      log.warn(`The extraction job ${job.id} is tried again in ${pause} ms`, about);
      jobs.postpone(job, { status: job.status, due: clock.now() + pause, attempts });
      return;
    }
    log[unexpected ? 'error' : 'warn'](`The extraction job ${job.id} has failed`, about);
    jobs.fail(job, reason, provider, clock.now());
  }
}
