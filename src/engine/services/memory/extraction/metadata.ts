import type { MemoryRecordSchema, MetadataSchemaEntry } from '@aws-sdk/client-bedrock-agentcore-control';
import type { Metadata, RecordRow, StrategyRow } from '../memory.ts';

/** Values that keep apart what is learned, by key. */
export type Partition = Readonly<Record<string, string>>;

/** What of an event's metadata is copied to records as it is: the strictly consistent keys of the strategy. */
export function partitionOf(
  strategy: StrategyRow,
  metadata: Readonly<Record<string, string>> = {},
): Partition {
  const strict = schemaOf(strategy).filter(({ extractionType }) => extractionType === 'STRICTLY_CONSISTENT');
  const values = strict.flatMap(({ key = '' }) => {
    const value = metadata[key];
    return value === undefined ? [] : [[key, value]];
  });
  return Object.fromEntries(values.sort());
}

/** Whether a record was learned of the same partition. */
export function isOf({ metadata }: RecordRow, strategy: StrategyRow, partition: Partition): boolean {
  return schemaOf(strategy).every(
    ({ key = '', extractionType }) =>
      extractionType !== 'STRICTLY_CONSISTENT' || metadata[key]?.stringValue === partition[key],
  );
}

/** The metadata of a record: of what was inferred only keys of the schema. */
export function recordMetadata(
  schema: readonly MetadataSchemaEntry[],
  inferred: Metadata = {},
  partition: Partition = {},
): Metadata {
  const known = schema.flatMap(({ key = '' }) => {
    const value = inferred[key];
    return value === undefined ? [] : [[key, value]];
  });
  const copied = Object.entries(partition).map(([key, stringValue]) => [key, { stringValue }]);
  return Object.fromEntries([...known, ...copied]);
}

export function schemaOf({
  memoryRecordSchema,
}: {
  memoryRecordSchema?: MemoryRecordSchema | undefined;
}): readonly MetadataSchemaEntry[] {
  return memoryRecordSchema?.metadataSchema ?? [];
}
