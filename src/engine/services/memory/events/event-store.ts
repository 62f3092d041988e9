import { randomInt } from 'node:crypto';
import type { Clock } from '../../../clock.ts';
import type { Log } from '../../../log.ts';
import type { Store } from '../../../store/store.ts';
import { invalid, notFound } from '../../exceptions.ts';
import type { EventRow, MemoryKey } from '../memory.ts';
import { AFTER_ALL, branchesFrom, inBranches } from './branches.ts';
import type { EventListener, Events } from './events.ts';
import { Expiry, TOKEN_MS } from './expiry.ts';
import { asEvent, columns, EventRows, idPrefix, OF_MEMORY, type Session, type StoredEvent } from './rows.ts';

const DAY_MS = 24 * 3600 * 1000;

/** The branch of events that name none. */
export const MAIN = 'main';

/** An event that is to be. */
export type NewEvent = Omit<EventRow, 'eventId'>;

/** The short-term memory. */
export class EventStore implements Events {
  readonly rows: EventRows;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #expiry: Expiry;

  constructor({ store, clock, log }: { store: Store; clock: Clock; log: Log }) {
    this.rows = new EventRows(store);
    this.#store = store;
    this.#clock = clock;
    this.#expiry = new Expiry({ store, clock, log });
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
      const { row, session } = this.#keep(key, event, days);
      if (token !== undefined) this.#rememberToken(key, token, { session, eventId: row.eventId });
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
        ...[session.id, this.#clock.now(), eventId ?? AFTER_ALL, ...values, limit],
      )
      .reverse()
      .map((row) => asEvent(session, row));
  }

  /** Forgets everything of a memory at once. May be part of a transaction; the room is freed in the background. */
  forget(key: MemoryKey): void {
    this.#store.run(`UPDATE memory_actors SET memory = NULL WHERE ${OF_MEMORY}`, ...columns(key));
    this.#expiry.run();
  }

  /** Frees the room of what has expired, in the background. */
  sweep(): void {
    this.#expiry.run();
  }

  close(): void {
    this.#expiry.close();
  }

  #keep(key: MemoryKey, event: NewEvent, days: number): { row: EventRow; session: Session } {
    const now = this.#clock.now();
    const expires = now + days * DAY_MS;
    const session = this.rows.putSession(key, event.actorId, event.sessionId, { now, expires });
    this.#grow(key, session, event.branch, now);
    const row = { ...event, eventId: this.#newId(session, event.at) };
    this.rows.putEvent(session, row, expires);
    return { row, session };
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

  /** One whose memory was deleted meanwhile has no session. */
  #ofToken(key: MemoryKey, token: string, event: NewEvent): EventRow | undefined {
    const [known] = this.#store.all<Pick<EventRow, 'actorId' | 'sessionId' | 'eventId'>>(
      `SELECT memory_actors.name AS actorId, memory_sessions.name AS sessionId, event AS eventId
       FROM memory_event_tokens AS tokens JOIN memory_sessions ON memory_sessions.id = tokens.session
       JOIN memory_actors ON memory_actors.id = actor AND memory_actors.memory = tokens.memory
       WHERE tokens.account = ? AND tokens.region = ? AND tokens.memory = ? AND token = ? AND at > ?`,
      ...[...columns(key), token, this.#clock.now() - TOKEN_MS],
    );
    if (!known) return undefined;
    const { actorId, sessionId, eventId } = known;
    return this.get(key, actorId, sessionId, eventId) ?? { ...event, ...known };
  }

  #rememberToken(
    key: MemoryKey,
    token: string,
    { session, eventId }: { session: Session; eventId: string },
  ): void {
    this.#store.run(
      'INSERT OR REPLACE INTO memory_event_tokens VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[...columns(key), token, session.id, eventId, this.#clock.now()],
    );
  }
}
