import type { Memory, MemoryStrategy, MemorySummary } from '@aws-sdk/client-bedrock-agentcore-control';
import type { Scope } from '../../service.ts';
import type { MemoryRow, StrategyRow } from './memory.ts';
import { memoryArn } from './names.ts';

/** As GetMemory answers it. */
export function describeMemory(scope: Scope, row: MemoryRow): Memory {
  const { strategies, indexedKeys, namespaceKeys, streamDeliveryResources, createdAt, updatedAt, ...rest } =
    row;
  return {
    ...rest,
    arn: memoryArn(scope, row.id),
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
    strategies: strategies.map(describeStrategy),
    ...(indexedKeys.length > 0 && { indexedKeys }),
    ...(namespaceKeys.length > 0 && { namespaceKeys }),
    ...(streamDeliveryResources !== undefined && {
      streamDeliveryResources: streamDeliveryResources as Memory['streamDeliveryResources'],
    }),
  };
}

export function summarizeMemory(scope: Scope, row: MemoryRow): MemorySummary {
  const { arn, id, status, createdAt, updatedAt } = describeMemory(scope, row);
  return { arn, id, status, createdAt, updatedAt };
}

function describeStrategy({ namespaces, createdAt, updatedAt, ...rest }: StrategyRow): MemoryStrategy {
  return {
    ...rest,
    namespaces,
    namespaceTemplates: namespaces,
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
  };
}
