import type { Clock } from '../../../clock.ts';
import type { Log } from '../../../log.ts';
import type { Store } from '../../../store/store.ts';

/** So many rows are removed at once; then others have their turn. */
const AT_ONCE = 500;
/** How long a client token is remembered. AWS publishes no figure. */
export const TOKEN_MS = 24 * 3600 * 1000;

/** Removes what has expired and what was of deleted memories, in the background. */
export class Expiry {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Log;
  #next: NodeJS.Immediate | undefined;

  constructor({ store, clock, log }: { store: Store; clock: Clock; log: Log }) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** Goes on until nothing is left that is to go. */
  run(): void {
    clearImmediate(this.#next);
    this.#next = setImmediate(() => {
      try {
        if (this.#store.transaction(() => this.#removeSome())) this.run();
      } catch (error) {
        this.#log.error('Old events could not be removed', { error });
      }
    });
  }

  close(): void {
    clearImmediate(this.#next);
  }

  /** Whether there was anything. A session goes after its events, and an actor after the last session. */
  #removeSome(): boolean {
    const now = this.#clock.now();
    return this.#ofForgotten() || this.#events(now) || this.#sessions(now) || this.#tokens(now - TOKEN_MS);
  }

  #ofForgotten(): boolean {
    const [actor] = this.#store.all<{ id: number }>(
      'SELECT id FROM memory_actors WHERE memory IS NULL LIMIT 1',
    );
    if (!actor) return false;
    const events = this.#store.run(
      `DELETE FROM memory_events WHERE rowid IN (
         SELECT memory_events.rowid FROM memory_sessions JOIN memory_events ON session = memory_sessions.id
         WHERE actor = ? LIMIT ${AT_ONCE})`,
      actor.id,
    );
    if (events === AT_ONCE) return true;
    this.#store.run('DELETE FROM memory_sessions WHERE actor = ?', actor.id);
    this.#store.run('DELETE FROM memory_actors WHERE id = ?', actor.id);
    return true;
  }

  #events(now: number): boolean {
    return (
      this.#store.run(
        `DELETE FROM memory_events WHERE rowid IN (
           SELECT rowid FROM memory_events WHERE expires <= ? LIMIT ${AT_ONCE})`,
        now,
      ) > 0
    );
  }

  #sessions(now: number): boolean {
    const gone = this.#store.all<{ actor: number }>(
      `DELETE FROM memory_sessions WHERE id IN (
         SELECT id FROM memory_sessions WHERE expires <= ? LIMIT ${AT_ONCE}) RETURNING actor`,
      now,
    );
    for (const actor of new Set(gone.map((session) => session.actor)))
      this.#store.run(
        'DELETE FROM memory_actors WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM memory_sessions WHERE actor = ?1)',
        actor,
      );
    return gone.length > 0;
  }

  #tokens(before: number): boolean {
    return (
      this.#store.run(
        `DELETE FROM memory_event_tokens WHERE (account, region, memory, token) IN (
           SELECT account, region, memory, token FROM memory_event_tokens WHERE at <= ? LIMIT ${AT_ONCE})`,
        before,
      ) > 0
    );
  }
}
