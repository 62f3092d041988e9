import { ToolFailure } from '../../failure.ts';
import type { AgentCore } from '../agentcore.ts';
import { kindOf } from './kinds.ts';
import type { Memory } from './memories.ts';
import { type Place, placesOf } from './namespaces.ts';
import { createRecord, deleteRecord, type Found, recordText, searchRecords } from './records.ts';

/** From here on, facts are told as similar: enough to be about the same thing. */
const SIMILAR = 0.65;
const MAX_SIMILAR = 3;

/** A fact that was kept. */
export interface KeptFact {
  id: string;
  /** Whether it was there already. */
  known: boolean;
  /** What it replaced. */
  replaced?: string | undefined;
  /** Other facts that may say the same or the opposite. */
  similar: Found[];
}

/** Where the facts of an actor are kept. */
export interface FactsPlace extends Place {
  actor: string;
  namespace: string;
  strategyId: string;
}

/** Undefined in a memory without a strategy for facts, or where its template has more variables than the actor. */
export function factsPlace({ details }: Memory, actor: string): FactsPlace | undefined {
  for (const strategy of details.strategies ?? []) {
    if (kindOf(strategy) !== 'facts') continue;
    for (const place of placesOf([strategy], { actor }))
      if ('namespace' in place.where)
        return {
          ...{ ...place, actor, namespace: place.where.namespace },
          strategyId: strategy.strategyId ?? '',
        };
  }
  return undefined;
}

/**
 * Keeps a fact as a record of its own, word for word and at once; extraction would rewrite it, or may find it not worth
 * keeping. The same words are kept once.
 * @throws ToolFailure `NotFound` where the record that it is to replace is not there, or not the actor's.
 */
export async function rememberFact(
  agentcore: AgentCore,
  memory: Memory,
  {
    text,
    place,
    replaces,
    signal,
  }: {
    text: string;
    place: FactsPlace;
    replaces?: string | undefined;
    signal: AbortSignal;
  },
): Promise<KeptFact> {
  const query = text.slice(0, 10_000);
  const places = placesOf(memory.details.strategies ?? [], place);
  const [{ found }, replaced] = await Promise.all([
    searchRecords(agentcore, memory, { query, places: [place], limit: MAX_SIMILAR + 2, signal }),
    replaces === undefined ? undefined : recordText(agentcore, memory, { id: replaces, places, signal }),
  ]);
  if (replaces !== undefined && replaced === undefined) throw noSuchRecord(replaces, memory, found);
  const same = found.find((record) => record.text.trim() === text.trim() && record.id !== replaces);
  const { namespace, strategyId } = place;
  const id = same?.id ?? (await createRecord(agentcore, memory, { text, namespace, strategyId, signal }));
  if (replaces !== undefined) await deleteRecord(agentcore, memory, { id: replaces, signal });
  const others = found.filter((record) => record.id !== id && record.id !== replaces);
  const similar = others.filter(({ score = 0 }) => score >= SIMILAR).slice(0, MAX_SIMILAR);
  return { id, known: same !== undefined, replaced, similar };
}

/**
 * Forgets a record of an actor.
 * @returns what it said.
 * @throws ToolFailure `NotFound` where it is not there, or not the actor's.
 */
export async function forgetRecord(
  agentcore: AgentCore,
  memory: Memory,
  { id, actor, signal }: { id: string; actor: string; signal: AbortSignal },
): Promise<string> {
  const places = placesOf(memory.details.strategies ?? [], { actor });
  const text = await recordText(agentcore, memory, { id, places, signal });
  if (text === undefined) throw noSuchRecord(id, memory, []);
  await deleteRecord(agentcore, memory, { id, signal });
  return text;
}

function noSuchRecord(id: string, memory: Memory, found: readonly Found[]): ToolFailure {
  return new ToolFailure({
    code: 'NotFound',
    message: `${memory.id} has no ${id.slice(0, 100)} of this actor, so nothing was kept, replaced or forgotten.`,
    foreign: found.map((record) => `${record.id}: ${record.text}`).join('\n') || undefined,
    hint: `retrieve_memory tells the ids of facts.${found.length > 0 ? ' The details show those nearest to the new text.' : ''}`,
  });
}
