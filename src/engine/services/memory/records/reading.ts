import type { Call, Handlers, Scope } from '../../../service.ts';
import { invalid, notFound } from '../../exceptions.ts';
import type { MemoryKey, MemoryRow } from '../memory.ts';
import { describe } from './answers.ts';
import { conditionsOf } from './filters.ts';
import type { MemorySource } from './index.ts';
import { type Place, pathOf } from './paths.ts';
import type { RecordStore } from './record-store.ts';
import type { Retrieval } from './retrieval.ts';

const DEFAULT_PAGE = 20;
const DEFAULT_TOP = 10;

interface ReadingParts {
  records: RecordStore;
  retrieval: Retrieval;
  memories: MemorySource;
}

type ReadingOperation =
  | 'GetMemoryRecord'
  | 'DeleteMemoryRecord'
  | 'ListMemoryRecords'
  | 'RetrieveMemoryRecords';

/** The operations on one record, and those that look for some. */
export function readingHandlers({
  records,
  retrieval,
  memories,
}: ReadingParts): Pick<Handlers, ReadingOperation> {
  return {
    async GetMemoryRecord({ memoryId, memoryRecordId = '' }, call) {
      const record = records.get(keyOf(call, memoryId).key, memoryRecordId);
      if (!record) throw unknownRecord(memoryRecordId);
      return { memoryRecord: describe(record) };
    },

    async DeleteMemoryRecord({ memoryId, memoryRecordId = '' }, call) {
      const [removed] = records.remove(keyOf(call, memoryId).key, [memoryRecordId]);
      if (removed === undefined) throw unknownRecord(memoryRecordId);
      return { memoryRecordId };
    },

    async ListMemoryRecords(input, call) {
      const { key, memory } = keyOf(call, input.memoryId);
      const { memoryStrategyId: strategy, maxResults = DEFAULT_PAGE } = input;
      requireStrategy(memory, strategy, 'memoryStrategyId');
      const conditions = conditionsOf(input.metadataFilters, memory.indexedKeys, 'metadataFilters');
      const order = { key, place: placeOf(input), strategy, conditions, limit: maxResults };
      const found = await records.list(order, call.signal);
      return { memoryRecordSummaries: found.map(({ record }) => describe(record)) };
    },

    async RetrieveMemoryRecords(input, call) {
      const { key, memory } = keyOf(call, input.memoryId);
      const {
        searchQuery = '',
        memoryStrategyId: strategy,
        topK = DEFAULT_TOP,
        metadataFilters,
      } = input.searchCriteria ?? {};
      requireStrategy(memory, strategy, 'searchCriteria.memoryStrategyId');
      const conditions = conditionsOf(metadataFilters, memory.indexedKeys, 'searchCriteria.metadataFilters');
      const order = { key, place: placeOf(input), strategy, conditions, limit: topK };
      const { found, note } = await retrieval.retrieve(searchQuery, order, call.signal);
      if (note) call.setHeader?.('x-agentcore-mcp-note', note);
      return { memoryRecordSummaries: found.map(({ record, score }) => ({ ...describe(record), score })) };
    },
  };

  function keyOf({ account, region }: Call, memoryId = ''): { key: MemoryKey; memory: MemoryRow } {
    const scope: Scope = { account, region };
    const memory = memories.require(scope, memoryId);
    return { key: { scope, memoryId: memory.id }, memory };
  }
}

/** @throws ValidationException unless exactly one is given. */
function placeOf({
  namespace,
  namespacePath,
}: {
  namespace?: string | undefined;
  namespacePath?: string | undefined;
}): Place {
  if ((namespace === undefined) === (namespacePath === undefined))
    throw invalid(
      'namespace',
      'Give either namespace, for the records of exactly that one, or namespacePath, for those below it as well.',
    );
  return { path: pathOf(namespace ?? namespacePath ?? ''), below: namespace === undefined };
}

/** @throws ValidationException */
function requireStrategy({ strategies }: MemoryRow, id: string | undefined, member: string): void {
  const ids = strategies.map(({ strategyId }) => strategyId);
  if (id === undefined || ids.includes(id)) return;
  throw invalid(member, `The memory has no strategy ${id}. Its strategies: ${ids.join(', ') || 'none'}.`);
}

const unknownRecord = (id: string) => notFound(`Memory record not found: ${id}`);
