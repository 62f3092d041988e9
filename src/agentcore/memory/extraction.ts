import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentCore } from '../agentcore.ts';
import type { Kept } from './events.ts';
import { headersOf } from './headers.ts';
import type { Memory } from './memories.ts';
import type { Place } from './namespaces.ts';
import { searchRecords } from './records.ts';

const FIRST_POLL_MS = 25;
const MAX_POLL_MS = 1_000;
/** Where only the records show that something was learned, which takes a minute or so. */
const FIRST_SEARCH_MS = 1_000;
const MAX_SEARCH_MS = 5_000;

/** How far the making of long-term memories is. */
export interface Jobs {
  /** Undefined where the service does not tell. */
  pending?: number | undefined;
  failed: number;
}

/** The extraction jobs of a memory, or of one session. */
export async function extractionJobs(
  agentcore: AgentCore,
  { id: memoryId, region }: Memory,
  { actor, session, signal }: { actor?: string; session?: string; signal: AbortSignal },
): Promise<Jobs> {
  const { ListMemoryExtractionJobsCommand } = await import('@aws-sdk/client-bedrock-agentcore');
  const client = await agentcore.data(region);
  const command = new ListMemoryExtractionJobsCommand({
    memoryId,
    ...(actor && { filter: { actorId: actor, sessionId: session } }),
  });
  const headers = headersOf(command);
  const { jobs = [] } = await client.send(command, { abortSignal: signal });
  return {
    pending: headers.pending === undefined ? undefined : Number(headers.pending),
    failed: jobs.length,
  };
}

/** What became of an extraction: `new` are records since then, where nothing else tells. */
export type Extracted = { state: 'done' | 'pending' | 'failed' } | { state: 'unknown'; records: number };

export interface Waiting {
  actor: string;
  kept: Kept;
  /** Where its records would come to lie. */
  places: readonly Place[];
  text: string;
  ms: number;
  signal: AbortSignal;
}

/** Waits until all is learned from an event, at most so long. */
export async function untilExtracted(
  agentcore: AgentCore,
  memory: Memory,
  waiting: Waiting,
): Promise<Extracted> {
  const { actor, kept, ms, signal } = waiting;
  const until = Date.now() + ms;
  for (let pause = FIRST_POLL_MS; ; pause = Math.min(pause * 2, MAX_POLL_MS)) {
    const { pending, failed } = await extractionJobs(agentcore, memory, {
      actor,
      session: kept.session,
      signal,
    });
    if (pending === undefined) return untilRecords(agentcore, memory, waiting, until);
    if (pending === 0) return { state: failed > 0 ? 'failed' : 'done' };
    if (Date.now() + pause > until) return { state: 'pending' };
    await sleep(pause, undefined, { signal });
  }
}

async function untilRecords(
  agentcore: AgentCore,
  memory: Memory,
  { kept, places, text, signal }: Waiting,
  until: number,
): Promise<Extracted> {
  for (let pause = FIRST_SEARCH_MS; ; pause = Math.min(pause * 2, MAX_SEARCH_MS)) {
    if (Date.now() + pause > until) return { state: 'pending' };
    await sleep(pause, undefined, { signal });
    const asking = { query: text.slice(0, 1000), places, limit: 100, since: kept.at, signal };
    const { found } = await searchRecords(agentcore, memory, asking);
    if (found.length > 0) return { state: 'unknown', records: found.length };
  }
}
