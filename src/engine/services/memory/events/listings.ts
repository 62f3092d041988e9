import type { FilterInput } from '@aws-sdk/client-bedrock-agentcore';
import type { Clock } from '../../../clock.ts';
import type { Page, Store } from '../../../store/store.ts';
import { invalid } from '../../exceptions.ts';
import { type Paging, tablePage } from '../../paging.ts';
import type { EventRow, MemoryKey } from '../memory.ts';
import { AFTER_ALL, branchesFrom, inBranches } from './branches.ts';
import { asEvent, columns, type EventRows, OF_MEMORY, type Session } from './rows.ts';

interface ListedEvent {
  id: string;
  details: string;
  /** Of its payload. */
  bytes: number;
}

/** What an actor's session is listed as. */
export interface ListedSession {
  id: number;
  sessionId: string;
  created: number;
}

export interface ListedActor {
  id: number;
  actorId: string;
}

/** Comes after every number of a session or an actor. */
const FROM_LAST = String(Number.MAX_SAFE_INTEGER);

/** Listings of the short-term memory, newest first. All throw ValidationException for a foreign token. */
export class EventListings {
  readonly #rows: EventRows;
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(rows: EventRows, clock: Clock) {
    this.#rows = rows;
    this.#store = rows.store;
    this.#clock = clock;
  }

  /** Without their payloads unless they are wanted. */
  events(
    key: MemoryKey,
    { actorId, sessionId }: Pick<EventRow, 'actorId' | 'sessionId'>,
    { filter = {}, payloads, ...paging }: Paging & { filter?: FilterInput | undefined; payloads: boolean },
  ): Page<EventRow> {
    const session = this.#rows.session(key, actorId, sessionId);
    const conditions = [...metadataConditions(filter), ...(session ? this.#ofBranch(session, filter) : [])];
    const select = (after = AFTER_ALL, limit: number) => {
      if (!session) return [];
      const sql = `SELECT id, details, octet_length(payload) AS bytes FROM memory_events
        WHERE ${['session = ? AND expires > ? AND id < ?', ...conditions.map(({ sql }) => sql)].join(' AND ')}
        ORDER BY id DESC LIMIT ?`;
      const values = conditions.flatMap(({ values }) => values);
      return this.#store.all<ListedEvent>(sql, session.id, this.#clock.now(), after, ...values, limit);
    };
    const page = tablePage(
      this.#store.pageTokens,
      {
        name: ['memory-event', ...columns(key), actorId, sessionId],
        select,
        position: ({ id }: ListedEvent) => id,
        bytes: ({ bytes }: ListedEvent) => (payloads ? bytes : 0),
      },
      paging,
    );
    if (!session) return { items: [] };
    const items = page.items.map(({ id, details }) =>
      asEvent(session, { id, details, ...(payloads && { payload: this.#rows.payload(session, id) }) }),
    );
    return { ...page, items };
  }

  /** An actor's; those that began last come first. */
  sessions(
    key: MemoryKey,
    actorId: string,
    { withEvents, ...paging }: Paging & { withEvents: boolean },
  ): Page<ListedSession> {
    const actor = this.#rows.actor(key, actorId);
    const now = this.#clock.now();
    const condition = withEvents
      ? 'AND EXISTS (SELECT 1 FROM memory_events WHERE session = memory_sessions.id AND memory_events.expires > ?)'
      : '';
    const select = (after = FROM_LAST, limit: number) =>
      this.#store.all<ListedSession>(
        `SELECT id, name AS sessionId, created FROM memory_sessions
         WHERE actor = ? AND expires > ? AND id < ? ${condition} ORDER BY id DESC LIMIT ?`,
        ...[actor ?? null, now, Number(after), ...(withEvents ? [now] : []), limit],
      );
    const name = ['memory-session', ...columns(key), actorId];
    return tablePage(
      this.#store.pageTokens,
      { name, select, position: ({ id }: ListedSession) => String(id) },
      paging,
    );
  }

  /** Those who came last come first. */
  actors(key: MemoryKey, paging: Paging): Page<ListedActor> {
    const select = (after = FROM_LAST, limit: number) =>
      this.#store.all<ListedActor>(
        `SELECT id, name AS actorId FROM memory_actors WHERE ${OF_MEMORY} AND id < ?
         AND EXISTS (SELECT 1 FROM memory_sessions WHERE actor = memory_actors.id AND expires > ?)
         ORDER BY id DESC LIMIT ?`,
        ...[...columns(key), Number(after), this.#clock.now(), limit],
      );
    const name = ['memory-actor', ...columns(key)];
    return tablePage(
      this.#store.pageTokens,
      { name, select, position: ({ id }: ListedActor) => String(id) },
      paging,
    );
  }

  #ofBranch(session: Session, { branch }: FilterInput) {
    if (branch?.name === undefined) return [];
    const branches = branchesFrom(this.#rows, session, branch.name);
    return [inBranches(branch.includeParentBranches ? branches : branches.slice(0, 1))];
  }
}

/** @throws ValidationException where a value to compare with is missing. */
function metadataConditions({ eventMetadata = [] }: FilterInput) {
  return eventMetadata.map(({ left, operator, right }, index) => {
    const path = `$.metadata."${left?.metadataKey}"`;
    if (operator === 'EXISTS') return { sql: 'details ->> ? IS NOT NULL', values: [path] };
    if (operator === 'NOT_EXISTS') return { sql: 'details ->> ? IS NULL', values: [path] };
    const value = right?.metadataValue?.stringValue;
    if (value === undefined)
      throw invalid(`filter.eventMetadata[${index}].right`, 'EQUALS_TO needs a metadataValue.stringValue.');
    return { sql: 'details ->> ? = ?', values: [path, value] };
  });
}
