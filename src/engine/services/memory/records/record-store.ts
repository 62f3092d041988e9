import type { Clock } from '../../../clock.ts';
import type { Log } from '../../../log.ts';
import type { Embedder } from '../../../models/embeddings/embedder.ts';
import type { Store } from '../../../store/store.ts';
import type { MemoryKey, NewRecord, RecordRow } from '../memory.ts';
import { Embedding } from './embedding.ts';
import { type Place, pathOf } from './paths.ts';
import type { Found, ListOrder, SearchOrder } from './reader.ts';
import type { Near, Records } from './records.ts';
import { type RecordChange, RecordRows } from './rows.ts';
import { Search } from './search.ts';

/** How much memory the vectors that were searched last may keep. */
const VECTORS_BYTES = 1024 ** 3;
/** Of a memory that is gone, so many records are removed at once. */
const REMOVED_AT_ONCE = 200;

export interface RecordStoreParts {
  store: Store;
  embedder: Embedder;
  clock: Clock;
  log: Log;
}

type OfMemory<Order> = Omit<Order, 'memory'> & { key: MemoryKey };

/** The long-term memory: records in the store, their vectors, and the search for them. */
export class RecordStore implements Records {
  readonly #rows: RecordRows;
  readonly #embedder: Embedder;
  readonly #embedding: Embedding;
  readonly #search: Search;
  readonly #log: Log;
  #removal: NodeJS.Immediate | undefined;

  constructor({ store, embedder, clock, log }: RecordStoreParts) {
    this.#rows = new RecordRows(store, () => clock.now());
    this.#embedder = embedder;
    this.#log = log;
    this.#embedding = new Embedding({ rows: this.#rows, embedder, log });
    this.#search = new Search({ file: store.file, embedder: embedder.id, maxBytes: VECTORS_BYTES });
    this.#embedding.start();
    this.#removeForgotten();
  }

  create(key: MemoryKey, records: readonly NewRecord[]): RecordRow[] {
    const created = this.#rows.create(key, records);
    this.#embedding.wake();
    return created;
  }

  get(key: MemoryKey, id: string): RecordRow | undefined {
    return this.#rows.get(key, id);
  }

  update(key: MemoryKey, id: string, change: RecordChange): RecordRow | undefined {
    const updated = this.#rows.update(key, id, change);
    this.#embedding.wake();
    return updated;
  }

  remove(key: MemoryKey, ids: readonly string[]): string[] {
    return this.#rows.remove(key, ids);
  }

  ofNamespace(key: MemoryKey, namespace: string, strategyId?: string): RecordRow[] {
    return this.#rows.ofNamespace(key, namespace, strategyId);
  }

  async nearest(
    key: MemoryKey,
    query: Parameters<Records['nearest']>[1],
    signal: AbortSignal,
  ): Promise<Near[][]> {
    const { texts, limit, strategyId: strategy } = query;
    const place = { path: pathOf(query.namespace), below: query.below ?? false };
    const [vectors] = await Promise.all([
      this.#embedder.embed(texts, signal),
      this.complete(key, place, { fresh: false }, signal),
    ]);
    return Promise.all(
      vectors.map(async (vector) => {
        const order = { key, place, strategy, vector, reliance: 'meaning-only', limit } as const;
        const found = await this.search(order, signal);
        return found.map(({ record, score }) => ({ record, similarity: score }));
      }),
    );
  }

  /**
   * Resolves when every record of a place has its vector.
   * @param fresh Only those that never had one; others wait for their turn where the embedder has changed.
   * @throws EmbeddingError, and what `signal` has.
   */
  async complete(
    key: MemoryKey,
    place: Place,
    { fresh }: { fresh: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const memory = this.#rows.memory(key);
    if (memory !== undefined) await this.#embedding.complete({ memory, place, fresh }, signal);
  }

  /** The best, best first. @throws Error when it takes too long, and what `signal` has. */
  async search({ key, ...order }: OfMemory<SearchOrder>, signal: AbortSignal): Promise<Found[]> {
    const memory = this.#rows.memory(key);
    return memory === undefined ? [] : this.#search.search({ memory, ...order }, signal);
  }

  /** Records that were found earlier, without those that are gone. */
  found(key: MemoryKey, earlier: readonly { seq: number; score: number }[]): Found[] {
    const memory = this.#rows.memory(key);
    return earlier.flatMap((one) => {
      const record = memory === undefined ? undefined : this.#rows.at(memory, one.seq);
      return record ? [{ ...one, record }] : [];
    });
  }

  /** Newest first. @throws Error when it takes too long, and what `signal` has. */
  async list(
    { key, ...order }: OfMemory<ListOrder>,
    signal: AbortSignal,
  ): Promise<{ seq: number; record: RecordRow }[]> {
    const memory = this.#rows.memory(key);
    return memory === undefined ? [] : this.#search.list({ memory, ...order }, signal);
  }

  /** How many records of a place have no vector of the embedder in use yet: they are found by their words. */
  unembedded(key: MemoryKey, place: Place): number {
    const memory = this.#rows.memory(key);
    return memory === undefined ? 0 : this.#rows.countUnembedded({ memory, place }, this.#embedder.id);
  }

  /** How many records there are in all memories, and how many of them have a vector of the embedder in use. */
  progress(): { records: number; embedded: number } {
    return this.#rows.progress(this.#embedder.id);
  }

  /** Forgets all records of a memory at once. May be called within a transaction; the room is freed in the background. */
  removeMemory(key: MemoryKey): void {
    this.#rows.forgetMemory(key);
    this.#removeForgotten();
  }

  async close(): Promise<void> {
    clearImmediate(this.#removal);
    await Promise.all([this.#embedding.close(), this.#search.close()]);
  }

  #removeForgotten(): void {
    clearImmediate(this.#removal);
    this.#removal = setImmediate(() => {
      try {
        if (this.#rows.removeForgotten(REMOVED_AT_ONCE)) this.#removeForgotten();
      } catch (error) {
        this.#log.error('Records of a memory that is gone are removed when the engine starts again', {
          error,
        });
      }
    });
  }
}
