import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Teardown } from './teardown.ts';

/** What keeps things for a time. */
export interface Sweeper {
  /** Forgets what is too old. */
  sweep?(): void;
}

export interface SweepParts {
  clock: Clock;
  teardown: Teardown;
  log: Log;
}

const DAY_MS = 24 * 3600 * 1000;

/** Sweeps once a day, as an engine may run for weeks. What fails is logged and tried again the next day. */
export function sweepDaily(sweepers: readonly Sweeper[], { clock, teardown, log }: SweepParts): void {
  const sweep = () => {
    timer = clock.after(DAY_MS, sweep);
    for (const sweeper of sweepers) {
      try {
        sweeper.sweep?.();
      } catch (error) {
        log.error('What is too old could not be removed', { error });
      }
    }
  };
  let timer = clock.after(DAY_MS, sweep);
  teardown.add('Ending the sweeps', () => timer.cancel());
}
