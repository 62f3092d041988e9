import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Bench } from '../harness/bench.ts';

/** Something that keeps vectors and finds those next to one. */
export interface VectorStore {
  /** Vectors are named by their place in the list, from 0. */
  insert(vectors: readonly Float32Array[]): Promise<void>;
  /** The names of the nearest, nearest first. */
  nearest(vector: Float32Array, limit: number): Promise<number[]>;
}

/** What of LanceDB is used. */
interface Lance {
  connect(folder: string): Promise<{
    createTable(name: string, rows: object[]): Promise<LanceTable>;
    close(): void;
  }>;
}
interface LanceTable {
  add(rows: object[]): Promise<unknown>;
  vectorSearch(vector: Float32Array): {
    distanceType(type: 'dot'): {
      select(columns: string[]): { limit(count: number): { toArray(): Promise<{ id: number }[]> } };
    };
  };
}

const AT_ONCE = 5_000;

function* chunks<T>(items: readonly T[]): Iterable<{ from: number; some: readonly T[] }> {
  for (let from = 0; from < items.length; from += AT_ONCE)
    yield { from, some: items.slice(from, from + AT_ONCE) };
}

const bytesOf = (vector: Float32Array) => new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);

/** sqlite-vec, in Node's own SQLite. */
export function sqliteVec(bench: Bench, packages: string, name: string): VectorStore {
  const require = createRequire(join(packages, 'package.json'));
  const { getLoadablePath } = require('sqlite-vec') as { getLoadablePath(): string };
  const db = new DatabaseSync(join(bench.makeFolder(name), 'vectors.db'), { allowExtension: true });
  bench.defer(() => db.close());
  db.loadExtension(getLoadablePath());
  db.exec('PRAGMA journal_mode = WAL');
  return {
    async insert(vectors) {
      db.exec(`CREATE VIRTUAL TABLE vectors USING vec0 (embedding float[${vectors[0]?.length}])`);
      const insert = db.prepare('INSERT INTO vectors (rowid, embedding) VALUES (?, ?)');
      for (const { from, some } of chunks(vectors)) {
        db.exec('BEGIN');
        some.forEach((vector, index) => {
          insert.run(BigInt(from + index + 1), bytesOf(vector));
        });
        db.exec('COMMIT');
      }
    },
    async nearest(vector, limit) {
      const select = db.prepare(
        'SELECT rowid FROM vectors WHERE embedding MATCH ? AND k = ? ORDER BY distance',
      );
      return select.all(bytesOf(vector), limit).map(({ rowid }) => Number(rowid) - 1);
    },
  };
}

/** LanceDB, without an index: as exact as the others. */
export async function lanceDb(bench: Bench, packages: string, name: string): Promise<VectorStore> {
  const require = createRequire(join(packages, 'package.json'));
  const db = await (require('@lancedb/lancedb') as Lance).connect(bench.makeFolder(name));
  bench.defer(() => db.close());
  let table: LanceTable | undefined;
  return {
    async insert(vectors) {
      for (const { from, some } of chunks(vectors)) {
        const rows = some.map((vector, index) => ({ id: from + index, vector }));
        if (table) await table.add(rows);
        else table = await db.createTable('vectors', rows);
      }
    },
    async nearest(vector, limit) {
      const found = table?.vectorSearch(vector).distanceType('dot').select(['id', '_distance']).limit(limit);
      return ((await found?.toArray()) ?? []).map(({ id }) => Number(id));
    },
  };
}
