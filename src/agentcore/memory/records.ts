import type { MemoryRecordSummary } from '@aws-sdk/client-bedrock-agentcore';
import { ToolFailure } from '../../failure.ts';
import type { AgentCore } from '../agentcore.ts';
import { headersOf } from './headers.ts';
import { kindOf } from './kinds.ts';
import type { Memory } from './memories.ts';
import type { Place } from './namespaces.ts';

/** The largest page there is. */
const PAGE = 100;
const updatedAt = 'x-amz-agentcore-memory-updatedAt';

/** A long-term memory. */
export interface Found {
  id: string;
  text: string;
  /** Undefined where a strategy of the user's own, or none, keeps it. */
  kind?: string | undefined;
  when?: Date | undefined;
  /** How well it fits, higher is better; undefined where nothing was searched. */
  score?: number | undefined;
  namespace: string;
  actor?: string | undefined;
  session?: string | undefined;
}

/** What was found, best or newest first, and what the service says about it. */
export interface Search {
  found: Found[];
  notes: string[];
}

interface Asking {
  places: readonly Place[];
  limit: number;
  /** Only what was made or changed after this. */
  since?: Date;
  signal: AbortSignal;
}

/** The records nearest in meaning to a query, over all places. */
export async function searchRecords(
  agentcore: AgentCore,
  memory: Memory,
  { query, places, limit, since, signal }: Asking & { query: string },
): Promise<Search> {
  const { RetrieveMemoryRecordsCommand } = await import('@aws-sdk/client-bedrock-agentcore');
  const client = await agentcore.data(memory.region);
  const pages = await Promise.all(
    places.map(async (place) => {
      const command = new RetrieveMemoryRecordsCommand({
        memoryId: memory.id,
        ...place.where,
        searchCriteria: {
          searchQuery: query,
          memoryStrategyId: place.strategyId,
          topK: limit,
          metadataFilters: since && [
            {
              left: { metadataKey: updatedAt },
              operator: 'AFTER',
              right: { metadataValue: { dateTimeValue: since } },
            },
          ],
        },
        maxResults: limit,
      });
      const headers = headersOf(command);
      const { memoryRecordSummaries = [] } = await client.send(command, { abortSignal: signal });
      return { found: foundIn(memoryRecordSummaries, place, memory), note: headers.note };
    }),
  );
  const found = onceEach(pages.flatMap((page) => page.found)).toSorted(
    (a, b) => (b.score ?? 0) - (a.score ?? 0),
  );
  const notes = new Set(pages.flatMap(({ note }) => note ?? []));
  return { found: found.slice(0, limit), notes: [...notes] };
}

/** The newest records, over all places; of the first hundred of each. */
export async function newestRecords(
  agentcore: AgentCore,
  memory: Memory,
  { places, limit, signal }: Asking,
): Promise<Search> {
  const { ListMemoryRecordsCommand } = await import('@aws-sdk/client-bedrock-agentcore');
  const client = await agentcore.data(memory.region);
  const pages = await Promise.all(
    places.map(async (place) => {
      const command = new ListMemoryRecordsCommand({
        memoryId: memory.id,
        ...place.where,
        memoryStrategyId: place.strategyId,
        maxResults: PAGE,
      });
      const { memoryRecordSummaries = [] } = await client.send(command, { abortSignal: signal });
      return foundIn(memoryRecordSummaries, place, memory);
    }),
  );
  const found = onceEach(pages.flat()).toSorted((a, b) => Number(b.when ?? 0) - Number(a.when ?? 0));
  return { found: found.slice(0, limit), notes: [] };
}

function foundIn(records: readonly MemoryRecordSummary[], { pattern }: Place, { details }: Memory): Found[] {
  return records.flatMap(
    ({ memoryRecordId = '', content, memoryStrategyId, namespaces, createdAt, score, metadata }) => {
      const namespace = namespaces?.[0] ?? '';
      const match = pattern.exec(namespace);
      if (!match) return [];
      const strategy = details.strategies?.find(({ strategyId }) => strategyId === memoryStrategyId);
      const { actorId: actor, sessionId: session } = match.groups ?? {};
      return {
        id: memoryRecordId,
        text: content?.text ?? '',
        kind: strategy && (kindOf(strategy) ?? strategy.name),
        when: metadata?.[updatedAt]?.dateTimeValue ?? createdAt,
        score,
        namespace,
        actor,
        session,
      };
    },
  );
}

function onceEach(found: readonly Found[]): Found[] {
  return [...new Map(found.map((record) => [record.id, record])).values()];
}

/** Keeps a text as it is. @returns the id of its record. @throws ToolFailure `NotRemembered` */
export async function createRecord(
  agentcore: AgentCore,
  memory: Memory,
  {
    text,
    namespace,
    strategyId,
    signal,
  }: { text: string; namespace: string; strategyId: string; signal: AbortSignal },
): Promise<string> {
  const { BatchCreateMemoryRecordsCommand } = await import('@aws-sdk/client-bedrock-agentcore');
  const client = await agentcore.data(memory.region);
  const command = new BatchCreateMemoryRecordsCommand({
    memoryId: memory.id,
    records: [
      {
        requestIdentifier: 'fact',
        namespaces: [namespace],
        content: { text },
        timestamp: new Date(),
        memoryStrategyId: strategyId,
      },
    ],
  });
  const { successfulRecords, failedRecords } = await client.send(command, { abortSignal: signal });
  const id = successfulRecords?.[0]?.memoryRecordId;
  if (id) return id;
  throw new ToolFailure({
    code: 'NotRemembered',
    message: `The fact was not taken into ${memory.id}.`,
    foreign: failedRecords?.[0]?.errorMessage,
  });
}

/** The text of a record in one of these places; undefined where there is none of this id. */
export async function recordText(
  agentcore: AgentCore,
  { id: memoryId, region }: Memory,
  { id: memoryRecordId, places, signal }: { id: string; places: readonly Place[]; signal: AbortSignal },
): Promise<string | undefined> {
  const { GetMemoryRecordCommand } = await import('@aws-sdk/client-bedrock-agentcore');
  const client = await agentcore.data(region);
  try {
    const command = new GetMemoryRecordCommand({ memoryId, memoryRecordId });
    const { memoryRecord } = await client.send(command, { abortSignal: signal });
    const namespace = memoryRecord?.namespaces?.[0] ?? '';
    return places.some(({ pattern }) => pattern.test(namespace)) ? memoryRecord?.content?.text : undefined;
  } catch (error) {
    if (/^(?:ResourceNotFound|Validation)Exception$/.test((error as Error).name)) return undefined;
    throw error;
  }
}

export async function deleteRecord(
  agentcore: AgentCore,
  { id: memoryId, region }: Memory,
  { id: memoryRecordId, signal }: { id: string; signal: AbortSignal },
): Promise<void> {
  const { DeleteMemoryRecordCommand } = await import('@aws-sdk/client-bedrock-agentcore');
  const client = await agentcore.data(region);
  await client.send(new DeleteMemoryRecordCommand({ memoryId, memoryRecordId }), { abortSignal: signal });
}
