import { programVersion } from '../../platform/version.ts';
import { StoreError } from './errors.ts';
import type { Store } from './store.ts';

/** Which migrations have run, by owner; each owner counts its own from 1. */
export class Migrations {
  readonly #store: Pick<Store, 'db' | 'transaction'>;
  readonly #file: string;

  constructor(store: Pick<Store, 'db' | 'transaction'>, file: string) {
    this.#store = store;
    this.#file = file;
    store.db.exec(
      'CREATE TABLE IF NOT EXISTS migrations (owner TEXT PRIMARY KEY, version INTEGER NOT NULL, program TEXT NOT NULL) STRICT',
    );
  }

  /** How many have run, of all owners together. */
  total(): number {
    return Number(
      this.#store.db.prepare('SELECT coalesce(sum(version), 0) AS total FROM migrations').get()?.total,
    );
  }

  run(owner: string, migrations: readonly string[]): void {
    while (this.#runNext(owner, migrations));
  }

  #runNext(owner: string, migrations: readonly string[]): boolean {
    if (this.#reached(owner, migrations.length) === migrations.length) return false;
    const { db } = this.#store;
    return this.#store.transaction(() => {
      const reached = this.#reached(owner, migrations.length);
      const next = migrations[reached];
      if (next === undefined) return false;
      db.exec(next);
      db.prepare(
        `INSERT INTO migrations VALUES (?, ?, ?)
         ON CONFLICT (owner) DO UPDATE SET version = excluded.version, program = excluded.program`,
      ).run(owner, reached + 1, programVersion);
      return true;
    });
  }

  #reached(owner: string, known: number): number {
    const row = this.#store.db.prepare('SELECT version, program FROM migrations WHERE owner = ?').get(owner);
    const reached = Number(row?.version ?? 0);
    if (reached > known) {
      throw new StoreError(
        `The database ${this.#file} was written by agentcore-mcp ${row?.program}, which is newer than this one, ` +
          `${programVersion} (its "${owner}" tables have version ${reached}; this program knows ${known}). ` +
          'Update agentcore-mcp, or choose another data directory.',
      );
    }
    return reached;
  }
}
