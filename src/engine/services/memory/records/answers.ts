import type { MemoryRecordSummary } from '@aws-sdk/client-bedrock-agentcore';
import type { RecordRow } from '../memory.ts';
import { wholeMetadata } from './metadata.ts';

/** A record as AWS shows it. */
export const describe = (record: RecordRow): Omit<MemoryRecordSummary, 'score'> => ({
  memoryRecordId: record.id,
  content: { text: record.text },
  memoryStrategyId: record.strategyId ?? '',
  namespaces: record.namespace === undefined ? [] : [record.namespace],
  createdAt: new Date(record.createdAt),
  metadata: wholeMetadata(record),
});
