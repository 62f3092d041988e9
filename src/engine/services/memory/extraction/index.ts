import type { Clock } from '../../../clock.ts';
import type { Log } from '../../../log.ts';
import type { Embedder } from '../../../models/embeddings/embedder.ts';
import type { Scope } from '../../../service.ts';
import type { Store } from '../../../store/store.ts';
import type { Idempotency } from '../../idempotency.ts';
import type { Objects } from '../../objects/object-store.ts';
import type { Events, Learner } from '../events/events.ts';
import type { MemoryKey, MemoryRow } from '../memory.ts';
import type { Records } from '../records/records.ts';
import type { Extractor } from './extractor.ts';
import { createHandlers } from './handlers.ts';
import { Intake, MAX_MESSAGES } from './intake.ts';
import type { Job } from './job.ts';
import { Jobs } from './jobs.ts';
import { kindOf } from './kinds.ts';
import { Learning, type Outcome } from './learning.ts';
import { lessonOf, sourcesOf } from './lessons.ts';
import { Runner } from './runner.ts';
import { deliver } from './self-managed.ts';

export interface ExtractionParts {
  store: Store;
  clock: Clock;
  log: Log;
  idempotency: Idempotency;
  events: Events;
  records: Records;
  memories: {
    find(scope: Scope, memoryIdOrArn: string): MemoryRow | undefined;
    /** @throws ResourceNotFoundException */
    require(scope: Scope, memoryIdOrArn: string): MemoryRow;
  };
  extractor: Extractor;
  embedder: Embedder;
  /** The engine's own S3, to write to. */
  objects: Pick<Objects, 'put'>;
  /** For tests: the longest that a job may take. Default: 30 minutes. */
  jobMs?: number;
}

/** Makes long-term memories of what comes into the short-term one. */
export interface Extraction extends Learner {
  readonly handlers: ReturnType<typeof createHandlers>;
  /** Forgets the jobs of a memory that is deleted. May be part of a transaction. */
  forget(key: MemoryKey): void;
  /** How many jobs keep the engine alive. */
  live(): number;
  sweep(): void;
  /** Stops; the next one goes on. */
  close(): Promise<void>;
}

const nothing: Outcome = { apply() {} };

/** Nothing more comes to it: nothing came for long, or it is full. */
const isFinal = ({ status, messages }: Job) => status === 'IDLING' || messages >= MAX_MESSAGES;

/**
 * Goes on at once with what an earlier engine has left.
 *
 * What comes in becomes jobs in the same transaction, and all that a job changes is kept in one transaction with that it is
 * done: nothing is learned twice, and nothing is lost, whenever the engine ends.
 */
export function createExtraction(parts: ExtractionParts): Extraction {
  const { store, clock, log, events, memories, extractor } = parts;
  const jobs = new Jobs(store);
  const intake = new Intake({ jobs, clock, log });
  const learning = new Learning(parts);

  /** What is gone meanwhile, a memory, a strategy or the events, is not learned from. */
  async function work(job: Job, signal: AbortSignal): Promise<Outcome> {
    const memory = memories.find(job.key.scope, job.key.memoryId);
    const strategy = memory?.strategies.find(({ strategyId }) => strategyId === job.strategyId);
    const sources = sourcesOf(events, job, jobs.items(job));
    if (!memory || strategy?.status !== 'ACTIVE' || sources.length === 0) return nothing;
    const lesson = lessonOf(events, { memory, strategy }, job, sources);
    switch (kindOf(strategy)) {
      case 'facts':
        return learning.facts(job, lesson, signal);
      case 'summary':
        return learning.summary(job, lesson, signal);
      case 'episodes':
        return learning.episode(job, lesson, { final: isFinal(job) }, signal);
      case 'self-managed':
        await deliver(parts, strategy, job, sources);
        return nothing;
    }
  }

  const runner = new Runner({ ...parts, jobs, provider: extractor.name, work });
  const wake = () => runner.wake();
  wake();
  return {
    handlers: createHandlers({ ...parts, jobs, intake, wake }),
    kept(key, event) {
      if (event.extractionMode === 'SKIP') return;
      intake.take(key, memories.require(key.scope, key.memoryId), event);
    },
    wake,
    unfinished: (key, filter) => jobs.waiting({ key, filter }),
    forget: (key) => jobs.remove(key),
    live: () => jobs.waiting(),
    sweep: () => jobs.sweep(clock.now()),
    close: () => runner.close(),
  };
}
