import type { InputOf } from '../../service.ts';
import { invalid } from '../exceptions.ts';
import { newId } from '../names.ts';
import type { IndexedKey, MemoryRow, NamespaceKey } from './memory.ts';
import { changedStrategies } from './strategies/changed-strategies.ts';
import { newStrategy } from './strategies/new-strategy.ts';

/** A new memory with an id of its own, as its input says. */
export function newMemory(input: Omit<InputOf<'CreateMemory'>, 'tags'>, now: number): MemoryRow {
  const { name = '', description, encryptionKeyArn, memoryExecutionRoleArn } = input;
  return {
    id: newId(name),
    name,
    ...(description !== undefined && { description }),
    ...(encryptionKeyArn !== undefined && { encryptionKeyArn }),
    ...(memoryExecutionRoleArn !== undefined && { memoryExecutionRoleArn }),
    status: 'ACTIVE',
    eventExpiryDuration: input.eventExpiryDuration as number,
    strategies: (input.memoryStrategies ?? []).map((strategy) => newStrategy(strategy, now)),
    indexedKeys: (input.indexedKeys ?? []) as IndexedKey[],
    namespaceKeys: (input.namespaceKeys ?? []) as NamespaceKey[],
    ...streaming(input),
    createdAt: now,
    updatedAt: now,
  };
}

/**
 * A memory as an update leaves it; what is not given stays.
 * @throws ResourceNotFoundException, ValidationException
 */
export function changedMemory(memory: MemoryRow, input: InputOf<'UpdateMemory'>, now: number): MemoryRow {
  const { description, eventExpiryDuration, memoryExecutionRoleArn, namespaceKeys } = input;
  const { streamDeliveryResources, ...rest } = memory;
  return {
    ...rest,
    ...(description !== undefined && { description }),
    ...(eventExpiryDuration !== undefined && { eventExpiryDuration }),
    ...(memoryExecutionRoleArn !== undefined && { memoryExecutionRoleArn }),
    strategies: changedStrategies(memory.strategies, input.memoryStrategies ?? {}, now),
    indexedKeys: withMore(memory.indexedKeys, (input.addIndexedKeys ?? []) as IndexedKey[]),
    ...(namespaceKeys && { namespaceKeys: namespaceKeys as NamespaceKey[] }),
    ...streaming(input.streamDeliveryResources ? input : { streamDeliveryResources }),
    updatedAt: now,
  };
}

/** An empty list of streams is none. */
function streaming({
  streamDeliveryResources,
}: {
  streamDeliveryResources?: unknown;
}): Pick<MemoryRow, 'streamDeliveryResources'> {
  const { resources = [] } = (streamDeliveryResources ?? {}) as { resources?: unknown[] };
  return resources.length > 0 ? { streamDeliveryResources } : {};
}

/** One that is there already may be added again, of the same type. */
function withMore(keys: readonly IndexedKey[], more: readonly IndexedKey[]): IndexedKey[] {
  const added = more.filter(({ key, type }) => {
    const known = keys.find((one) => one.key === key);
    if (known && known.type !== type)
      throw invalid('addIndexedKeys', `The indexed key ${key} is ${known.type} and cannot become ${type}.`);
    return !known;
  });
  return [...keys, ...added];
}
