import type { Handlers } from '../../../service.ts';
import type { PageTokens } from '../../../store/store.ts';
import { invalid, notFound } from '../../exceptions.ts';
import { refusingTokens } from '../../paging.ts';
import { NOTE_HEADER } from '../headers.ts';
import type { MemoryRow } from '../memory.ts';
import { keyOf } from '../names.ts';
import { unknownStrategy } from '../strategies/unknown-strategy.ts';
import { describe } from './answers.ts';
import { conditionsOf } from './filters.ts';
import type { MemorySource } from './index.ts';
import { type Place, pathOf } from './paths.ts';
import type { RecordStore } from './record-store.ts';
import { packRest, unpackRest } from './rest.ts';
import type { Retrieval } from './retrieval.ts';

const DEFAULT_PAGE = 20;
const DEFAULT_TOP = 10;

interface ReadingParts {
  records: RecordStore;
  retrieval: Retrieval;
  memories: MemorySource;
  tokens: PageTokens;
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
  tokens,
}: ReadingParts): Pick<Handlers, ReadingOperation> {
  return {
    async GetMemoryRecord({ memoryId = '', memoryRecordId = '' }, call) {
      const record = records.get(keyOf(call, memories.require(call, memoryId)), memoryRecordId);
      if (!record) throw unknownRecord(memoryRecordId);
      return { memoryRecord: describe(record) };
    },

    async DeleteMemoryRecord({ memoryId = '', memoryRecordId = '' }, call) {
      const [removed] = records.remove(keyOf(call, memories.require(call, memoryId)), [memoryRecordId]);
      if (removed === undefined) throw unknownRecord(memoryRecordId);
      return { memoryRecordId };
    },

    async ListMemoryRecords(input, call) {
      const memory = memories.require(call, input.memoryId ?? '');
      const key = keyOf(call, memory);
      const { memoryStrategyId: strategy, maxResults = DEFAULT_PAGE, nextToken, metadataFilters } = input;
      requireStrategy(memory, strategy, 'memoryStrategyId');
      const conditions = conditionsOf(metadataFilters, memory.indexedKeys, 'metadataFilters');
      const selection = { key, place: placeOf(input), strategy, conditions };
      const name = ['memory-records', JSON.stringify(selection)];
      const before =
        nextToken === undefined ? undefined : Number(refusingTokens(() => tokens.read(name, nextToken)));
      const found = await records.list({ ...selection, before, limit: maxResults + 1 }, call.signal);
      const shown = found.slice(0, maxResults);
      const last = shown.at(-1);
      return {
        memoryRecordSummaries: shown.map(({ record }) => describe(record)),
        nextToken:
          last && found.length > maxResults ? tokens.make(name, Buffer.from(String(last.seq))) : undefined,
      };
    },

    async RetrieveMemoryRecords(input, call) {
      const memory = memories.require(call, input.memoryId ?? '');
      const key = keyOf(call, memory);
      const { searchQuery = '', memoryStrategyId: strategy, topK = DEFAULT_TOP } = input.searchCriteria ?? {};
      const { maxResults = DEFAULT_PAGE, nextToken } = input;
      requireStrategy(memory, strategy, 'searchCriteria.memoryStrategyId');
      const filters = input.searchCriteria?.metadataFilters;
      const conditions = conditionsOf(filters, memory.indexedKeys, 'searchCriteria.metadataFilters');
      const where = { key, place: placeOf(input), strategy, conditions, limit: topK };
      const name = ['memory-retrieval', JSON.stringify([where, searchQuery])];
      const { found, note } = nextToken
        ? { found: records.found(key, unpackRest(refusingTokens(() => tokens.read(name, nextToken)))) }
        : await retrieval.retrieve(searchQuery, where, call.signal);
      if (note) call.setHeader?.(NOTE_HEADER, note);
      return {
        memoryRecordSummaries: found
          .slice(0, maxResults)
          .map(({ record, score }) => ({ ...describe(record), score })),
        nextToken:
          found.length > maxResults ? tokens.make(name, packRest(found.slice(maxResults))) : undefined,
      };
    },
  };
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
function requireStrategy(memory: MemoryRow, id: string | undefined, member: string): void {
  if (id === undefined || memory.strategies.some(({ strategyId }) => strategyId === id)) return;
  throw invalid(member, unknownStrategy(memory.strategies, id));
}

const unknownRecord = (id: string) => notFound(`Memory record not found: ${id}`);
