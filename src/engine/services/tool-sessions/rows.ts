import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { Scope } from '../../service.ts';
import type { Documents, Page, Store } from '../../store/store.ts';
import { notFound } from '../exceptions.ts';
import { type Paging, page } from '../paging.ts';

/** Ended sessions stay readable for 30 days, as on AWS. */
const RETENTION_MS = 30 * 24 * 3600 * 1000;

export interface SessionRow {
  sessionId: string;
  name?: string | undefined;
  sessionTimeoutSeconds: number;
  status: 'READY' | 'TERMINATED';
  /** Milliseconds since the epoch, as all times here. */
  createdAt: number;
  lastUpdatedAt: number;
  /** Why it is TERMINATED, in words. */
  ending?: string;
}

/** What a listing tells of a session, but for its ids. */
export function summaryOf({ name, status, createdAt, lastUpdatedAt }: SessionRow) {
  return { name, status, createdAt: new Date(createdAt), lastUpdatedAt: new Date(lastUpdatedAt) };
}

/** What a tool's sessions are called, and where they are noted. */
export interface SessionNames<Row extends SessionRow> {
  /** The collection of their rows, e.g. `browser-session`. */
  collection: string;
  /** E.g. `browser session`. */
  title: string;
  /** The operation that names the ones there are. */
  listing: string;
  /** The id of the tool resource that a session is of. */
  resourceOf(row: Row): string;
}

/** What the end of a session changes in its row. */
interface End {
  scope: Scope;
  change: Required<Pick<SessionRow, 'status' | 'lastUpdatedAt' | 'ending'>>;
}

/**
 * What is known of the sessions of a built-in tool, whether they run or not. The end of one counts at once, also where the store cannot
 * take it: it is kept here then, and written together with the next row.
 */
export class SessionRows<Row extends SessionRow> {
  readonly #rows: Documents<Row>;
  readonly #names: SessionNames<Row>;
  readonly #log: Log;
  readonly #clock: Clock;
  /** By session. */
  readonly #unwritten = new Map<string, End>();

  constructor(names: SessionNames<Row>, { store, log, clock }: { store: Store; log: Log; clock: Clock }) {
    this.#names = names;
    this.#rows = store.documents(names.collection);
    this.#log = log;
    this.#clock = clock;
  }

  /** @throws ResourceNotFoundException for an id that this resource never had. */
  get(scope: Scope, resource: string, sessionId: string): Row {
    const row = this.#rows.get(scope, sessionId);
    if (row && this.#names.resourceOf(row) === resource) return this.#current(row);
    throw notFound(
      `There is no session ${sessionId} of ${resource} in this account and region. ${this.#names.listing} names the ones there are.`,
    );
  }

  /** Newest first. @throws ValidationException for a token that this listing did not make. */
  list(
    scope: Scope,
    resource: string,
    { status, ...paging }: Paging & { status?: string | undefined },
  ): Page<Row> {
    const { items, nextToken } = page(
      this.#rows,
      scope,
      paging,
      (row) =>
        this.#names.resourceOf(row) === resource &&
        (status === undefined || this.#current(row).status === status),
    );
    return { items: items.map((row) => this.#current(row)), nextToken };
  }

  add(scope: Scope, row: Row): void {
    this.#rows.put(scope, row.sessionId, row);
    this.#writeEnds();
  }

  /** Changes the row of a session that runs. */
  change(scope: Scope, resource: string, sessionId: string, change: Partial<Row>): Row {
    const row = { ...this.get(scope, resource, sessionId), ...change, lastUpdatedAt: this.#clock.now() };
    this.#rows.put(scope, sessionId, row);
    return row;
  }

  /** Marks a session as TERMINATED. Never throws. */
  end(scope: Scope, sessionId: string, ending: string): void {
    this.#noteEnd(scope, sessionId, ending);
    this.#writeEnds();
  }

  /** Ends what is READY and does not run: an earlier engine left it. Forgets what is too old. */
  sweep(isLive: (sessionId: string) => boolean): void {
    const oldest = this.#clock.now() - RETENTION_MS;
    for (const { scope, id, document } of this.#rows.all()) {
      const { status, lastUpdatedAt } = this.#current(document);
      if (isLive(id)) continue;
      if (lastUpdatedAt < oldest) this.#rows.delete(scope, id);
      else if (status === 'READY') this.#noteEnd(scope, id, 'the engine that ran it stopped without warning');
    }
    this.#writeEnds();
  }

  #noteEnd(scope: Scope, sessionId: string, ending: string): void {
    this.#unwritten.set(sessionId, {
      scope,
      change: { status: 'TERMINATED', lastUpdatedAt: this.#clock.now(), ending },
    });
  }

  #writeEnds(): void {
    try {
      for (const [sessionId, { scope, change }] of this.#unwritten) {
        const row = this.#rows.get(scope, sessionId);
        if (row) this.#rows.put(scope, sessionId, { ...row, ...change });
        this.#unwritten.delete(sessionId);
      }
    } catch (error) {
      this.#log.error(`The end of ${this.#names.title}s cannot be stored yet`, {
        sessions: [...this.#unwritten.keys()],
        error,
      });
    }
  }

  /** A row as it would be if the store had taken everything. */
  #current(row: Row): Row {
    return { ...row, ...this.#unwritten.get(row.sessionId)?.change };
  }
}
