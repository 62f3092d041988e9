import type { EventRow, MemoryKey } from '../memory.ts';

/** The short-term memory, as the long-term one reads it. */
export interface Events {
  /** Undefined where it is gone. */
  get(key: MemoryKey, actorId: string, sessionId: string, eventId: string): EventRow | undefined;
  /** The last events of a session up to and including one (all, where none is named), oldest first, of its branch and what that grew from. */
  upTo(
    key: MemoryKey,
    actorId: string,
    sessionId: string,
    options: { eventId?: string; limit: number },
  ): EventRow[];
}

/** Hears of what comes into the short-term memory. */
export interface EventListener {
  /** In the transaction that keeps the event: what it writes is kept with it, or not at all. Must not wait for anything. */
  kept(key: MemoryKey, event: EventRow): void;
  /** After that transaction. */
  wake(): void;
}

/** Learns from what it hears. */
export interface Learner extends EventListener {
  /** How much of a memory, or of a part of it, is still to be learned from: jobs. An episode that goes on does not count. */
  unfinished(key: MemoryKey, of?: { actorId?: string; sessionId?: string }): number;
}
