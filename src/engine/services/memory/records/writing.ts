import { setImmediate } from 'node:timers/promises';
import type {
  MemoryContent,
  MemoryRecordCreateInput,
  MemoryRecordOutput,
  MemoryRecordUpdateInput,
} from '@aws-sdk/client-bedrock-agentcore';
import type { Handlers } from '../../../service.ts';
import type { Store } from '../../../store/store.ts';
import type { Idempotency } from '../../idempotency.ts';
import type { MemoryKey, MemoryRow, StrategyRow } from '../memory.ts';
import { keyOf } from '../names.ts';
import { unknownStrategy } from '../strategies/unknown-strategy.ts';
import type { MemorySource } from './index.ts';
import { keptMetadata } from './metadata.ts';
import type { RecordStore } from './record-store.ts';

interface WritingParts {
  store: Store;
  records: RecordStore;
  memories: MemorySource;
  idempotency: Idempotency;
}

type WritingOperation = 'BatchCreateMemoryRecords' | 'BatchUpdateMemoryRecords' | 'BatchDeleteMemoryRecords';

/** The operations that write records, some at a time; each item goes well or fails for itself. */
export function writingHandlers({
  store,
  records,
  memories,
  idempotency,
}: WritingParts): Pick<Handlers, WritingOperation> {
  return {
    async BatchCreateMemoryRecords(input, call) {
      const memory = memories.require(call, input.memoryId ?? '');
      const key = keyOf(call, memory);
      return idempotency.once(key.scope, 'BatchCreateMemoryRecords', input, () =>
        inPortions(input.records ?? [], (item) => create(key, memory, item)),
      );
    },

    async BatchUpdateMemoryRecords({ memoryId = '', records: items = [] }, call) {
      const memory = memories.require(call, memoryId);
      const key = keyOf(call, memory);
      return inPortions(items, (item) => update(key, memory, item));
    },

    async BatchDeleteMemoryRecords({ memoryId = '', records: items = [] }, call) {
      const key = keyOf(call, memories.require(call, memoryId));
      const ids = items.map(({ memoryRecordId }) => memoryRecordId ?? '');
      const removed = new Set(records.remove(key, ids));
      return outcome(ids.map((id) => (removed.has(id) ? success(id) : unknownRecord(id))));
    },
  };

  /** Each portion is durable as a whole. Others have their turn in between. */
  async function inPortions<Item extends { content?: MemoryContent | undefined }>(
    items: readonly Item[],
    write: (item: Item) => MemoryRecordOutput,
  ) {
    const written: MemoryRecordOutput[] = [];
    for (const portion of portions(items)) {
      if (written.length > 0) await setImmediate();
      written.push(...store.transaction(() => portion.map(write)));
    }
    return outcome(written);
  }

  function create(key: MemoryKey, memory: MemoryRow, item: MemoryRecordCreateInput): MemoryRecordOutput {
    const { requestIdentifier, namespaces, content, timestamp, memoryStrategyId, metadata = {} } = item;
    const strategy = strategyOf(memory, memoryStrategyId);
    if (strategy === 'unknown') return { ...refused(memory, memoryStrategyId), requestIdentifier };
    const [record] = records.create(key, [
      {
        text: content?.text ?? '',
        strategyId: memoryStrategyId,
        namespace: namespaces?.[0],
        metadata: keptMetadata(metadata, strategy),
        createdAt: timestamp?.getTime(),
      },
    ]);
    return { ...success(record?.id ?? ''), requestIdentifier };
  }

  function update(key: MemoryKey, memory: MemoryRow, item: MemoryRecordUpdateInput): MemoryRecordOutput {
    const { memoryRecordId = '', content, namespaces, timestamp, metadata } = item;
    const before = records.get(key, memoryRecordId);
    if (!before) return unknownRecord(memoryRecordId);
    const { memoryStrategyId = before.strategyId } = item;
    const strategy = strategyOf(memory, memoryStrategyId);
    if (strategy === 'unknown' && item.memoryStrategyId !== undefined)
      return refused(memory, memoryStrategyId, memoryRecordId);
    records.update(key, memoryRecordId, {
      text: content?.text,
      namespace: namespaces?.[0],
      strategyId: memoryStrategyId,
      metadata: metadata && keptMetadata(metadata, strategy === 'unknown' ? undefined : strategy),
      updatedAt: timestamp?.getTime(),
    });
    return success(memoryRecordId);
  }
}

/** Texts of so many letters are written at once. */
const PORTION_LETTERS = 100_000;

function* portions<Item extends { content?: MemoryContent | undefined }>(
  items: readonly Item[],
): Iterable<Item[]> {
  let portion: Item[] = [];
  let letters = 0;
  for (const item of items) {
    portion.push(item);
    letters += item.content?.text?.length ?? 0;
    if (letters < PORTION_LETTERS) continue;
    yield portion;
    [portion, letters] = [[], 0];
  }
  yield portion;
}

/** Undefined where none is named. */
function strategyOf({ strategies }: MemoryRow, id: string | undefined): StrategyRow | undefined | 'unknown' {
  if (id === undefined) return undefined;
  return strategies.find(({ strategyId }) => strategyId === id) ?? 'unknown';
}

const outcome = (items: MemoryRecordOutput[]) => ({
  successfulRecords: items.filter(({ status }) => status === 'SUCCEEDED'),
  failedRecords: items.filter(({ status }) => status === 'FAILED'),
});

const success = (memoryRecordId: string): MemoryRecordOutput => ({ memoryRecordId, status: 'SUCCEEDED' });

const unknownRecord = (memoryRecordId: string): MemoryRecordOutput => ({
  ...{ memoryRecordId, status: 'FAILED', errorCode: 404 },
  errorMessage: `Memory record not found: ${memoryRecordId}`,
});

/** For a strategy that the memory does not have. */
const refused = (memory: MemoryRow, id: string | undefined, memoryRecordId = ''): MemoryRecordOutput => ({
  ...{ memoryRecordId, status: 'FAILED', errorCode: 400 },
  errorMessage: unknownStrategy(memory.strategies, id),
});
