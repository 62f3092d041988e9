import type { PayloadType } from '@aws-sdk/client-bedrock-agentcore';
import type { AgentCore } from '../agentcore.ts';
import { everyPage } from '../every-page.ts';
import { headersOf } from './headers.ts';
import type { Memory } from './memories.ts';

const PAGE = 100;

/** An event that was kept. */
export interface Kept {
  event: string;
  session: string;
  at: Date;
  /** Whether long-term memories are made of it; undefined where the service does not tell. */
  extraction?: 'pending' | 'none' | undefined;
}

/** Keeps what was said, or a blob, as one event. The service names the session where none is given. */
export async function createEvent(
  agentcore: AgentCore,
  memory: Memory,
  {
    actor,
    session,
    payload,
    signal,
  }: { actor: string; session?: string | undefined; payload: PayloadType[]; signal: AbortSignal },
): Promise<Kept> {
  const { CreateEventCommand } = await import('@aws-sdk/client-bedrock-agentcore');
  const client = await agentcore.data(memory.region);
  const at = new Date();
  const command = new CreateEventCommand({
    memoryId: memory.id,
    actorId: actor,
    sessionId: session,
    eventTimestamp: at,
    payload,
  });
  const headers = headersOf(command);
  const { event } = await client.send(command, { abortSignal: signal });
  const { extraction } = headers;
  return {
    event: event?.eventId ?? '',
    session: event?.sessionId ?? session ?? '',
    at,
    extraction: extraction === 'pending' || extraction === 'none' ? extraction : undefined,
  };
}

/** One message of a session, or a blob. */
export interface Turn {
  role: string;
  text: string;
  when?: Date | undefined;
}

/** The last turns of a session, oldest first. */
export async function lastTurns(
  agentcore: AgentCore,
  memory: Memory,
  { actor, session, count, signal }: { actor: string; session: string; count: number; signal: AbortSignal },
): Promise<Turn[]> {
  const { ListEventsCommand } = await import('@aws-sdk/client-bedrock-agentcore');
  const client = await agentcore.data(memory.region);
  const turns: Turn[] = [];
  let nextToken: string | undefined;
  do {
    const command = new ListEventsCommand({
      memoryId: memory.id,
      actorId: actor,
      sessionId: session,
      maxResults: PAGE,
      nextToken,
    });
    const page = await client.send(command, { abortSignal: signal });
    for (const { payload = [], eventTimestamp } of page.events ?? [])
      turns.unshift(...payload.map((part) => turnOf(part, eventTimestamp)));
    nextToken = page.nextToken;
  } while (nextToken && turns.length < count);
  return turns.slice(-count);
}

function turnOf({ conversational, blob, json }: PayloadType, when: Date | undefined): Turn {
  if (conversational)
    return {
      role: (conversational.role ?? '').toLowerCase(),
      text: conversational.content?.text ?? '',
      when,
    };
  const document = blob ?? json?.content;
  const text = typeof document === 'string' ? document : JSON.stringify(document ?? null);
  return { role: blob === undefined ? 'json' : 'blob', text, when };
}

/** The sessions of an actor, newest first. */
export async function sessionsOf(
  agentcore: AgentCore,
  { id: memoryId, region }: Memory,
  { actor, signal }: { actor: string; signal: AbortSignal },
): Promise<string[]> {
  const { ListSessionsCommand } = await import('@aws-sdk/client-bedrock-agentcore');
  const client = await agentcore.data(region);
  const sessions = await everyPage(async (page) => {
    const command = new ListSessionsCommand({ memoryId, actorId: actor, ...page });
    const { sessionSummaries = [], nextToken } = await client.send(command, { abortSignal: signal });
    return { items: sessionSummaries, nextToken };
  });
  return sessions
    .toSorted((a, b) => Number(b.createdAt ?? 0) - Number(a.createdAt ?? 0))
    .flatMap(({ sessionId }) => sessionId ?? []);
}

/** All who have said something. */
export async function actorsOf(
  agentcore: AgentCore,
  { id: memoryId, region }: Memory,
  signal: AbortSignal,
): Promise<string[]> {
  const { ListActorsCommand } = await import('@aws-sdk/client-bedrock-agentcore');
  const client = await agentcore.data(region);
  return everyPage(async (page) => {
    const command = new ListActorsCommand({ memoryId, ...page });
    const { actorSummaries = [], nextToken } = await client.send(command, { abortSignal: signal });
    return { items: actorSummaries.flatMap(({ actorId }) => actorId ?? []), nextToken };
  });
}
