import { randomInt } from 'node:crypto';
import type { Clock } from '../../../clock.ts';
import type { Store } from '../../../store/store.ts';
import { invalid, notFound } from '../../exceptions.ts';
import type { EventRow, MemoryKey } from '../memory.ts';
import { branchesFrom, inBranches } from './branches.ts';
import type { EventListener, Events } from './events.ts';
import { asEvent, columns, EventRows, idPrefix, OF_MEMORY, type Session, type StoredEvent } from './rows.ts';

const DAY_MS = 24 * 3600 * 1000;
/** How long a client token is remembered. AWS publishes no figure. */
const TOKEN_MS = DAY_MS;

/** The branch of events that name none. */
export const MAIN = 'main';

/** An event that is to be. */
export type NewEvent = Omit<EventRow, 'eventId'>;

/** The short-term memory. */
export class EventStore implements Events {
  readonly rows: EventRows;
  readonly #store: Store;
  readonly #clock: Clock;

  constructor({ store, clock }: { store: Store; clock: Clock }) {
    this.rows = new EventRows(store);
    this.#store = store;
    this.#clock = clock;
    this.sweep();
  }

  /**
   * Keeps an event for so many days from now. A client token that was used within a day gives the event that was made with it.
   * @throws ValidationException, ResourceNotFoundException for a root of its branch that is not in the session.
   */
  create(
    key: MemoryKey,
    event: NewEvent,
    {
      days,
      token,
      listener,
    }: { days: number; token?: string | undefined; listener?: EventListener | undefined },
  ): EventRow {
    const { row, isNew } = this.#store.transaction(() => {
      const known = token === undefined ? undefined : this.#ofToken(key, token, event);
      if (known) return { row: known, isNew: false };
      const row = this.#keep(key, event, days);
      if (token !== undefined) this.#rememberToken(key, token, row);
      listener?.kept(key, row);
      return { row, isNew: true };
    });
    if (isNew) listener?.wake();
    return row;
  }

  get(key: MemoryKey, actorId: string, sessionId: string, eventId: string): EventRow | undefined {
    const session = this.rows.session(key, actorId, sessionId);
    return session && this.rows.event(session, eventId, this.#clock.now());
  }

  /** Whether there was one. */
  delete(key: MemoryKey, actorId: string, sessionId: string, eventId: string): boolean {
    if (!this.get(key, actorId, sessionId, eventId)) return false;
    const session = this.rows.session(key, actorId, sessionId) as Session;
    return this.#store.run('DELETE FROM memory_events WHERE session = ? AND id = ?', session.id, eventId) > 0;
  }

  upTo(
    key: MemoryKey,
    actorId: string,
    sessionId: string,
    { eventId, limit }: { eventId?: string; limit: number },
  ): EventRow[] {
    const session = this.rows.session(key, actorId, sessionId);
    if (!session) return [];
    const last = eventId === undefined ? undefined : this.rows.event(session, eventId, this.#clock.now());
    if (eventId !== undefined && !last) return [];
    const { sql, values } = last
      ? inBranches(branchesFrom(this.rows, session, last.branch.name))
      : { sql: 'TRUE', values: [] };
    return this.#store
      .all<StoredEvent>(
        `SELECT id, details, payload FROM memory_events WHERE session = ? AND expires > ? AND id <= ? AND ${sql}
         ORDER BY id DESC LIMIT ?`,
        ...[session.id, this.#clock.now(), eventId ?? '~', ...values, limit],
      )
      .reverse()
      .map((row) => asEvent(session, row));
  }

  /** Forgets everything of a memory. */
  forget(key: MemoryKey): void {
    for (const table of ['memory_sessions', 'memory_event_tokens'])
      this.#store.run(`DELETE FROM ${table} WHERE ${OF_MEMORY}`, ...columns(key));
  }

  /** Forgets what has expired. */
  sweep(): void {
    const now = this.#clock.now();
    this.#store.run('DELETE FROM memory_events WHERE expires <= ?', now);
    this.#store.run('DELETE FROM memory_sessions WHERE expires <= ?', now);
    this.#store.run('DELETE FROM memory_event_tokens WHERE at <= ?', now - TOKEN_MS);
  }

  #keep(key: MemoryKey, event: NewEvent, days: number): EventRow {
    const now = this.#clock.now();
    const expires = now + days * DAY_MS;
    const session = this.rows.putSession(key, event.actorId, event.sessionId, { now, expires });
    this.#grow(key, session, event.branch, now);
    const row = { ...event, eventId: this.#newId(session, event.at) };
    this.rows.putEvent(session, row, expires);
    return row;
  }

  #grow(key: MemoryKey, session: Session, { name, rootEventId }: EventRow['branch'], now: number): void {
    if (name === MAIN) return;
    const root = rootEventId === undefined ? undefined : this.#root(key, session, rootEventId, now);
    this.rows.putBranch(session, name, { root: root?.eventId ?? null, parent: root?.branch.name ?? null });
  }

  #root(key: MemoryKey, session: Session, eventId: string, now: number): EventRow {
    const root = this.rows.event(session, eventId, now);
    if (root) return root;
    if (!this.rows.hasEvent(key, eventId)) throw notFound(`Unable to find event with id ${eventId}`);
    throw invalid(
      'branch.rootEventId',
      `The event ${eventId} is not in the session ${session.sessionId}. A branch begins at an event of its own session.`,
      'EventInOtherSession',
    );
  }

  /** Of events of the same moment, the later one has the greater id. */
  #newId(session: Session, at: number): string {
    const prefix = idPrefix(at);
    const newest = this.rows.newestId(session, prefix);
    const suffix =
      newest === undefined
        ? randomInt(0x8000_0000)
        : Number.parseInt(newest.slice(prefix.length), 16) + randomInt(1, 0x1_0000);
    return `${prefix}${suffix.toString(16).padStart(8, '0')}`;
  }

  #ofToken(key: MemoryKey, token: string, event: NewEvent): EventRow | undefined {
    const [known] = this.#store.all<{ event: string }>(
      `SELECT event FROM memory_event_tokens WHERE ${OF_MEMORY} AND token = ? AND at > ?`,
      ...[...columns(key), token, this.#clock.now() - TOKEN_MS],
    );
    if (!known) return undefined;
    const { actorId, sessionId, eventId } = JSON.parse(known.event) as EventRow;
    return this.get(key, actorId, sessionId, eventId) ?? { ...event, actorId, sessionId, eventId };
  }

  #rememberToken(key: MemoryKey, token: string, { actorId, sessionId, eventId }: EventRow): void {
    this.#store.run(
      'INSERT OR REPLACE INTO memory_event_tokens VALUES (?, ?, ?, ?, ?, ?)',
      ...[...columns(key), token, JSON.stringify({ actorId, sessionId, eventId }), this.#clock.now()],
    );
  }
}
