import type { Memory } from '@aws-sdk/client-bedrock-agentcore-control';
import type { Clock } from '../../clock.ts';
import type { Handlers, InputOf, Scope } from '../../service.ts';
import type { Store } from '../../store/store.ts';
import type { Idempotency } from '../idempotency.ts';
import { checkTags, type Tags } from '../tags.ts';
import { checkMemory } from './checks.ts';
import { describeMemory, summarizeMemory } from './describe.ts';
import type { Memories } from './memories.ts';
import type { MemoryKey, MemoryRow } from './memory.ts';
import { memoryArn } from './names.ts';
import { changedMemory, newMemory } from './settings.ts';

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

    async UpdateMemory(input, call) {
      const row = await idempotency.once(call, 'UpdateMemory', input, async () => update(call, input));
      return { memory: under(call, row, 'UPDATING') };
    },

    async DeleteMemory(input, call) {
      const memoryId = await idempotency.once(call, 'DeleteMemory', input, async () =>
        remove(call, input.memoryId ?? ''),
      );
      return { memoryId, status: 'DELETING' };
    },
  };

  function create({ account, region }: Scope, input: InputOf<'CreateMemory'>): MemoryRow {
    const scope = { account, region };
    const { tags: given, ...settings } = input;
    checkTags(given);
    const row = newMemory(settings, clock.now());
    checkMemory(scope, row);
    memories.refuseTaken(scope, row.name);
    store.transaction(() => {
      memories.put(scope, row);
      tags.add(scope, memoryArn(scope, row.id), given);
    });
    return row;
  }

  function update(scope: Scope, input: InputOf<'UpdateMemory'>): MemoryRow {
    const row = changedMemory(memories.require(scope, input.memoryId ?? ''), input, clock.now());
    checkMemory(scope, row);
    memories.put(scope, row);
    return row;
  }

  function remove({ account, region }: Scope, memoryId: string): string {
    const key = memories.key({ account, region }, memoryId);
    store.transaction(() => {
      forget(key);
      memories.remove(key);
      tags.forget(key.scope, memoryArn(key.scope, memoryId));
    });
    return memoryId;
  }
}

/** As it is answered by what changes it; with it, its strategies begin. */
function under(scope: Scope, row: MemoryRow, status: Memory['status']): Memory {
  const strategies = row.strategies.map((strategy) =>
    strategy.createdAt === row.updatedAt ? { ...strategy, status: 'CREATING' as const } : strategy,
  );
  return { ...describeMemory(scope, { ...row, strategies }), status };
}
