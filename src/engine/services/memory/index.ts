import type { Service } from '../../service.ts';
import type { ServiceParts } from '../index.ts';
import { controlHandlers } from './control.ts';
import { EventStore } from './events/event-store.ts';
import { eventHandlers } from './events/handlers.ts';
import { Memories } from './memories.ts';
import { memoryArn } from './names.ts';
import { createRecords } from './records/index.ts';

export type MemoryDependencies = Pick<
  ServiceParts,
  'store' | 'idempotency' | 'tags' | 'embedder' | 'clock' | 'log'
>;

/** Memories: what was said, as events, and what was learned from it, as records. */
export function createMemory({
  store,
  idempotency,
  tags,
  embedder,
  clock,
  log,
}: MemoryDependencies): Service {
  const memories = new Memories({ store, clock });
  tags.admit((scope, arn) => {
    const id = arn.slice(arn.lastIndexOf('/') + 1);
    return arn === memoryArn(scope, id) && memories.find(scope, id) !== undefined;
  });
  const events = new EventStore({ store, clock });
  const { records, handlers } = createRecords({ store, memories, embedder, idempotency, clock, log });
  const control = controlHandlers({
    ...{ memories, store, idempotency, tags, clock },
    forget: (key) => {
      events.removeAll(key);
      records.removeMemory(key);
    },
  });
  return {
    handlers: { agentcore: { ...control, ...eventHandlers({ memories, events, clock }), ...handlers } },
    live: () => 0,
    sweep: () => events.sweep(),
    close: () => records.close(),
  };
}
