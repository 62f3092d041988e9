import { join } from 'node:path';
import type { PayloadType } from '@aws-sdk/client-bedrock-agentcore';
import { onTestFinished } from 'vitest';
import { Clock } from '../../../../../src/engine/clock.ts';
import { createLog } from '../../../../../src/engine/log.ts';
import type { Embedder } from '../../../../../src/engine/models/embeddings/embedder.ts';
import type { Call } from '../../../../../src/engine/service.ts';
import { Idempotency } from '../../../../../src/engine/services/idempotency.ts';
import type { Events } from '../../../../../src/engine/services/memory/events/events.ts';
import type {
  Candidate,
  Decision,
  Extractor,
  Lesson,
} from '../../../../../src/engine/services/memory/extraction/extractor.ts';
import { createExtraction } from '../../../../../src/engine/services/memory/extraction/index.ts';
import type {
  EventRow,
  MemoryKey,
  MemoryRow,
  RecordRow,
  StrategyRow,
} from '../../../../../src/engine/services/memory/memory.ts';
import type { Near, Records } from '../../../../../src/engine/services/memory/records/records.ts';
import { Objects } from '../../../../../src/engine/services/objects/object-store.ts';
import { openStore } from '../../../../../src/engine/store/sqlite.ts';
import { temporaryDir } from '../../../../support/temporary.ts';

export const scope = { account: '111122223333', region: 'eu-central-1' };
export const key: MemoryKey = { scope, memoryId: 'notes-aB3dE5gH7j' };

export function strategy(type: StrategyRow['type'], more: Partial<StrategyRow> = {}): StrategyRow {
  const name = String(type).toLowerCase();
  const namespaces =
    type === 'SEMANTIC' || type === 'USER_PREFERENCE'
      ? ['/{memoryStrategyId}/{actorId}/']
      : ['/{memoryStrategyId}/{actorId}/{sessionId}/'];
  const times = { createdAt: 0, updatedAt: 0 };
  return { strategyId: `${name}-0123456789`, name, type, namespaces, status: 'ACTIVE', ...times, ...more };
}

export function memoryOf(...strategies: StrategyRow[]): MemoryRow {
  return {
    ...{ id: key.memoryId, name: 'notes', status: 'ACTIVE', eventExpiryDuration: 30 },
    ...{ strategies, indexedKeys: [], namespaceKeys: [], createdAt: 0, updatedAt: 0 },
  };
}

/** Counts words: texts are as near as they share some. */
export const wordEmbedder: Embedder = {
  id: 'words',
  name: 'words',
  knows: () => true,
  async embed(texts) {
    return texts.map((text) => {
      const vector = new Float32Array(512);
      for (const word of text.toLowerCase().match(/\w+/g) ?? [])
        vector[[...word].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 512, 7)] = 1;
      const length = Math.hypot(...vector) || 1;
      return vector.map((value) => value / length);
    });
  },
  async close() {},
};

interface Asked {
  lesson: Lesson;
  near?: readonly Near[];
  final?: boolean;
  episodes?: readonly string[];
}

/** Every message is a fact; one that begins like another, up to ` is `, takes its place. Remembers what it was asked. */
export class PlainExtractor implements Extractor {
  readonly name = 'plain';
  readonly asked: ({ what: string } & Asked)[] = [];
  /** In place of its own. */
  decision: Decision | undefined;
  /** Called before each answer. */
  before: (what: string, lesson: Lesson, signal: AbortSignal) => void | Promise<void> = () => {};

  async extract(lesson: Lesson, signal: AbortSignal): Promise<Candidate[]> {
    await this.#ask('extract', { lesson }, signal);
    return lesson.messages.map(({ text }) => ({ text, metadata: { mood: { stringValue: 'good' } } }));
  }

  async consolidate(
    lesson: Lesson,
    { text, metadata }: Candidate,
    near: readonly Near[],
    signal: AbortSignal,
  ): Promise<Decision> {
    await this.#ask('consolidate', { lesson, near }, signal);
    if (this.decision) return this.decision;
    const old = near.find(({ record }) => subject(record.text) === subject(text))?.record;
    if (old?.text === text) return { kind: 'skip' };
    return old ? { kind: 'update', recordId: old.id, text } : { kind: 'add', text, metadata };
  }

  async summarize(lesson: Lesson, previous: readonly string[], signal: AbortSignal): Promise<Candidate[]> {
    await this.#ask('summarize', { lesson }, signal);
    return [...previous, ...lesson.messages.map(({ text }) => text)].slice(-2).map((text) => ({ text }));
  }

  async episode(lesson: Lesson, { final }: { final: boolean }, signal: AbortSignal) {
    await this.#ask('episode', { lesson, final }, signal);
    const texts = lesson.messages.map(({ text }) => text);
    return final || texts.includes('done') ? { text: texts.join(', ') } : undefined;
  }

  async reflect(
    lesson: Lesson,
    episode: string,
    known: { episodes: readonly string[]; reflections: readonly Near[] },
    signal: AbortSignal,
  ): Promise<Decision[]> {
    await this.#ask('reflect', { lesson, near: known.reflections, episodes: known.episodes }, signal);
    const [old] = known.reflections;
    const text = `${old?.record.text ?? 'learned'} ${episode.length}`;
    return [old ? { kind: 'update', recordId: old.record.id, text } : { kind: 'add', text }];
  }

  texts(what: string): string[][] {
    return this.asked
      .filter((one) => one.what === what)
      .map(({ lesson }) => lesson.messages.map(({ text }) => text));
  }

