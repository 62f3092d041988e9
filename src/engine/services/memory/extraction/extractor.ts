import type { MemoryRow, Metadata, StrategyRow } from '../memory.ts';
import type { Near } from '../records/records.ts';

/** One message of a conversation. */
export interface Message {
  role: 'USER' | 'ASSISTANT' | 'TOOL' | 'OTHER';
  text: string;
  /** In milliseconds since the epoch. */
  at: number;
}

/** What is to be learned from, by one strategy: a part of one session. */
export interface Lesson {
  memory: MemoryRow;
  strategy: StrategyRow;
  actorId: string;
  sessionId: string;
  /** What is new, oldest first. */
  messages: readonly Message[];
  /** What came before in the same session, oldest first. */
  context: readonly Message[];
}

/** Something that may be worth a record. */
export interface Candidate {
  /** In the form of the strategy: a sentence, the JSON of a preference, the XML of a summary or an episode. */
  text: string;
  metadata?: Metadata;
}

/** What becomes of a candidate. */
export type Decision =
  | {
      kind: 'add';
      text: string;
      metadata?: Metadata /** Ids of records that it makes untrue. */;
      supersedes?: string[];
    }
  | { kind: 'update'; recordId: string; text: string; metadata?: Metadata; supersedes?: string[] }
  | { kind: 'skip' };

/** Makes long-term memories of conversations. */
export interface Extractor {
  /** Who answers, kept with each job, e.g. `rules` or `qwen3 at http://127.0.0.1:11434/v1`. */
  readonly name: string;
  /** Facts or preferences that the new messages tell. @throws ExtractionFailure, as all of these */
  extract(lesson: Lesson, signal: AbortSignal): Promise<Candidate[]>;
  /** What to do with a candidate, given the records nearest to it, nearest first. */
  consolidate(
    lesson: Lesson,
    candidate: Candidate,
    near: readonly Near[],
    signal: AbortSignal,
  ): Promise<Decision>;
  /** The records of a session's summary, in place of the previous ones. */
  summarize(lesson: Lesson, previous: readonly string[], signal: AbortSignal): Promise<Candidate[]>;
  /** The record of the episode that the new messages end; undefined while it goes on. `final` where nothing more will come. */
  episode(lesson: Lesson, options: { final: boolean }, signal: AbortSignal): Promise<Candidate | undefined>;
  /** What is to be learned from a new episode, beside those like it and the reflections there are. */
  reflect(
    lesson: Lesson,
    episode: string,
    known: { episodes: readonly string[]; reflections: readonly Near[] },
    signal: AbortSignal,
  ): Promise<Decision[]>;
}

/** As AWS names what went wrong with a job. */
export type FailureReason =
  | 'LTM_RATE_EXCEEDED'
  | `CUSTOM_MODEL_BEDROCK_${
      | 'ACCESS_DENIED'
      | 'INTERNAL_ERROR'
      | 'THROTTLING'
      | 'MODEL_ERROR'
      | 'MODEL_TIMEOUT'
      | 'RESOURCE_NOT_FOUND'
      | 'MODEL_NOT_READY'
      | 'SERVICE_UNAVAILABLE'
      | 'VALIDATION_EXCEPTION'}`;

/** Nothing could be learned this time; the message says why, for the log. */
export class ExtractionFailure extends Error {
  override readonly name = 'ExtractionFailure';
  readonly reason: FailureReason;
  /** Whether it may go well another time. */
  readonly retryable: boolean;

  constructor(
    message: string,
    { reason, retryable, cause }: { reason: FailureReason; retryable: boolean; cause?: unknown },
  ) {
    super(message, { cause });
    this.reason = reason;
    this.retryable = retryable;
  }
}
