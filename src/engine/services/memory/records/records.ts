import type { MemoryKey, Metadata, NewRecord, RecordRow } from '../memory.ts';

/** A record and how near it is in meaning: the cosine, from -1 to 1. */
export interface Near {
  record: RecordRow;
  similarity: number;
}

/** The long-term memory, as extraction uses it. Writes are durable when they return; meaning follows in the background. */
export interface Records {
  /** May be called within a transaction. */
  create(key: MemoryKey, records: readonly NewRecord[]): RecordRow[];
  /** @returns undefined where it is gone. */
  update(key: MemoryKey, id: string, change: { text?: string; metadata?: Metadata }): RecordRow | undefined;
  /** @returns those that were there. */
  remove(key: MemoryKey, ids: readonly string[]): string[];
  /** All of exactly this namespace, oldest first. */
  ofNamespace(key: MemoryKey, namespace: string, strategyId?: string): RecordRow[];
  /**
   * For each text those nearest to it in exactly this namespace unless told otherwise, nearest first, at most `limit`; records that were written
   * before the call are among them.
   * @throws EmbeddingError
   */
  nearest(
    key: MemoryKey,
    query: {
      namespace: string;
      /** Also in those below it. */
      below?: boolean;
      strategyId?: string;
      texts: readonly string[];
      limit: number;
    },
    signal: AbortSignal,
  ): Promise<Near[][]>;
}
