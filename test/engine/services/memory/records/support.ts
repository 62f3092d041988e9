import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Clock } from '../../../../../src/engine/clock.ts';
import { silentLog } from '../../../../../src/engine/log.ts';
import type { Embedder } from '../../../../../src/engine/models/embeddings/embedder.ts';
import type { MemoryKey } from '../../../../../src/engine/services/memory/memory.ts';
import { RecordStore } from '../../../../../src/engine/services/memory/records/record-store.ts';
import { wordsOf } from '../../../../../src/engine/services/memory/records/words.ts';
import { openStore } from '../../../../../src/engine/store/sqlite.ts';
import { temporaryDir } from '../../../../support/temporary.ts';

export const key: MemoryKey = {
  scope: { account: '123456789012', region: 'us-east-1' },
  memoryId: 'notes-0123456789',
};
export const everywhere = { path: '/', below: true };
export const never = new AbortController().signal;

const DIMENSIONS = 64;

/** For load, not for meaning: every text has a direction of its own. */
export class Directions implements Embedder {
  readonly id: string;
  readonly name = 'directions';
  embedded = 0;
  /** What it does before it answers. */
  before: (texts: readonly string[]) => Promise<void> = async () => {};

  constructor(id = 'directions') {
    this.id = id;
  }

  knows(): boolean {
    return true;
  }

  async embed(texts: readonly string[]): Promise<Float32Array[]> {
    await this.before(texts);
    this.embedded += texts.length;
    return texts.map((text) => direction(`${this.id} ${text}`));
  }

  async close(): Promise<void> {}
}

function direction(text: string): Float32Array {
  const bytes = createHash('shake256', { outputLength: DIMENSIONS }).update(text).digest();
  const vector = Float32Array.from(bytes, (byte) => byte - 127.5);
  const length = Math.hypot(...vector);
  return vector.map((number) => number / length);
}

/** A store of records on a file, to be closed and opened again. */
export function useRecords(file = join(temporaryDir(), 'engine.db')) {
  const opened: { close(): Promise<void> }[] = [];
  onTestFinished(async () => {
    for (const one of opened) await one.close();
  });
  return {
    file,
    open(embedder: Embedder) {
      const store = openStore(file, { passing: true });
      const records = new RecordStore({ store, embedder, clock: new Clock(), log: silentLog });
      let closing: Promise<void> | undefined;
      const end = async () => {
        await records.close();
        store.close();
      };
      const close = () => {
        closing ??= end();
        return closing;
      };
      opened.push({ close });
      const search = async (question: string, place = everywhere) => {
        const [vector] = await embedder.embed([question]);
        const asked = { key, place, words: wordsOf(question), vector, limit: 10 };
        return records.search({ ...asked, reliance: 'meaning' }, never);
      };
      return { records, search, close };
    },
  };
}

export const texts = (count: number, what = 'note') =>
  Array.from({ length: count }, (_, i) => ({ text: `${what} ${i}`, namespace: `/actors/a${i % 7}/` }));
