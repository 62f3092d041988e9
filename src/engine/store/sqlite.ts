import { randomBytes } from 'node:crypto';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { touchPrivate } from '../process/data-dir.ts';
import { SqliteDocuments } from './documents.ts';
import { explaining } from './errors.ts';
import { Migrations } from './migrations.ts';
import { SealedTokens } from './page-tokens.ts';
import type { Documents, PageTokens, Store } from './store.ts';

const BUSY_TIMEOUT_MS = 5_000;

const tables = [
  `CREATE TABLE documents (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     kind TEXT NOT NULL,
     account TEXT NOT NULL,
     region TEXT NOT NULL,
     id TEXT NOT NULL,
     body TEXT NOT NULL,
     UNIQUE (kind, account, region, id)
   ) STRICT;
   CREATE INDEX documents_by_age ON documents (kind, account, region, seq);
   CREATE TABLE token_key (only INTEGER PRIMARY KEY CHECK (only = 1), key BLOB NOT NULL) STRICT;`,
  `CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
   INSERT INTO settings SELECT 'port', body FROM documents WHERE kind = 'engine-port';
   DELETE FROM documents WHERE kind = 'engine-port';`,
];

/**
 * The store in one SQLite file, made for its owner only where there is none.
 * @param passing Nobody needs it after a crash of the machine: it does not wait for the disk.
 * @throws StoreError when the file cannot be used, or was written by a newer version of this program.
 */
export function openStore(file: string, { passing = false }: { passing?: boolean } = {}): Store {
  return explaining(file, () => {
    touchPrivate(file);
    const db = new DatabaseSync(file, { enableForeignKeyConstraints: true });
    try {
      db.exec(
        `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = ${passing ? 'OFF' : 'FULL'}`,
      );
      return new SqliteStore(db, file);
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

class SqliteStore implements Store {
  readonly db: DatabaseSync;
  readonly file: string;
  readonly pageTokens: PageTokens;
  readonly #migrations: Migrations;
  readonly #statements = new Map<string, StatementSync>();
  #depth = 0;

  constructor(db: DatabaseSync, file: string) {
    this.db = db;
    this.file = file;
    this.#migrations = new Migrations(this, file);
    this.migrate('store', tables);
    this.pageTokens = new SealedTokens(tokenKey(db));
  }

  get version(): number {
    return this.#migrations.total();
  }

  migrate(owner: string, migrations: readonly string[]): void {
    this.#migrations.run(owner, migrations);
  }

  documents<T>(kind: string): Documents<T> {
    return new SqliteDocuments<T>(this.db, kind, { file: this.file, tokens: this.pageTokens });
  }

  setting(name: string): string | undefined {
    const select = 'SELECT value FROM settings WHERE name = ?';
    return explaining(this.file, () => this.db.prepare(select).get(name)?.value) as string | undefined;
  }

  setSetting(name: string, value: string): void {
    const put = 'INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value';
    explaining(this.file, () => this.db.prepare(put).run(name, value));
  }

  all<Row = Record<string, unknown>>(sql: string, ...values: SQLInputValue[]): Row[] {
    return explaining(this.file, () => this.#prepared(sql).all(...values)) as Row[];
  }

  run(sql: string, ...values: SQLInputValue[]): number {
    return explaining(this.file, () => Number(this.#prepared(sql).run(...values).changes));
  }

  transaction<T>(work: () => T): T {
    const nested = this.#depth > 0;
    return explaining(this.file, () => {
      this.db.exec(nested ? `SAVEPOINT level${this.#depth}` : 'BEGIN IMMEDIATE');
      this.#depth++;
      try {
        const result = work();
        if (isPromise(result)) throw new TypeError('The work of a transaction must be synchronous.');
        this.db.exec(nested ? `RELEASE level${this.#depth - 1}` : 'COMMIT');
        return result;
      } catch (error) {
        this.#rollBack(nested);
        throw error;
      } finally {
        this.#depth--;
      }
    });
  }

  close(): void {
    this.db.close();
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** A full disk may have rolled back already. */
  #rollBack(nested: boolean): void {
    try {
      const level = `level${this.#depth - 1}`;
      this.db.exec(nested ? `ROLLBACK TO ${level}; RELEASE ${level}` : 'ROLLBACK');
    } catch {}
  }
}

/** Kept in the database, so that paging tokens outlive the process. */
function tokenKey(db: DatabaseSync): Uint8Array {
  db.prepare('INSERT OR IGNORE INTO token_key VALUES (1, ?)').run(randomBytes(32));
  return db.prepare('SELECT key FROM token_key').get()?.key as Uint8Array;
}

function isPromise(value: unknown): boolean {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
