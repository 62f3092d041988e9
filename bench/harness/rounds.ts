import { setTimeout as sleep } from 'node:timers/promises';

/** Something to measure. Resolves with what was measured, for example the milliseconds it took. */
export type Subject = () => Promise<number>;

export interface Rounds {
  rounds: number;
  /** Rounds before them that do not count. Default 1. */
  warmUp?: number;
  /** For one subject in one round. Default 60,000. */
  deadlineMs?: number;
  /** Left between two subjects, for what goes on after an answer to end. Default 0. */
  pauseMs?: number;
}

/**
 * Measures by turns, A B A B: the speed of a machine drifts, and so it drifts for all alike.
 * @returns for each subject a series with one value a round.
 * @throws Error when a subject fails or misses its deadline.
 */
export async function byTurns<Name extends string>(
  subjects: Readonly<Record<Name, Subject>>,
  { rounds, warmUp = 1, deadlineMs = 60_000, pauseMs = 0 }: Rounds,
): Promise<Record<Name, number[]>> {
  const entries = Object.entries(subjects) as [Name, Subject][];
  const series = Object.fromEntries(entries.map(([name]) => [name, []])) as Record<string, number[]>;
  for (let round = -warmUp; round < rounds; round++) {
    for (const [name, subject] of entries) {
      const value = await within(subject(), deadlineMs, name);
      if (round >= 0) series[name]?.push(value);
      if (pauseMs > 0) await sleep(pauseMs);
    }
  }
  return series as Record<Name, number[]>;
}

/** How long some work takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** @throws Error when the work has not ended in time; it may go on. */
export async function within<T>(work: Promise<T>, deadlineMs: number, what: string): Promise<T> {
  const { promise: overdue, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what}: no end within ${deadlineMs} ms.`)), deadlineMs);
  try {
    return await Promise.race([work, overdue]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs work for each item, so many at a time. */
export async function atOnce<T>(most: number, items: readonly T[], work: (item: T) => Promise<unknown>) {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: most }, worker));
}
