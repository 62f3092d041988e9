import type { MemoryRecordMetadataValue, PayloadType } from '@aws-sdk/client-bedrock-agentcore';
import type { MemoryStrategy } from '@aws-sdk/client-bedrock-agentcore-control';
import type { Scope } from '../../service.ts';

/** Which memory, and whose. */
export interface MemoryKey {
  scope: Scope;
  memoryId: string;
}

/** A memory as it is kept. Times are in milliseconds since the epoch. */
export interface MemoryRow {
  id: string;
  name: string;
  description?: string;
  status: 'CREATING' | 'ACTIVE' | 'FAILED' | 'UPDATING' | 'DELETING';
  failureReason?: string;
  encryptionKeyArn?: string;
  memoryExecutionRoleArn?: string;
  /** In days. */
  eventExpiryDuration: number;
  strategies: StrategyRow[];
  indexedKeys: IndexedKey[];
  namespaceKeys: NamespaceKey[];
  /** As it was given. */
  streamDeliveryResources?: unknown;
  createdAt: number;
  updatedAt: number;
}

/** Can be used in filters. */
export interface IndexedKey {
  key: string;
  type: 'STRING' | 'STRINGLIST' | 'NUMBER';
}

/** A variable of one's own in namespace templates. */
export interface NamespaceKey {
  key: string;
  validation?: { allowedValues?: string[]; regexPattern?: string };
}

/** A strategy as it is kept; what AWS answers of one, with times as numbers. */
export type StrategyRow = Omit<
  MemoryStrategy,
  'strategyId' | 'name' | 'namespaces' | 'namespaceTemplates' | 'createdAt' | 'updatedAt'
> & {
  strategyId: string;
  name: string;
  /** Templates, e.g. `/strategies/{memoryStrategyId}/actors/{actorId}/`. */
  namespaces: string[];
  createdAt: number;
  updatedAt: number;
};

/** An event as it is kept. */
export interface EventRow {
  eventId: string;
  actorId: string;
  sessionId: string;
  /** In milliseconds since the epoch. */
  at: number;
  payload: PayloadType[];
  branch: { name: string; rootEventId?: string };
  metadata?: Record<string, string>;
  extractionMode?: 'SKIP';
  /** Values for variables in namespace templates. */
  namespaceVariables?: Record<string, string>;
}

export type Metadata = Record<string, MemoryRecordMetadataValue>;

/** A long-term record as it is kept. Times are in milliseconds since the epoch. */
export interface RecordRow {
  id: string;
  text: string;
  strategyId?: string;
  /** As given, e.g. `/strategies/facts-aB3dE5gH7j/actors/anna/`; undefined where it has none. */
  namespace?: string;
  /** Without the system's own. */
  metadata: Metadata;
  type: 'BASE' | 'REFLECTION';
  createdAt: number;
  updatedAt: number;
}

/** What a new record is made from. */
export interface NewRecord {
  text: string;
  strategyId?: string | undefined;
  namespace?: string | undefined;
  metadata?: Metadata | undefined;
  type?: RecordRow['type'];
  /** When what it says was said. Default: now. */
  createdAt?: number;
}
