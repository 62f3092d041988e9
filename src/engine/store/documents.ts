import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Scope } from '../service.ts';
import { explaining } from './errors.ts';
import type { Documents, Page, PageTokens } from './store.ts';

interface Row {
  seq: number;
  account: string;
  region: string;
  id: string;
  body: string;
}

const BATCH = 200;
const FROM_NEWEST = Number.MAX_SAFE_INTEGER;
const POSITION_BYTES = 8;

/** Documents of one kind in the `documents` table; `seq` is the order in which they were first put. */
export class SqliteDocuments<T> implements Documents<T> {
  readonly #kind: string;
  readonly #file: string;
  readonly #tokens: PageTokens;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #older: StatementSync;
  readonly #newer: StatementSync;

  constructor(db: DatabaseSync, kind: string, { file, tokens }: { file: string; tokens: PageTokens }) {
    this.#kind = kind;
    this.#file = file;
    this.#tokens = tokens;
    const one = 'kind = ? AND account = ? AND region = ? AND id = ?';
    this.#get = db.prepare(`SELECT body FROM documents WHERE ${one}`);
    this.#put = db.prepare(
      `INSERT INTO documents (kind, account, region, id, body) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (kind, account, region, id) DO UPDATE SET body = excluded.body`,
    );
    this.#delete = db.prepare(`DELETE FROM documents WHERE ${one}`);
    this.#older = db.prepare(
      `SELECT seq, body FROM documents WHERE kind = ? AND account = ? AND region = ? AND seq < ?
       ORDER BY seq DESC LIMIT ${BATCH}`,
    );
    this.#newer = db.prepare(
      `SELECT seq, account, region, id, body FROM documents WHERE kind = ? AND seq > ? ORDER BY seq LIMIT ${BATCH}`,
    );
  }

  get({ account, region }: Scope, id: string): T | undefined {
    const row = explaining(this.#file, () => this.#get.get(this.#kind, account, region, id));
    return row && JSON.parse(row.body as string);
  }

  put({ account, region }: Scope, id: string, document: T): void {
    const body = JSON.stringify(document);
    explaining(this.#file, () => this.#put.run(this.#kind, account, region, id, body));
  }

  delete({ account, region }: Scope, id: string): boolean {
    return explaining(this.#file, () => this.#delete.run(this.#kind, account, region, id).changes > 0);
  }

  list(
    scope: Scope,
    {
      maxResults,
      nextToken,
      where = () => true,
    }: { maxResults: number; nextToken?: string; where?: (document: T) => boolean },
  ): Page<T> {
    const { account, region } = scope;
    const start = nextToken === undefined ? FROM_NEWEST : this.#position(scope, nextToken);
    const items: T[] = [];
    let last = start;
    for (const row of this.#batches((from) => this.#older.all(this.#kind, account, region, from), start)) {
      const document: T = JSON.parse(row.body);
      if (!where(document)) continue;
      if (items.length === maxResults) return { items, nextToken: this.#token(scope, last) };
      items.push(document);
      last = row.seq;
    }
    return { items };
  }

  *all(): Iterable<{ scope: Scope; id: string; document: T }> {
    for (const { account, region, id, body } of this.#batches(
      (from) => this.#newer.all(this.#kind, from),
      0,
    )) {
      yield { scope: { account, region }, id, document: JSON.parse(body) };
    }
  }

  /** In batches rather than on an open cursor, so that documents may be written meanwhile. */
  *#batches(select: (from: number) => unknown[], start: number): Iterable<Row> {
    let from = start;
    for (;;) {
      const rows = explaining(this.#file, () => select(from)) as Row[];
      yield* rows;
      const last = rows.at(-1);
      if (!last || rows.length < BATCH) return;
      from = last.seq;
    }
  }

  /** The position of the last document shown. */
  #token(scope: Scope, seq: number): string {
    const position = Buffer.alloc(POSITION_BYTES);
    position.writeBigUInt64BE(BigInt(seq));
    return this.#tokens.make(this.#listing(scope), position);
  }

  #position(scope: Scope, token: string): number {
    return Number(this.#tokens.read(this.#listing(scope), token).readBigUInt64BE());
  }

  #listing({ account, region }: Scope): string[] {
    return [this.#kind, account, region];
  }
}
