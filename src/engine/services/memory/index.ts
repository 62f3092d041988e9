import { RecentEmbedder } from '../../models/embeddings/recent.ts';
import type { Service } from '../../service.ts';
import type { ServiceParts } from '../index.ts';
import { controlHandlers } from './control.ts';
import { EventStore } from './events/event-store.ts';
import { eventHandlers } from './events/handlers.ts';
import { chooseExtractor } from './extraction/chosen.ts';
import { createExtraction } from './extraction/index.ts';
import { Memories } from './memories.ts';
import { createRecords } from './records/index.ts';

export type MemoryDependencies = Pick<
  ServiceParts,
  'store' | 'idempotency' | 'tags' | 'clock' | 'log' | 'embedder' | 'model' | 'ownObjects'
>;

/** Memories: what was said, as events, and what was learned from it, as records. */
export function createMemory(dependencies: MemoryDependencies): Service {
  const parts = { ...dependencies, embedder: new RecentEmbedder(dependencies.embedder) };
  const { store, tags, ownObjects: objects } = parts;
  const memories = new Memories(parts);
  tags.admit((scope, arn) => arn.startsWith('arn:') && memories.find(scope, arn) !== undefined);
  const events = new EventStore(parts);
  const { records, handlers: recordHandlers } = createRecords({ ...parts, memories });
  const extraction = createExtraction({
    ...{ ...parts, memories, events, records, objects },
    extractor: chooseExtractor(parts),
  });
  const control = controlHandlers({
    ...{ ...parts, memories, store },
    forget(key) {
      extraction.forget(key);
      records.removeMemory(key);
      events.forget(key);
    },
  });
  return {
    handlers: {
      agentcore: {
        ...control,
        ...eventHandlers({ ...parts, memories, events, listener: extraction }),
        ...recordHandlers,
        ...extraction.handlers,
      },
    },
    live: () => extraction.live(),
    sweep() {
      events.sweep();
      extraction.sweep();
    },
    async close() {
      await extraction.close();
      events.close();
      await records.close();
    },
  };
}
