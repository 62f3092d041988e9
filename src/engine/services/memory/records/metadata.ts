import type { MemoryRecordMetadataValue } from '@aws-sdk/client-bedrock-agentcore';
import type { Metadata, RecordRow, StrategyRow } from '../memory.ts';

/** What the service itself says of every record, by the columns that hold it. */
export const systemKeys = {
  'x-amz-agentcore-memory-recordType': { type: 'STRING', column: 'type' },
  'x-amz-agentcore-memory-createdAt': { type: 'DATETIME', column: 'created' },
  'x-amz-agentcore-memory-updatedAt': { type: 'DATETIME', column: 'updated' },
} as const;

export const isSystemKey = (key: string): key is keyof typeof systemKeys => Object.hasOwn(systemKeys, key);

/** A record's metadata, with the system's own. */
export function wholeMetadata({ metadata, type, createdAt, updatedAt }: RecordRow): Metadata {
  const system: Record<keyof typeof systemKeys, MemoryRecordMetadataValue> = {
    'x-amz-agentcore-memory-recordType': { stringValue: type },
    'x-amz-agentcore-memory-createdAt': { dateTimeValue: new Date(createdAt) },
    'x-amz-agentcore-memory-updatedAt': { dateTimeValue: new Date(updatedAt) },
  };
  return { ...metadata, ...system };
}

/** What a record of a strategy keeps of metadata: what the strategy's schema has, or all where it has none. */
export function keptMetadata(metadata: Metadata, strategy: StrategyRow | undefined): Metadata {
  const schema = strategy?.memoryRecordSchema?.metadataSchema;
  const keys = schema && new Set(schema.map(({ key }) => key));
  return Object.fromEntries(
    Object.entries(metadata).filter(([key]) => !isSystemKey(key) && (keys?.has(key) ?? true)),
  );
}
