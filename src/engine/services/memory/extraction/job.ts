import type { MemoryKey } from '../memory.ts';
import type { FailureReason } from './extractor.ts';

/**
 * `WAITING`: is to be worked on once it is due. `IDLING`: waits for more to come, and is worked on as it is where nothing
 * comes until it is due. `FAILED`: waits for somebody to start it again.
 */
export type JobStatus = 'WAITING' | 'IDLING' | 'FAILED' | 'DONE';

/** What jobs are about: what one strategy learns of one session, for one namespace. */
export interface JobGroup {
  key: MemoryKey;
  strategyId: string;
  actorId: string;
  sessionId: string;
  /** Resolved; empty where the strategy writes none. */
  namespace: string;
  /** The namespace of reflections; empty where the strategy makes none. */
  reflections: string;
  /** Metadata of the events that keeps apart what is learned. */
  partition: Readonly<Record<string, string>>;
  /** Jobs of one lane run one after the other, oldest first. */
  lane: string;
}

/** Times are in milliseconds since the epoch. */
export interface Job extends JobGroup {
  seq: number;
  id: string;
  status: JobStatus;
  due: number;
  /** When the first of what is new came. */
  since: number;
  messages: number;
  tokens: number;
  /** How often it went wrong. */
  attempts: number;
  /** How often it had begun before, and the engine did not live to see what came of it. */
  begun: number;
  failureReason?: FailureReason;
}

/** A job as its table has it. */
export interface StoredJob
  extends Omit<Job, 'key' | 'strategyId' | 'actorId' | 'sessionId' | 'partition' | 'failureReason'> {
  account: string;
  region: string;
  memory: string;
  strategy: string;
  actor: string;
  session: string;
  /** The partition, as JSON. */
  parts: string;
  failure: FailureReason | null;
}

/** What is to be learned from: some messages of an event, or of what was ingested without one, as JSON. */
export type JobItem = { indexes: readonly number[] } & ({ eventId: string } | { ingested: string });

/** When a job that got something is worked on. */
export type JobPlan = Pick<Job, 'status' | 'due' | 'since'>;

/** Which jobs of a memory. */
export interface JobFilter {
  strategyId?: string | undefined;
  actorId?: string | undefined;
  sessionId?: string | undefined;
}

export function asJob({ account, region, memory, parts, failure, ...row }: StoredJob): Job {
  const { strategy: strategyId, actor: actorId, session: sessionId, ...rest } = row;
  return {
    ...rest,
    ...{ strategyId, actorId, sessionId },
    key: { scope: { account, region }, memoryId: memory },
    partition: JSON.parse(parts),
    ...(failure !== null && { failureReason: failure }),
  };
}
