import { join } from 'node:path';
import { Clock } from '../../src/engine/clock.ts';
import { silentLog } from '../../src/engine/log.ts';
import type { Embedder } from '../../src/engine/models/embeddings/embedder.ts';
import type { MemoryKey } from '../../src/engine/services/memory/memory.ts';
import { RecordStore } from '../../src/engine/services/memory/records/record-store.ts';
import { lexicalQuery } from '../../src/engine/services/memory/records/words.ts';
import { openStore } from '../../src/engine/store/sqlite.ts';
import type { Bench } from '../harness/bench.ts';

export const key: MemoryKey = {
  scope: { account: '000000000000', region: 'us-east-1' },
  memoryId: 'bench-0000000000',
};
export const namespace = '/bench/';
export const place = { path: namespace, below: true };
export const never = new AbortController().signal;

/** The engine's own long-term memory, in this process: of a data directory, a new one by default. */
export function openRecords(
  bench: Bench,
  name: string,
  embedder: Embedder,
  dataDir = bench.makeFolder(name),
): RecordStore {
  const store = openStore(join(dataDir, 'engine.db'));
  const records = new RecordStore({ store, embedder, clock: new Clock(), log: silentLog });
  bench.defer(async () => {
    await records.close();
    store.close();
  });
  return records;
}

/** Resolves when every record of a memory has its vector. */
export const complete = (records: RecordStore, of = key) =>
  records.complete(of, place, { fresh: false }, never);

/** What a question is looked for by. */
export type Ranking = 'this ranking' | 'BM25 alone' | 'cosine alone';
export const rankings: readonly Ranking[] = ['this ranking', 'BM25 alone', 'cosine alone'];

/** The ids of the first records, best first. */
export async function search(
  records: RecordStore,
  ranking: Ranking,
  question: { text: string; vector: Float32Array; reliance: 'meaning' | 'words' },
  limit: number,
): Promise<string[]> {
  const { text, vector, reliance } = question;
  const how = {
    'this ranking': { words: lexicalQuery(text), vector, reliance },
    'BM25 alone': { words: lexicalQuery(text), reliance: 'words-only' },
    'cosine alone': { vector, reliance: 'meaning-only' },
  } as const;
  const found = await records.search({ key, place, limit, ...how[ranking] }, never);
  return found.map(({ record }) => record.id);
}
