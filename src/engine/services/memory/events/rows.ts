import type { Store } from '../../../store/store.ts';
import type { EventRow, MemoryKey } from '../memory.ts';
import { eventTables } from './tables.ts';

/** What of an event stands in one column. */
export type EventDetails = Pick<EventRow, 'branch' | 'metadata' | 'extractionMode' | 'namespaceVariables'>;

/** A session of an actor. */
export interface Session {
  id: number;
  actorId: string;
  sessionId: string;
}

/** Where a branch comes from. */
export interface BranchRow {
  root: string | null;
  parent: string | null;
}

/** The tables of the short-term memory, row by row. */
export class EventRows {
  readonly store: Store;

  constructor(store: Store) {
    this.store = store;
    store.migrate('memory-events', eventTables);
  }

  session(key: MemoryKey, actorId: string, sessionId: string): Session | undefined {
    const [row] = this.store.all<{ id: number }>(
      `SELECT memory_sessions.id FROM memory_actors JOIN memory_sessions ON actor = memory_actors.id
       WHERE ${OF_MEMORY} AND memory_actors.name = ? AND memory_sessions.name = ?`,
      ...[...columns(key), actorId, sessionId],
    );
    return row && { id: row.id, actorId, sessionId };
  }

  /** Finds or makes it; it lasts as long as its longest event. */
  putSession(
    key: MemoryKey,
    actorId: string,
    sessionId: string,
    { now, expires }: { now: number; expires: number },
  ): Session {
    const [row] = this.store.all<{ id: number }>(
      `INSERT INTO memory_sessions (actor, name, created, expires) VALUES (?, ?, ?, ?)
       ON CONFLICT (actor, name) DO UPDATE SET expires = max(expires, excluded.expires) RETURNING id`,
      ...[this.#putActor(key, actorId), sessionId, now, expires],
    );
    return { ...(row as { id: number }), actorId, sessionId };
  }

  /** Its number, also where it is new. */
  #putActor(key: MemoryKey, actorId: string): number {
    const named = [...columns(key), actorId];
    const id = this.actor(key, actorId);
    if (id !== undefined) return id;
    const insert =
      'INSERT INTO memory_actors (account, region, memory, name) VALUES (?, ?, ?, ?) RETURNING id';
    return (this.store.all<{ id: number }>(insert, ...named)[0] as { id: number }).id;
  }

  /** Its number. */
  actor(key: MemoryKey, actorId: string): number | undefined {
    const select = `SELECT id FROM memory_actors WHERE ${OF_MEMORY} AND name = ?`;
    return this.store.all<{ id: number }>(select, ...columns(key), actorId)[0]?.id;
  }

  putEvent(session: Session, event: EventRow, expires: number): void {
    const { branch, metadata, extractionMode, namespaceVariables } = event;
    const details: EventDetails = { branch, metadata, extractionMode, namespaceVariables };
    this.store.run(
      'INSERT INTO memory_events VALUES (?, ?, ?, ?, ?, ?)',
      ...[session.id, event.eventId, branch.name, expires],
      ...[JSON.stringify(details), JSON.stringify(event.payload)],
    );
  }

  event(session: Session, eventId: string, now: number): EventRow | undefined {
    const [row] = this.store.all<StoredEvent>(
      'SELECT id, details, payload FROM memory_events WHERE session = ? AND id = ? AND expires > ?',
      ...[session.id, eventId, now],
    );
    return row && asEvent(session, row);
  }

  payload(session: Session, eventId: string): string {
    const select = 'SELECT payload FROM memory_events WHERE session = ? AND id = ?';
    const [row] = this.store.all<{ payload: string }>(select, session.id, eventId);
    return row?.payload ?? '[]';
  }

  /** The newest id that begins so. */
  newestId(session: Session, prefix: string): string | undefined {
    const [row] = this.store.all<{ id: string | null }>(
      'SELECT max(id) AS id FROM memory_events WHERE session = ? AND id >= ? AND id < ?',
      ...[session.id, prefix, `${prefix}~`],
    );
    return row?.id ?? undefined;
  }

  /** Whether any session of the memory has such an event. */
  hasEvent(key: MemoryKey, eventId: string): boolean {
    return (
      this.store.all(
        `SELECT 1 FROM memory_actors JOIN memory_sessions ON actor = memory_actors.id
         JOIN memory_events ON session = memory_sessions.id AND memory_events.id = ? WHERE ${OF_MEMORY} LIMIT 1`,
        eventId,
        ...columns(key),
      ).length > 0
    );
  }

  branch(session: Session, name: string): BranchRow | undefined {
    return this.store.all<BranchRow>(
      'SELECT root, parent FROM memory_branches WHERE session = ? AND name = ?',
      session.id,
      name,
    )[0];
  }

  /** Where it comes from is what its first event says that says so. */
  putBranch(session: Session, name: string, { root, parent }: BranchRow): void {
    this.store.run(
      `INSERT INTO memory_branches VALUES (?, ?, ?, ?)
       ON CONFLICT (session, name) DO UPDATE SET root = excluded.root, parent = excluded.parent WHERE root IS NULL`,
      ...[session.id, name, root, parent],
    );
  }
}

/** For the columns in which every table names the memory. */
export const OF_MEMORY = 'account = ? AND region = ? AND memory = ?';

export const columns = ({ scope, memoryId }: MemoryKey) => [scope.account, scope.region, memoryId];

/** An event as a select gives it; without `payload` where that is not wanted. */
export interface StoredEvent {
  id: string;
  details: string;
  payload?: string;
}

export function asEvent({ actorId, sessionId }: Session, { id, details, payload }: StoredEvent): EventRow {
  return {
    ...{ eventId: id, actorId, sessionId, at: timeOf(id) },
    ...(JSON.parse(details) as EventDetails),
    payload: payload === undefined ? [] : JSON.parse(payload),
  };
}

const TIME_DIGITS = 19;

/** How the ids of events of a moment begin. */
export const idPrefix = (at: number) => `${String(at).padStart(TIME_DIGITS, '0')}#`;

const timeOf = (eventId: string) => Number(eventId.slice(0, TIME_DIGITS));
