import type { Memory } from '@aws-sdk/client-bedrock-agentcore-control';
import type { Clock } from '../../clock.ts';
import type { Handlers, InputOf, Scope } from '../../service.ts';
import type { Store } from '../../store/store.ts';
import type { Idempotency } from '../idempotency.ts';
import { newId } from '../names.ts';
import { checkTags, type Tags } from '../tags.ts';
import { describeMemory, summarizeMemory } from './describe.ts';
import type { Memories } from './memories.ts';
import type { MemoryKey, MemoryRow } from './memory.ts';
import { memoryArn } from './names.ts';
import { newStrategy } from './strategies/new-strategy.ts';

/** How many a listing gives unless told otherwise. */
const DEFAULT_PAGE = 10;

export interface ControlParts {
  memories: Memories;
  store: Store;
  idempotency: Idempotency;
  tags: Tags;
  clock: Clock;
  /** Forget everything of a memory, within the transaction that removes it. */
  forget(key: MemoryKey): void;
}

/**
 * The control plane of memories. Nothing has to be prepared, so a memory can be used at once: only the answers to what changes it
 * say CREATING, UPDATING or DELETING.
 */
export function controlHandlers(parts: ControlParts): Handlers {
  const { memories, store, idempotency, tags, clock, forget } = parts;
  return {
    async CreateMemory(input, call) {
      const row = await idempotency.once(call, 'CreateMemory', input, async () => create(call, input));
      return { memory: under(call, row, 'CREATING') };
    },

    async GetMemory({ memoryId = '' }, call) {
      return { memory: describeMemory(call, memories.require(call, memoryId)) };
    },

    async ListMemories({ maxResults = DEFAULT_PAGE, nextToken }, call) {
      const page = memories.list(call, { maxResults, nextToken });
      return { memories: page.items.map((row) => summarizeMemory(call, row)), nextToken: page.nextToken };
    },

    async DeleteMemory(input, call) {
      const memoryId = await idempotency.once(call, 'DeleteMemory', input, async () =>
        remove(call, input.memoryId ?? ''),
      );
      return { memoryId, status: 'DELETING' };
    },
  };

  function create(scope: Scope, input: InputOf<'CreateMemory'>): MemoryRow {
    const now = clock.now();
    const { name = '', tags: given, memoryStrategies = [], clientToken: _, ...rest } = input;
    checkTags(given);
    const row: MemoryRow = {
      ...rest,
      id: newId(name),
      name,
      status: 'ACTIVE',
      eventExpiryDuration: input.eventExpiryDuration ?? 0,
      strategies: memoryStrategies.map((strategy) => newStrategy(strategy, now)),
      indexedKeys: (input.indexedKeys ?? []) as MemoryRow['indexedKeys'],
      namespaceKeys: (input.namespaceKeys ?? []) as MemoryRow['namespaceKeys'],
      createdAt: now,
      updatedAt: now,
    } as MemoryRow;
    store.transaction(() => {
      memories.put(scope, row);
      tags.add(scope, memoryArn(scope, row.id), given);
    });
    return row;
  }

  function remove({ account, region }: Scope, memoryId: string): string {
    const scope = { account, region };
    const key = memories.key(scope, memoryId);
    store.transaction(() => {
      forget(key);
      memories.remove(scope, memoryId);
      tags.forget(scope, memoryArn(scope, memoryId));
    });
    return memoryId;
  }
}

/** As it is answered by what changes it. */
function under(scope: Scope, row: MemoryRow, status: Memory['status']): Memory {
  return { ...describeMemory(scope, row), status };
}
