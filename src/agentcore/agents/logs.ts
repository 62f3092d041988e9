import type { FilteredLogEvent } from '@aws-sdk/client-cloudwatch-logs';
import type { AgentCore } from '../agentcore.ts';
import type { Agent } from './agents.ts';
import { readable } from './log-records.ts';

/** One call reads so much at most, which bounds what a chatty agent costs. */
const MAX_PAGES = 20;
const MAX_STREAM_PAGES = 10;
/** Of one call of FilterLogEvents. */
const MAX_STREAMS = 100;

/** A line an agent printed. */
export interface LogLine {
  at: Date;
  /** See {@link readable}; has several lines where it was a record with a stack. */
  text: string;
  stream: string;
}

export interface LogQuery {
  /** The endpoint; `DEFAULT` unless given. */
  qualifier?: string;
  session?: string;
  since: Date;
  /** Only lines that hold this very text. */
  filter?: string;
  signal: AbortSignal;
}

export interface Logs {
  group: string;
  /** Oldest first. */
  lines: LogLine[];
  /** Undefined: the group is not there yet, because the agent has printed nothing so far. */
  found: boolean;
  /** There is more than was read. */
  more: boolean;
}

export const logGroup = (id: string, qualifier = 'DEFAULT') =>
  `/aws/bedrock-agentcore/runtimes/${id}-${qualifier}`;

/** What an agent printed. */
export async function readLogs(agentcore: AgentCore, agent: Agent, query: LogQuery): Promise<Logs> {
  const group = logGroup(agent.id, query.qualifier);
  try {
    return { group, found: true, ...(await readGroup(agentcore, agent.region, group, query)) };
  } catch (error) {
    if ((error as Error).name !== 'ResourceNotFoundException') throw error;
    return { group, found: false, lines: [], more: false };
  }
}

async function readGroup(
  agentcore: AgentCore,
  region: string,
  logGroupName: string,
  { session, since, filter, signal }: LogQuery,
): Promise<{ lines: LogLine[]; more: boolean }> {
  const { FilterLogEventsCommand } = await import('@aws-sdk/client-cloudwatch-logs');
  const client = await agentcore.logs(region);
  const streams = session ? await streamsOf(agentcore, region, logGroupName, { session, signal }) : [];
  // Where no stream is named after the session, its lines may name it.
  const texts = [session && streams.length === 0 ? session : undefined, filter].filter(
    (text) => text !== undefined,
  );
  const events: FilteredLogEvent[] = [];
  let nextToken: string | undefined;
  let pages = 0;
  do {
    const page = await client.send(
      new FilterLogEventsCommand({
        logGroupName,
        startTime: since.getTime(),
        filterPattern: texts.map((text) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`).join(' ') || undefined,
        logStreamNames: streams.length > 0 ? streams : undefined,
        nextToken,
      }),
      { abortSignal: signal },
    );
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
    pages++;
  } while (nextToken && pages < MAX_PAGES);
  const lines = events.map(({ timestamp = 0, message = '', logStreamName: stream = '' }) => ({
    at: new Date(timestamp),
    text: readable(message.replace(/\n$/, '')),
    stream,
  }));
  return { lines: lines.toSorted((a, b) => a.at.getTime() - b.at.getTime()), more: nextToken !== undefined };
}

/** The streams that are named after a session, the most recent first. */
async function streamsOf(
  agentcore: AgentCore,
  region: string,
  logGroupName: string,
  { session, signal }: { session: string; signal: AbortSignal },
): Promise<string[]> {
  const { DescribeLogStreamsCommand } = await import('@aws-sdk/client-cloudwatch-logs');
  const client = await agentcore.logs(region);
  const found: string[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MAX_STREAM_PAGES; page++) {
    const query = { logGroupName, orderBy: 'LastEventTime', descending: true, nextToken } as const;
    const answer = await client.send(new DescribeLogStreamsCommand(query), { abortSignal: signal });
    const names = (answer.logStreams ?? []).flatMap(({ logStreamName }) => logStreamName ?? []);
    found.push(...names.filter((name) => name.includes(session)));
    nextToken = answer.nextToken;
    if (!nextToken || found.length >= MAX_STREAMS) break;
  }
  return found.slice(0, MAX_STREAMS);
}
