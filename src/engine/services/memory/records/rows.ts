import { randomUUID } from 'node:crypto';
import type { SQLInputValue } from 'node:sqlite';
import type { Store } from '../../../store/store.ts';
import type { MemoryKey, NewRecord, RecordRow } from '../memory.ts';
import { asRow, type Columns, columns, metadataText } from './columns.ts';
import { type Place, pathOf, rangeOf } from './paths.ts';
import { embedders, PER_MEMORY, recordsOfEmbedders, recordTables } from './tables.ts';
import { indexedWords } from './words.ts';

/** What of a record may change. */
export interface RecordChange {
  text?: string | undefined;
  metadata?: RecordRow['metadata'] | undefined;
  namespace?: string | undefined;
  strategyId?: string | undefined;
  /** Default: now. */
  updatedAt?: number | undefined;
}

/** A text that has no vector yet. */
export interface Unembedded {
  seq: number;
  text: string;
}

/** Long-term records in the store. */
export class RecordRows {
  readonly #store: Store;
  readonly #now: () => number;

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
    store.migrate('memory-records', recordTables);
    store.run('DELETE FROM record_removals');
  }

  /** The number of a memory; undefined while it has had no record. */
  memory({ scope, memoryId }: MemoryKey): number | undefined {
    const select = 'SELECT number FROM record_memories WHERE account = ? AND region = ? AND memory = ?';
    return this.#get<{ number: number }>(select, scope.account, scope.region, memoryId)?.number;
  }

  create(key: MemoryKey, records: readonly NewRecord[]): RecordRow[] {
    return this.#store.transaction(() => {
      const memory = this.#memoryFor(key);
      const change = this.#changeOf(memory);
      return records.map((record) => this.#insert(memory, change, record));
    });
  }

  get(key: MemoryKey, id: string): RecordRow | undefined {
    const found = this.#find(key, id);
    return found && asRow(found);
  }

  update(key: MemoryKey, id: string, change: RecordChange): RecordRow | undefined {
    return this.#store.transaction(() => {
      const found = this.#find(key, id);
      if (!found) return undefined;
      const before = asRow(found);
      const { updatedAt = this.#now(), ...given } = change;
      const row = { ...before, ...defined(given), updatedAt };
      const isNewText = row.text !== before.text;
      this.#store.run(
        `UPDATE records SET namespace = ?, path = ?, strategy = ?, text = ?, metadata = ?, updated = ?, embedded = ?, change = ?
         WHERE seq = ?`,
        ...[row.namespace ?? null, pathOf(row.namespace ?? ''), row.strategyId ?? null, row.text],
        ...[metadataText(row.metadata), updatedAt, isNewText ? '' : found.embedded],
        ...[this.#changeOf(found.memory), found.seq],
      );
      if (isNewText) {
        this.#store.run('DELETE FROM record_vectors WHERE seq = ?', found.seq);
        this.#store.run('DELETE FROM record_words WHERE rowid = ?', found.seq);
        this.#store.run(
          'INSERT INTO record_words (rowid, words) VALUES (?, ?)',
          found.seq,
          indexedWords(row.text),
        );
      }
      return row;
    });
  }

  /** @returns those that were there. */
  remove(key: MemoryKey, ids: readonly string[]): string[] {
    return this.#store.transaction(() =>
      ids.filter((id) => {
        const found = this.#find(key, id);
        if (!found) return false;
        const { memory, seq } = found;
        this.#store.run('INSERT INTO record_removals VALUES (?, ?, ?)', memory, this.#changeOf(memory), seq);
        this.#removeRange(seq, seq + 1);
        return true;
      }),
    );
  }

  /** By its `seq`. */
  at(memory: number, seq: number): RecordRow | undefined {
    const select = `SELECT ${columns} FROM records WHERE seq = ? AND memory = ?`;
    const found = this.#get<Columns>(select, seq, memory);
    return found && asRow(found);
  }

  /** All of exactly this namespace, oldest first. */
  ofNamespace(key: MemoryKey, namespace: string, strategyId?: string): RecordRow[] {
    const memory = this.memory(key);
    if (memory === undefined) return [];
    const where = strategyId === undefined ? '' : 'AND strategy = ?';
    const select = `SELECT ${columns} FROM records WHERE memory = ? AND path = ? ${where} ORDER BY seq`;
    const values = [memory, pathOf(namespace), ...(strategyId === undefined ? [] : [strategyId])];
    return this.#store.all<Columns>(select, ...values).map(asRow);
  }

  /** From now on there is no such memory; its records are still to be removed. */
  forgetMemory({ scope, memoryId }: MemoryKey): void {
    this.#store.run(
      `UPDATE record_memories SET account = '', region = '', memory = CAST(number AS TEXT)
       WHERE account = ? AND region = ? AND memory = ?`,
      ...[scope.account, scope.region, memoryId],
    );
  }

  /** Removes records of memories that are gone, at most `limit`. @returns whether there may be more. */
  removeForgotten(limit: number): boolean {
    return this.#store.transaction(() => {
      const gone = "SELECT number FROM record_memories WHERE account = ''";
      const memory = this.#get<{ number: number }>(gone)?.number;
      if (memory === undefined) return false;
      const [from, to] = [memory * PER_MEMORY, (memory + 1) * PER_MEMORY];
      const select = 'SELECT seq FROM records WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT 1 OFFSET ?';
      const next = this.#get<{ seq: number }>(select, from, to, limit)?.seq;
      this.#removeRange(from, next ?? to);
      if (next === undefined) this.#store.run('DELETE FROM record_memories WHERE number = ?', memory);
      return true;
    });
  }

  /** Texts without a vector of an embedder, but for some; those that never had one first. */
  unembedded(embedder: string, limit: number, except: ReadonlySet<number>): Unembedded[] {
    const others = JSON.stringify([...except]);
    const texts = (where: string, ...values: SQLInputValue[]) =>
      this.#store.all<Unembedded>(
        `SELECT seq, text FROM records WHERE ${where} AND seq NOT IN (SELECT value FROM json_each(?)) LIMIT ?`,
        ...[...values, others, limit],
      );
    const fresh = texts("embedded = ''");
    if (fresh.length > 0) return fresh;
    const ofOthers = texts("embedded > '' AND embedded < ?", embedder);
    return ofOthers.length > 0 ? ofOthers : texts('embedded > ?', embedder);
  }

  /** Those of a place; `fresh`: only those that never had a vector. */
  unembeddedAt(
    { memory, place, fresh }: { memory: number; place: Place; fresh: boolean },
    embedder: string,
    limit: number,
    except: ReadonlySet<number>,
  ): Unembedded[] {
    const which = fresh ? "records WHERE embedded = ''" : `${recordsOfEmbedders} WHERE embedded <> ?`;
    return this.#store.all<Unembedded>(
      `${embedders} SELECT seq, text FROM ${which} AND memory = ? AND path >= ? AND path < ?
       AND seq NOT IN (SELECT value FROM json_each(?)) LIMIT ?`,
      ...(fresh ? [] : [embedder]),
      ...[memory, ...rangeOf(place), JSON.stringify([...except]), limit],
    );
  }

  /** How many records of a place have no vector of an embedder. */
  countUnembedded({ memory, place }: { memory: number; place: Place }, embedder: string): number {
    const select = `${embedders} SELECT count(*) AS count FROM ${recordsOfEmbedders}
      WHERE embedded <> ? AND memory = ? AND path >= ? AND path < ?`;
    return this.#get<{ count: number }>(select, embedder, memory, ...rangeOf(place))?.count ?? 0;
  }

  /** How many records there are, and how many of them have the vector of an embedder. */
  progress(embedder: string): { records: number; embedded: number } {
    const select = `SELECT (SELECT count(*) FROM records) AS records,
      (SELECT count(*) FROM records WHERE embedded = ?) AS embedded`;
    return this.#get(select, embedder) ?? { records: 0, embedded: 0 };
  }

  /** Keeps vectors of texts, where those have not changed meanwhile. */
  embed(embedder: string, made: readonly (Unembedded & { vector: Float32Array })[]): void {
    this.#store.transaction(() => {
      const changes = new Map<number, number>();
      for (const { seq, text, vector } of made) {
        if (this.#get<{ text: string }>('SELECT text FROM records WHERE seq = ?', seq)?.text !== text)
          continue;
        const memory = Math.floor(seq / PER_MEMORY);
        if (!changes.has(memory)) changes.set(memory, this.#changeOf(memory));
        const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
        this.#store.run('INSERT OR REPLACE INTO record_vectors VALUES (?, ?)', seq, bytes);
        const change = changes.get(memory) ?? 0;
        this.#store.run('UPDATE records SET embedded = ?, change = ? WHERE seq = ?', embedder, change, seq);
      }
    });
  }

  #memoryFor(key: MemoryKey): number {
    const { account, region } = key.scope;
    const insert = 'INSERT OR IGNORE INTO record_memories (account, region, memory) VALUES (?, ?, ?)';
    this.#store.run(insert, account, region, key.memoryId);
    return this.memory(key) as number;
  }

  /** The number of a write that begins. */
  #changeOf(memory: number): number {
    const next = 'UPDATE record_memories SET change = change + 1 WHERE number = ? RETURNING change';
    return this.#get<{ change: number }>(next, memory)?.change ?? 0;
  }

  #insert(memory: number, change: number, record: NewRecord): RecordRow {
    const { text, strategyId, namespace, metadata = {}, type = 'BASE', createdAt = this.#now() } = record;
    const next = 'UPDATE record_memories SET last = last + 1 WHERE number = ? RETURNING last';
    const seq = memory * PER_MEMORY + (this.#get<{ last: number }>(next, memory)?.last ?? 0);
    const id = `mem-${randomUUID()}`;
    this.#store.run(
      `INSERT INTO records (seq, id, memory, namespace, path, strategy, type, text, metadata, created, updated, change)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[seq, id, memory, namespace ?? null, pathOf(namespace ?? ''), strategyId ?? null, type, text],
      ...[metadataText(metadata), createdAt, createdAt, change],
    );
    this.#store.run('INSERT INTO record_words (rowid, words) VALUES (?, ?)', seq, indexedWords(text));
    return {
      ...{ id, text, metadata, type, createdAt, updatedAt: createdAt },
      ...defined({ strategyId, namespace }),
    };
  }

  #find(key: MemoryKey, id: string): Columns | undefined {
    const memory = this.memory(key);
    if (memory === undefined) return undefined;
    const select = `SELECT ${columns} FROM records WHERE id = ? AND memory = ?`;
    return this.#get<Columns>(select, id, memory);
  }

  #removeRange(from: number, to: number): void {
    this.#store.run('DELETE FROM records WHERE seq >= ? AND seq < ?', from, to);
    this.#store.run('DELETE FROM record_vectors WHERE seq >= ? AND seq < ?', from, to);
    this.#store.run('DELETE FROM record_words WHERE rowid >= ? AND rowid < ?', from, to);
  }

  #get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#store.all<Row>(sql, ...values)[0];
  }
}

/** Without the members that are not given. */
function defined<T extends object>(given: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;
}
