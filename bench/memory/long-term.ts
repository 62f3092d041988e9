import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Clock } from '../../src/engine/clock.ts';
import { silentLog } from '../../src/engine/log.ts';
import type { Embedder } from '../../src/engine/models/embeddings/embedder.ts';
import type { MemoryKey } from '../../src/engine/services/memory/memory.ts';
import { RecordStore } from '../../src/engine/services/memory/records/record-store.ts';
import { wordsOf } from '../../src/engine/services/memory/records/words.ts';
import { openStore } from '../../src/engine/store/sqlite.ts';
import type { Bench } from '../harness/bench.ts';

export const key: MemoryKey = {
  scope: { account: '000000000000', region: 'us-east-1' },
  memoryId: 'bench-0000000000',
};
export const namespace = '/bench/';
export const place = { path: namespace, below: true };
export const never = new AbortController().signal;

/** The engine's own long-term memory, in this process, and the file that it is in. */
export interface LongTerm {
  records: RecordStore;
  file: string;
}

/** That of a data directory, a new one by default. */
export function openLongTerm(
  bench: Bench,
  name: string,
  embedder: Embedder,
  dataDir = bench.makeFolder(name),
): LongTerm {
  const file = join(dataDir, 'engine.db');
  const store = openStore(file);
  const records = new RecordStore({ store, embedder, clock: new Clock(), log: silentLog });
  bench.defer(async () => {
    await records.close();
    store.close();
  });
  return { records, file };
}

/** Resolves when every record of a memory has its vector. */
export const complete = (records: RecordStore, of = key) =>
  records.complete(of, place, { fresh: false }, never);

/** What a question is looked for by. */
export type Ranking = 'this ranking' | 'BM25 alone' | 'cosine alone';
export const rankings: readonly Ranking[] = ['this ranking', 'BM25 alone', 'cosine alone'];

export interface Asked {
  text: string;
  vector: Float32Array;
  reliance: 'meaning' | 'words';
}

/** Looks for the first records, best first. */
export class Finder {
  readonly #records: RecordStore;
  readonly #db: DatabaseSync;
  readonly #bm25: StatementSync;

  constructor(bench: Bench, { records, file }: LongTerm) {
    this.#records = records;
    this.#db = new DatabaseSync(file, { readOnly: true });
    bench.defer(() => this.#db.close());
    this.#bm25 = this.#db.prepare(
      `SELECT id FROM record_words JOIN records ON seq = record_words.rowid
       WHERE record_words MATCH ? ORDER BY rank LIMIT ?`,
    );
  }

  /** @returns their ids. */
  async find(ranking: Ranking, asked: Asked, limit: number): Promise<string[]> {
    if (ranking === 'BM25 alone') return this.#byBm25(asked.text, limit);
    const { vector, reliance } = asked;
    const how =
      ranking === 'this ranking'
        ? { words: wordsOf(asked.text), vector, reliance }
        : ({ vector, reliance: 'meaning-only' } as const);
    const found = await this.#records.search({ key, place, limit, ...how }, never);
    return found.map(({ record }) => record.id);
  }

  /** That of SQLite's FTS5, for any of the question's words. */
  #byBm25(text: string, limit: number): string[] {
    const words = wordsOf(text).map(({ match }) => match);
    if (words.length === 0) return [];
    return this.#bm25.all(words.join(' OR '), limit).map(({ id }) => String(id));
  }
}
