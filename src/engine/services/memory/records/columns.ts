import type { Metadata, RecordRow } from '../memory.ts';

/** A record as a row of its table. */
export interface Columns {
  seq: number;
  id: string;
  memory: number;
  namespace: string | null;
  strategy: string | null;
  type: RecordRow['type'];
  text: string;
  metadata: string;
  created: number;
  updated: number;
  embedded: string;
}

/** For a SELECT of {@link Columns}. */
export const columns =
  'seq, id, memory, namespace, strategy, type, text, metadata, created, updated, embedded';

export function asRow({
  id,
  namespace,
  strategy,
  type,
  text,
  metadata,
  created,
  updated,
}: Columns): RecordRow {
  return {
    ...{ id, text, type, createdAt: created, updatedAt: updated },
    ...(strategy !== null && { strategyId: strategy }),
    ...(namespace !== null && { namespace }),
    metadata: JSON.parse(metadata, revive),
  };
}

export const metadataText = (metadata: Metadata) => JSON.stringify(metadata);

/** Dates are kept as text. */
function revive(key: string, value: unknown): unknown {
  return key === 'dateTimeValue' && typeof value === 'string' ? new Date(value) : value;
}
