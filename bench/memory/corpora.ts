import type { Embedder } from '../../src/engine/models/embeddings/embedder.ts';
import type { Decision, Lesson, Message } from '../../src/engine/services/memory/extraction/extractor.ts';
import { createRulesExtractor } from '../../src/engine/services/memory/extraction/rules/index.ts';
import type { MemoryRow, StrategyRow } from '../../src/engine/services/memory/memory.ts';
import type { RecordStore } from '../../src/engine/services/memory/records/record-store.ts';
import { key, namespace, never } from './long-term.ts';
import type { Turn } from './questions/conversations.ts';
import type { Fact } from './questions/question-set.ts';

/** For each record, by its id, the ids of the facts it tells. */
export type Tells = Map<string, readonly string[]>;

const AT_ONCE = 500;
const BEFORE = 6;
const NEAR = 5;
const DAY = Date.UTC(2026, 0, 5);
const TURN_MS = 60_000;

/** Texts become records as they are. */
export function keep(
  records: RecordStore,
  texts: readonly { text: string; tells: readonly string[] }[],
): Tells {
  const tells: Tells = new Map();
  for (let from = 0; from < texts.length; from += AT_ONCE) {
    const some = texts.slice(from, from + AT_ONCE);
    const created = records.create(
      key,
      some.map(({ text }) => ({ text, namespace })),
    );
    created.forEach(({ id }, index) => {
      tells.set(id, some[index]?.tells ?? []);
    });
  }
  return tells;
}

const strategy: StrategyRow = {
  strategyId: 'facts-0000000000',
  name: 'facts',
  type: 'SEMANTIC',
  namespaces: [namespace],
  status: 'ACTIVE',
  createdAt: 0,
  updatedAt: 0,
};

const memory: MemoryRow = {
  id: key.memoryId,
  name: 'bench',
  status: 'ACTIVE',
  eventExpiryDuration: 30,
  strategies: [strategy],
  indexedKeys: [],
  namespaceKeys: [],
  createdAt: 0,
  updatedAt: 0,
};

/** Conversations as the jobs of a semantic strategy would see them: the messages of one exchange, and some before it. */
export function* lessons(turns: readonly Turn[]): Iterable<{ lesson: Lesson; tells: readonly string[] }> {
  const messages = turns.map(
    ({ role, text }, index) => ({ role, text, at: DAY + index * TURN_MS }) satisfies Message,
  );
  for (const [index, { session, tells }] of turns.entries()) {
    if (tells.length === 0) continue;
    const first = turns.findIndex((turn) => turn.session === session);
    const context = messages.slice(Math.max(first, index - BEFORE), index);
    const lesson = { memory, strategy, actorId: 'bench', sessionId: session, context };
    yield { lesson: { ...lesson, messages: messages.slice(index, index + 2) }, tells };
  }
}

/** What the rules take from conversations, before it is consolidated. */
export async function candidates(turns: readonly Turn[], embedder: Embedder): Promise<string[]> {
  const extractor = createRulesExtractor({ embedder });
  const found = [...lessons(turns)].map(({ lesson }) => extractor.extract(lesson, never));
  return (await Promise.all(found)).flat().map(({ text }) => text);
}

/** What the engine learns from conversations without a language model, consolidated against what it knows already. */
export async function learn(
  records: RecordStore,
  turns: readonly Turn[],
  facts: ReadonlyMap<string, Fact>,
  embedder: Embedder,
): Promise<Tells> {
  const extractor = createRulesExtractor({ embedder });
  const tells: Tells = new Map();
  for (const { lesson, tells: told } of lessons(turns)) {
    for (const candidate of await extractor.extract(lesson, never)) {
      const [found = []] = await records.nearest(
        key,
        { namespace, texts: [candidate.text], limit: NEAR },
        never,
      );
      const decision = await extractor.consolidate(lesson, candidate, found, never);
      const id = decide(records, decision, tells);
      if (id) tells.set(id, toldBy(records, id, [...(tells.get(id) ?? []), ...told], facts));
    }
  }
  return tells;
}

/** @returns the record that now says it. */
function decide(records: RecordStore, decision: Decision, tells: Tells): string | undefined {
  if (decision.kind === 'skip') return undefined;
  for (const id of decision.supersedes ?? []) {
    records.remove(key, [id]);
    tells.delete(id);
  }
  if (decision.kind === 'add') return records.create(key, [{ text: decision.text, namespace }])[0]?.id;
  return records.update(key, decision.recordId, { text: decision.text })?.id;
}

const wordsOf = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** Of the facts that were told, those of which a record has half of the words. */
function toldBy(
  records: RecordStore,
  id: string,
  told: readonly string[],
  facts: ReadonlyMap<string, Fact>,
): string[] {
  const has = new Set(wordsOf(records.get(key, id)?.text ?? ''));
  return told.filter((fact) => {
    const words = wordsOf(facts.get(fact)?.text ?? '');
    return words.filter((word) => has.has(word)).length * 2 >= words.length;
  });
}
