import type { Handlers, Scope } from '../../../service.ts';
import type { Idempotency } from '../../idempotency.ts';
import type { MemoryRow } from '../memory.ts';
import { readingHandlers } from './reading.ts';
import { RecordStore, type RecordStoreParts } from './record-store.ts';
import { Retrieval } from './retrieval.ts';
import { writingHandlers } from './writing.ts';

/** Where memories are found. */
export interface MemorySource {
  /** By id or ARN. @throws ResourceNotFoundException */
  require(scope: Scope, memoryIdOrArn: string): MemoryRow;
}

export interface RecordsParts extends RecordStoreParts {
  memories: MemorySource;
  idempotency: Idempotency;
}

/** The long-term memory, and the operations on it. */
export function createRecords({ memories, idempotency, ...parts }: RecordsParts): {
  records: RecordStore;
  handlers: Handlers;
} {
  const records = new RecordStore(parts);
  const retrieval = new Retrieval({ ...parts, records });
  return {
    records,
    handlers: {
      ...writingHandlers({ store: parts.store, records, memories, idempotency }),
      ...readingHandlers({ records, retrieval, memories, tokens: parts.store.pageTokens }),
    },
  };
}
