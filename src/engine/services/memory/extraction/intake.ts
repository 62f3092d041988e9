import type { Clock } from '../../../clock.ts';
import type { Log } from '../../../log.ts';
import { estimateTokens } from '../../../models/tokens.ts';
import type { EventRow, MemoryKey, MemoryRow, StrategyRow } from '../memory.ts';
import { resolveNamespace } from '../namespaces.ts';
import type { Job, JobGroup, JobPlan } from './job.ts';
import type { Jobs } from './jobs.ts';
import { kindOf, reflectionOf, type StrategyKind, triggersOf } from './kinds.ts';
import { learnable } from './messages.ts';
import { partitionOf } from './metadata.ts';

/** Several turns are learned from together: those that follow each other so fast, */
const QUIET_MS = 300;
/** but none waits longer than this, */
const PATIENCE_MS = 3_000;
/** and not more messages than these come together. */
export const MAX_MESSAGES = 100;
/** Further than any clock goes. */
const NEVER = 8.64e15;

/** What came in: an event, or what was ingested without one. */
export type Arrival = Omit<EventRow, 'eventId' | 'branch' | 'extractionMode'> & { eventId?: string };

/** Makes jobs of what comes in, for each strategy of the memory that learns. */
export class Intake {
  readonly #jobs: Jobs;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor({ jobs, clock, log }: { jobs: Jobs; clock: Clock; log: Log }) {
    this.#jobs = jobs;
    this.#clock = clock;
    this.#log = log;
  }

  /** To be called in the transaction that keeps what came in. */
  take(key: MemoryKey, memory: MemoryRow, arrival: Arrival): void {
    for (const strategy of memory.strategies) {
      if (strategy.status !== 'ACTIVE') continue;
      const group = groupOf(key, memory, strategy, arrival);
      if ('failure' in group) this.#log.warn(`${strategy.strategyId} does not learn: ${group.failure}`);
      else this.#add(group, strategy, arrival);
    }
  }

  #add(group: JobGroup, strategy: StrategyRow, { eventId, payload, ...arrival }: Arrival): void {
    const kind = kindOf(strategy);
    const indexes = learnable(payload, kind);
    if (indexes.length === 0) return;
    const tokens = estimateTokens(indexes.map((index) => payload[index]));
    const source =
      eventId === undefined ? { ingested: JSON.stringify({ at: arrival.at, payload }) } : { eventId };
    const most = kind === 'self-managed' ? Number.POSITIVE_INFINITY : MAX_MESSAGES;
    this.#jobs.add(group, { indexes, tokens, ...source }, this.#planner(kind, strategy), most);
  }

  #planner(kind: StrategyKind, { configuration }: StrategyRow) {
    const now = this.#clock.now();
    const selfManaged = kind === 'self-managed' && configuration?.selfManagedConfiguration;
    if (!selfManaged)
      return (_: object, known: Job | undefined): JobPlan => {
        const since = known?.status === 'WAITING' ? known.since : now;
        return { status: 'WAITING', since, due: Math.min(now + QUIET_MS, since + PATIENCE_MS) };
      };
    const triggers = triggersOf(selfManaged);
    return ({ messages, tokens }: Pick<Job, 'messages' | 'tokens'>): JobPlan =>
      messages >= triggers.messages || tokens >= triggers.tokens
        ? { status: 'WAITING', since: now, due: now }
        : { status: 'IDLING', since: now, due: Math.min(now + triggers.idleMs, NEVER) };
  }
}

/** Or why its namespaces cannot be told: then the strategy does not learn. */
function groupOf(
  key: MemoryKey,
  memory: MemoryRow,
  strategy: StrategyRow,
  { actorId, sessionId, metadata, namespaceVariables }: Arrival,
): JobGroup | { failure: string } {
  const { strategyId } = strategy;
  const kind = kindOf(strategy);
  const values = { actorId, sessionId, memoryStrategyId: strategyId, variables: namespaceVariables };
  const { records, reflections } = templatesOf(strategy, kind);
  const own = resolveNamespace(records, values, memory.namespaceKeys);
  if ('failure' in own) return own;
  const shared = resolveNamespace(reflections, values, memory.namespaceKeys);
  if ('failure' in shared) return shared;
  const place = { actorId, sessionId, namespace: own.namespace, reflections: shared.namespace };
  return {
    ...{ key, strategyId, ...place },
    partition: kind === 'summary' ? {} : partitionOf(strategy, metadata),
    lane: laneOf(key, strategyId, kind, place),
  };
}

/** The templates of its namespaces; empty where it writes none. */
function templatesOf(strategy: StrategyRow, kind: StrategyKind): { records: string; reflections: string } {
  const [records = ''] = kind === 'self-managed' ? [] : strategy.namespaces;
  const { namespaces, namespaceTemplates = namespaces } = reflectionOf(strategy) ?? {};
  return { records, reflections: kind === 'episodes' ? (namespaceTemplates?.[0] ?? records) : '' };
}

/** What may change the same records is of one lane. */
function laneOf(
  { scope, memoryId }: MemoryKey,
  strategyId: string,
  kind: StrategyKind,
  { namespace, reflections, actorId, sessionId }: Omit<JobGroup, 'key' | 'strategyId' | 'partition' | 'lane'>,
): string {
  const within = {
    facts: [namespace],
    summary: [namespace],
    episodes: [reflections],
    'self-managed': [actorId, sessionId],
  };
  return JSON.stringify([scope.account, scope.region, memoryId, strategyId, ...within[kind]]);
}
