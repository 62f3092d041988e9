import type { MemoryKey } from '../../src/engine/services/memory/memory.ts';
import type { RecordStore } from '../../src/engine/services/memory/records/record-store.ts';
import type { Bench } from '../harness/bench.ts';
import type { Peer } from '../harness/peers.ts';
import type { GivenVectors } from './given-vectors.ts';
import { complete, namespace, never, place } from './long-term.ts';
import { lanceDb, sqliteVec, type VectorStore } from './vector-peers.ts';

export type Stores = { engine: VectorStore; 'sqlite-vec'?: VectorStore; LanceDB?: VectorStore };

const AT_ONCE = 1_000;

/** A memory of an engine as a place for vectors, by the engine's own code in this process. */
function ownStore(
  records: RecordStore,
  given: GivenVectors,
  { key, texts }: { key: MemoryKey; texts: readonly string[] },
): VectorStore {
  const names = new Map<string, number>();
  return {
    async insert(vectors) {
      given.give(texts, vectors);
      for (let from = 0; from < texts.length; from += AT_ONCE) {
        const some = texts.slice(from, from + AT_ONCE).map((text) => ({ text, namespace }));
        records.create(key, some).forEach(({ id }, index) => {
          names.set(id, from + index);
        });
      }
      await complete(records, key);
    },
    async nearest(vector, limit) {
      const found = await records.search({ key, place, vector, reliance: 'meaning-only', limit }, never);
      return found.map(({ record }) => names.get(record.id) as number);
    },
  };
}

/** Empty places for so many vectors: of the engine, and of what it is compared with, where that is there. */
export async function openStores(
  bench: Bench,
  peer: Peer,
  {
    records,
    given,
    key,
    texts,
  }: { records: RecordStore; given: GivenVectors; key: MemoryKey; texts: string[] },
): Promise<Stores> {
  const engine = ownStore(records, given, { key, texts });
  if ('missing' in peer) return { engine };
  return {
    engine,
    'sqlite-vec': sqliteVec(bench, peer.folder, `sqlite-vec-${texts.length}`),
    LanceDB: await lanceDb(bench, peer.folder, `lancedb-${texts.length}`),
  };
}
