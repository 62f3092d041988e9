import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Scope } from '../service.ts';

/** One page of a listing. */
export interface Page<T> {
  items: T[];
  /** Opaque; absent on the last page. Stays valid while items are added or removed. */
  nextToken?: string;
}

/** JSON documents of one kind, separate per account and region, kept in the order they were first put. */
export interface Documents<T> {
  get(scope: Scope, id: string): T | undefined;
  /** Durable when it returns. */
  put(scope: Scope, id: string, document: T): void;
  /** Whether there was one. */
  delete(scope: Scope, id: string): boolean;
  /**
   * Newest first. `where` is applied before paging.
   * @throws InvalidTokenError when `nextToken` was not made by this listing.
   */
  list(
    scope: Scope,
    page: { maxResults: number; nextToken?: string; where?: (document: T) => boolean },
  ): Page<T>;
  /** Every document of every account and region, oldest first; for start-up sweeps. */
  all(): Iterable<{ scope: Scope; id: string; document: T }>;
}

/** Tells where a listing goes on, in words that only this database makes and that outlive the process. */
export interface PageTokens {
  /** @param listing What is listed, e.g. `['memory-event', account, region, memoryId]`; a token is good for that only. */
  make(listing: readonly string[], position: Uint8Array): string;
  /** @returns the position. @throws InvalidTokenError */
  read(listing: readonly string[], token: string): Buffer;
}

/** The engine's one SQLite database. A write is durable when the call returns. */
export interface Store {
  readonly db: DatabaseSync;
  /** Its path, for connections that only read. */
  readonly file: string;
  /** How many migrations have run, of all owners together; grows with every change of any table's form. */
  readonly version: number;
  /** Runs the migrations of an owner that have not run yet, in order, each in a transaction. */
  migrate(owner: string, migrations: readonly string[]): void;
  documents<T>(kind: string): Documents<T>;
  /** For listings of tables that services own. */
  readonly pageTokens: PageTokens;
  /** What the engine keeps for itself, under a name; belongs to no account. */
  setting(name: string): string | undefined;
  /** Durable when it returns. */
  setSetting(name: string, value: string): void;
  /** What a statement selects; `Row` is the caller's word. Statements are kept, so their texts should be few. */
  all<Row = Record<string, unknown>>(sql: string, ...values: SQLInputValue[]): Row[];
  /** Durable when it returns. @returns how many rows it changed. */
  run(sql: string, ...values: SQLInputValue[]): number;
  /** Runs `work`, which must be synchronous, in one transaction; what it throws rolls back. May be nested. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** A paging token that this listing did not make. */
export class InvalidTokenError extends Error {
  override readonly name = 'InvalidTokenError';
}
