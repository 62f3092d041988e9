import type { Clock } from '../clock.ts';
import type { Faults } from '../faults/index.ts';

export interface ControlsParts {
  /** Whether nobody's data can be lost. */
  isForTests: boolean;
  clock: Clock;
  faults: Faults;
  reset(): Promise<void>;
}

/**
 * What tests do with an engine that has been started for them. On an engine with a data directory, which may hold a user's
 * data, what changes anything is refused with an error.
 */
export class Controls {
  /**
   * Ends every session and task and removes all there is: rows, objects, logs, agents, client tokens and fault rules. The clock
   * shows real time again. The address, the account keys and the process stay. Calls meanwhile wait; those under way may fail.
   */
  readonly reset: () => Promise<void>;
  /** The time that users of AgentCore see; real time until it is moved. */
  readonly clock: Pick<Clock, 'now' | 'advance'> & { readonly offsetMs: number };
  /** Makes calls fail. */
  readonly faults: Pick<Faults, 'set' | 'list' | 'clear'>;

  constructor({ isForTests, clock, faults, reset }: ControlsParts) {
    const refuse = () => {
      if (isForTests) return;
      throw new Error(
        'This engine has a data directory, whose contents a test could destroy. Start one without: startEngine() or engine --ephemeral.',
      );
    };
    this.reset = async () => {
      refuse();
      await reset();
    };
    this.clock = {
      now: () => clock.now(),
      get offsetMs() {
        return clock.offsetMs;
      },
      async advance(ms) {
        refuse();
        await clock.advance(ms);
      },
    };
    this.faults = {
      async set(rules) {
        refuse();
        await faults.set(rules);
      },
      list: () => faults.list(),
      clear: () => faults.clear(),
    };
  }
}
