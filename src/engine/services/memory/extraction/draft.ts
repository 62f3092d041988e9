import type { Embedder } from '../../../models/embeddings/embedder.ts';
import type { MemoryKey, Metadata, RecordRow } from '../memory.ts';
import type { Near, Records } from '../records/records.ts';
import type { Decision } from './extractor.ts';

/** Where a job writes, and what it may see there. */
export interface Shelf {
  namespace: string;
  /** Whether it may see what is in the namespaces below as well. */
  below?: boolean;
  type: RecordRow['type'];
  /** Whether others than the job's own are in the same namespace. */
  isShared: boolean;
  /** Whether the job may see, and so change, a record. */
  mine(record: RecordRow): boolean;
  /** Makes the metadata of a record of what was inferred for it. */
  metadata(inferred: Metadata | undefined): Metadata;
}

interface Change {
  shelf: Shelf;
  record: RecordRow;
  isNew: boolean;
}

/** The most characters a record may have. */
const MAX_TEXT = 16_000;
const NEAREST = 10;
/** Where others are in the same namespace, more are looked at. */
const LOOKED_AT_OF_SHARED = 100;
const TEXTS_AT_ONCE = 32;

/** What a job changes, as it would be seen if it were kept already. Nothing is kept before `apply`. */
export class Draft {
  readonly #records: Records;
  readonly #embedder: Embedder;
  readonly #key: MemoryKey;
  readonly #strategyId: string;
  /** When what is learned was said. */
  readonly #at: number;
  readonly #changes = new Map<string, Change>();
  readonly #removed = new Set<string>();
  /** By text. */
  readonly #vectors = new Map<string, Float32Array | undefined>();
  /** Only what was seen can be changed. */
  readonly #seen = new Map<string, RecordRow>();

  constructor(
    { records, embedder }: { records: Records; embedder: Embedder },
    { key, strategyId, at }: { key: MemoryKey; strategyId: string; at: number },
  ) {
    this.#records = records;
    this.#embedder = embedder;
    this.#key = key;
    this.#strategyId = strategyId;
    this.#at = at;
  }

  /** For each text what is kept near to it, nearest first; in one go, as that is much faster. @throws EmbeddingError */
  async kept(shelf: Shelf, texts: readonly string[], signal: AbortSignal): Promise<Near[][]> {
    const found: Near[][] = [];
    for (let start = 0; start < texts.length; start += TEXTS_AT_ONCE) {
      const some = texts.slice(start, start + TEXTS_AT_ONCE);
      const query = {
        namespace: shelf.namespace,
        below: shelf.below,
        strategyId: this.#strategyId,
        texts: some,
        limit: shelf.isShared ? LOOKED_AT_OF_SHARED : NEAREST,
      };
      found.push(...(await this.#records.nearest(this.#key, query, signal)));
    }
    if (texts.length > 1) await this.#vectorsOf(texts, signal);
    return found.map((near) => this.#visible(shelf, near));
  }

  /** What is nearest to a text, nearest first, given what is kept and as it has been changed since. @throws EmbeddingError */
  async nearest(
    shelf: Shelf,
    text: string,
    kept: readonly Near[] = [],
    signal: AbortSignal,
  ): Promise<Near[]> {
    const untouched = kept.filter(({ record: { id } }) => !this.#removed.has(id) && !this.#changes.has(id));
    return this.#visible(shelf, [...untouched, ...(await this.#changed(shelf, text, signal))]);
  }

  /** All of a shelf, oldest first. */
  all(shelf: Shelf): RecordRow[] {
    const records = this.#records
      .ofNamespace(this.#key, shelf.namespace, this.#strategyId)
      .filter((record) => record.type === shelf.type && shelf.mine(record));
    for (const record of records) this.#seen.set(record.id, record);
    return records;
  }

  /** An update of a record that was never seen adds one. */
  decide(shelf: Shelf, decision: Decision): void {
    if (decision.kind === 'skip') return;
    for (const id of decision.supersedes ?? []) this.remove(id);
    const text = decision.text.trim().slice(0, MAX_TEXT);
    if (text === '') return;
    const known = decision.kind === 'update' ? this.#seen.get(decision.recordId) : undefined;
    if (known?.type === shelf.type) this.#update(shelf, known, text, decision.metadata);
    else this.#add(shelf, text, decision.metadata);
  }

  remove(id: string): void {
    if (!this.#seen.has(id)) return;
    if (!this.#changes.get(id)?.isNew) this.#removed.add(id);
    this.#changes.delete(id);
  }

  /** Keeps everything. A record that somebody has removed meanwhile is made anew. */
  apply(): void {
    this.#records.remove(this.#key, [...this.#removed]);
    for (const { shelf, record, isNew } of this.#changes.values()) {
      const { text, metadata } = record;
      if (!isNew && this.#records.update(this.#key, record.id, { text, metadata })) continue;
      const { namespace, type } = shelf;
      const made = { text, metadata, namespace, type, strategyId: this.#strategyId, createdAt: this.#at };
      this.#records.create(this.#key, [made]);
    }
  }

  async #changed(shelf: Shelf, text: string, signal: AbortSignal): Promise<Near[]> {
    const records = [...this.#changes.values()]
      .filter((change) => change.shelf === shelf)
      .map(({ record }) => record);
    if (records.length === 0) return [];
    const [own, ...others] = await this.#vectorsOf([text, ...records.map((record) => record.text)], signal);
    return records.map((record, index) => ({ record, similarity: dot(own, others[index]) }));
  }

  async #vectorsOf(texts: readonly string[], signal: AbortSignal): Promise<(Float32Array | undefined)[]> {
    const unknown = [...new Set(texts)].filter((text) => !this.#vectors.has(text));
    const vectors = unknown.length > 0 ? await this.#embedder.embed(unknown, signal) : [];
    for (const [index, text] of unknown.entries()) this.#vectors.set(text, vectors[index]);
    return texts.map((text) => this.#vectors.get(text));
  }

  #visible(shelf: Shelf, near: readonly Near[]): Near[] {
    const visible = near
      .filter(({ record }) => record.type === shelf.type && shelf.mine(record))
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, NEAREST);
    for (const { record } of visible) this.#seen.set(record.id, record);
    return visible;
  }

  #add(shelf: Shelf, text: string, inferred: Metadata | undefined): void {
    const id = `draft-${this.#seen.size}`;
    const { namespace, type } = shelf;
    const times = { createdAt: this.#at, updatedAt: this.#at };
    const record = {
      id,
      text,
      namespace,
      type,
      strategyId: this.#strategyId,
      metadata: shelf.metadata(inferred),
      ...times,
    };
    this.#put({ shelf, record, isNew: true });
  }

  #update(shelf: Shelf, known: RecordRow, text: string, inferred: Metadata | undefined): void {
    const metadata = shelf.metadata({ ...known.metadata, ...inferred });
    const isNew = this.#changes.get(known.id)?.isNew ?? false;
    this.#removed.delete(known.id);
    this.#put({ shelf, record: { ...known, text, metadata }, isNew });
  }

  #put(change: Change): void {
    this.#changes.set(change.record.id, change);
    this.#seen.set(change.record.id, change.record);
  }
}

function dot(a: Float32Array = new Float32Array(), b: Float32Array = new Float32Array()): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}