  async #ask(what: string, one: Asked, signal: AbortSignal): Promise<void> {
    this.asked.push({ what, ...one });
    await this.before(what, one.lesson, signal);
  }
}

const subject = (text: string) => text.split(' is ')[0];

/** Records and events that live as long as the test, for what is tested without the others. */
export class Shelves implements Records, Events {
  readonly events: EventRow[] = [];
  readonly rows = new Map<string, RecordRow>();
  #made = 0;

  create(_: MemoryKey, records: Parameters<Records['create']>[1]): RecordRow[] {
    return records.map(({ text, metadata = {}, type = 'BASE', createdAt = 0, namespace, strategyId }) => {
      const id = `mem-${++this.#made}`;
      const row = { id, text, metadata, type, createdAt, updatedAt: createdAt, namespace, strategyId };
      this.rows.set(id, row);
      return row;
    });
  }

  update(_: MemoryKey, id: string, change: Partial<RecordRow>): RecordRow | undefined {
    const row = this.rows.get(id);
    if (!row) return undefined;
    const changed = { ...row, ...change };
    this.rows.set(id, changed);
    return changed;
  }

  remove(_: MemoryKey, ids: readonly string[]): string[] {
    return ids.filter((id) => this.rows.delete(id));
  }

  ofNamespace(_: MemoryKey, namespace: string, strategyId?: string): RecordRow[] {
    return [...this.rows.values()].filter(
      (row) => row.namespace === namespace && row.strategyId === strategyId,
    );
  }

  async nearest(
    _: MemoryKey,
    { namespace, below, strategyId, texts, limit }: Parameters<Records['nearest']>[1],
  ) {
    const isThere = ({ namespace: own = '' }: RecordRow) =>
      below ? own.startsWith(namespace) : own === namespace;
    const rows = [...this.rows.values()].filter((row) => isThere(row) && row.strategyId === strategyId);
    const vectors = await wordEmbedder.embed(rows.map(({ text }) => text));
    const queries = await wordEmbedder.embed(texts);
    return queries.map((query) =>
      rows
        .map((record, index) => ({ record, similarity: dot(query, vectors[index]) }))
        .sort((a, b) => b.similarity - a.similarity)
        .slice(0, limit),
    );
  }

  get(_: MemoryKey, actorId: string, sessionId: string, eventId: string): EventRow | undefined {
    return this.#session(actorId, sessionId).find((event) => event.eventId === eventId);
  }

  upTo(
    _: MemoryKey,
    actorId: string,
    sessionId: string,
    { eventId, limit }: { eventId?: string; limit: number },
  ): EventRow[] {
    const session = this.#session(actorId, sessionId);
    const end = eventId === undefined ? session.length : session.findIndex((e) => e.eventId === eventId) + 1;
    return session.slice(Math.max(0, end - limit), end);
  }

  #session(actorId: string, sessionId: string): EventRow[] {
    return this.events.filter((event) => event.actorId === actorId && event.sessionId === sessionId);
  }
}

const dot = (a: Float32Array, b: Float32Array = new Float32Array()) =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

/** An extraction on a store of its own. `restart` closes it and begins another one on the same store. */
export function startExtraction(memory: MemoryRow, { jobMs }: { jobMs?: number } = {}) {
  const dir = temporaryDir();
  const store = openStore(join(dir, 'engine.db'), { passing: true });
  const clock = new Clock();
  const shelves = new Shelves();
  const extractor = new PlainExtractor();
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line) });
  const objects = new Objects(store, join(dir, 'objects'), clock);
  const memories: { current: MemoryRow | undefined } = { current: memory };
  const find = () => memories.current;
  const require = () => find() as MemoryRow;
  const create = () =>
    createExtraction({
      ...{ store, clock, log, extractor, objects, jobMs },
      idempotency: new Idempotency({ store, log, clock }),
      ...{ events: shelves, records: shelves, memories: { find, require }, embedder: wordEmbedder },
    });
  let extraction = create();
  let count = 0;
  onTestFinished(async () => {
    await extraction.close();
    store.close();
  });

  return {
    ...{ store, clock, shelves, extractor, lines, objects, memories },
    get extraction() {
      return extraction;
    },
    async restart() {
      await extraction.close();
      extraction = create();
    },
    /** Keeps an event as the service does. */
    say(text: string | PayloadType[], more: Partial<EventRow> = {}): EventRow {
      const payload =
        typeof text === 'string' ? [{ conversational: { role: 'USER', content: { text } } } as const] : text;
      const eventId = `${String(++count).padStart(19, '0')}#00000000`;
      const branch = { name: 'main' };
      const event = {
        eventId,
        actorId: 'anna',
        sessionId: 's1',
        at: 1_000 * count,
        payload,
        branch,
        ...more,
      };
      store.transaction(() => {
        shelves.events.push(event);
        extraction.kept(key, event);
      });
      extraction.wake();
      return event;
    },
    /** Lets pass time until nothing is left to do. */
    async settled(): Promise<void> {
      for (let step = 0; extraction.unfinished(key) > 0; step++) {
        if (step > 2_000) throw new Error(`Not settled: ${lines.join('')}`);
        await clock.advance(100);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    },
    records: () => [...shelves.rows.values()].map(({ namespace, text }) => [namespace, text]),
  };
}

/** A call of the account that all these tests have. */
export function call(): Call & { answered: Record<string, string> } {
  const answered: Record<string, string> = {};
  return {
    ...{ ...scope, requestId: 'r', origin: 'http://127.0.0.1', headers: new Map(), answered },
    signal: new AbortController().signal,
    setHeader(name, value) {
      answered[name] = value;
    },
  };
}
