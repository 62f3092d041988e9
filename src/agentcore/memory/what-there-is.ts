import { nearest } from '../../platform/nearest.ts';
import type { AgentCore } from '../agentcore.ts';
import { unlessClosed } from '../tool-sessions/unless-closed.ts';
import { actorsOf, sessionsOf } from './events.ts';
import { extractionJobs } from './extraction.ts';
import { kindOf, type MemoryKind } from './kinds.ts';
import type { Memory } from './memories.ts';
import { named } from './named.ts';
import { placesOf } from './namespaces.ts';
import { newestRecords } from './records.ts';

/** What nothing was found of. */
export interface Missed {
  /** Undefined: everybody. */
  actor?: string | undefined;
  session?: string | undefined;
  kind?: MemoryKind | undefined;
  namespace?: string | undefined;
}

/** Why nothing was found, in sentences: what there is instead, and what is still to come; none where the caller may not look. */
export async function whatThereIs(
  agentcore: AgentCore,
  memory: Memory,
  missed: Missed,
  signal: AbortSignal,
): Promise<string[]> {
  return (await unlessClosed(() => reasons(agentcore, memory, missed, signal))) ?? [];
}

async function reasons(
  agentcore: AgentCore,
  memory: Memory,
  { actor, session, kind, namespace }: Missed,
  signal: AbortSignal,
): Promise<string[]> {
  const [jobs, actors, sessions] = await Promise.all([
    extractionJobs(agentcore, memory, { signal }),
    everyActor(agentcore, memory, signal),
    session !== undefined && actor ? sessionsOf(agentcore, memory, { actor, signal }) : undefined,
  ]);
  const kinds = (memory.details.strategies ?? []).flatMap((strategy) => kindOf(strategy) ?? []);
  const sentences = [
    kind && !kinds.includes(kind) && `${memory.id} keeps no ${kind}, only ${kinds.join(', ') || 'events'}.`,
    namespace !== undefined && (await otherNamespaces(agentcore, memory, namespace, signal)),
    namespace === undefined && actor && !actors.includes(actor) && nobody(actor, actors),
    sessions && session && !sessions.includes(session) && noSession(session, sessions),
    jobs.pending &&
      `Still learning: ${jobs.pending} ${jobs.pending === 1 ? 'job' : 'jobs'}. Ask again in a moment.`,
    jobs.failed > 0 && 'Some could not be learned: read_aws_api with ListMemoryExtractionJobs says why.',
  ];
  return sentences.filter((sentence) => typeof sentence === 'string');
}

function nobody(actor: string, actors: readonly string[]): string {
  if (actors.length === 0) return 'Nothing is remembered of anybody yet.';
  const meant = nearest(actor, actors);
  return `Nothing is remembered of ${actor}.${meant ? ` Did you mean ${meant}?` : ''} There are: ${named(actors)}; actor: "*" searches all.`;
}

function noSession(session: string, sessions: readonly string[]): string {
  if (sessions.length === 0) return 'This actor has no sessions.';
  const meant = nearest(session, sessions);
  return `There is no session ${session}.${meant ? ` Did you mean ${meant}?` : ''} There are: ${named(sessions)}.`;
}

/** Those who have said something, and those of whom facts are kept. */
async function everyActor(agentcore: AgentCore, memory: Memory, signal: AbortSignal): Promise<string[]> {
  const places = placesOf(memory.details.strategies ?? [], {});
  const [speaking, { found }] = await Promise.all([
    actorsOf(agentcore, memory, signal),
    newestRecords(agentcore, memory, { places, limit: 100, signal }),
  ]);
  return [...new Set([...speaking, ...found.flatMap(({ actor }) => actor ?? [])])];
}

async function otherNamespaces(
  agentcore: AgentCore,
  memory: Memory,
  namespace: string,
  signal: AbortSignal,
): Promise<string> {
  const everywhere = { where: { namespacePath: '/' }, pattern: /^/ };
  const { found } = await newestRecords(agentcore, memory, { places: [everywhere], limit: 100, signal });
  const all = [...new Set(found.map((record) => record.namespace))];
  return all.length > 0
    ? `No record lies under ${namespace}; there are: ${named(all)}.`
    : `No record lies under ${namespace}, nor anywhere.`;
}
