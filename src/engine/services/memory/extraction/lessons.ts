import type { Events } from '../events/events.ts';
import type { EventRow, MemoryRow, StrategyRow } from '../memory.ts';
import type { Lesson, Message } from './extractor.ts';
import type { Job, JobItem } from './job.ts';
import { kindOf } from './kinds.ts';
import { learnable, messagesOf } from './messages.ts';

/** How much of what came before is told along: at most so many messages, out of so many events. */
const CONTEXT_MESSAGES = 20;
const CONTEXT_EVENTS = 20;

/** What a job is about, as it is now. */
export interface Source {
  at: number;
  payload: EventRow['payload'];
  indexes: readonly number[];
  /** Undefined where it was ingested without one. */
  eventId?: string;
}

/** What is still there of what a job is to learn from, in the order in which it was said. */
export function sourcesOf(
  events: Events,
  { key, actorId, sessionId }: Job,
  items: readonly JobItem[],
): Source[] {
  return items
    .flatMap((item): Source[] => {
      const { indexes } = item;
      if ('ingested' in item) return [{ ...JSON.parse(item.ingested), indexes }];
      const event = events.get(key, actorId, sessionId, item.eventId);
      return event ? [{ at: event.at, payload: event.payload, indexes, eventId: item.eventId }] : [];
    })
    .sort((a, b) => a.at - b.at);
}

/** What was in the session before a job's own, oldest first. */
export function eventsBefore(
  events: Events,
  { key, actorId, sessionId }: Job,
  sources: readonly Source[],
  limit: number,
): EventRow[] {
  const own = new Set(sources.flatMap(({ eventId }) => (eventId === undefined ? [] : [eventId])));
  const [first] = own;
  const options = first === undefined ? { limit } : { eventId: first, limit: limit + 1 };
  return events.upTo(key, actorId, sessionId, options).filter(({ eventId }) => !own.has(eventId));
}

export function lessonOf(
  events: Events,
  { memory, strategy }: { memory: MemoryRow; strategy: StrategyRow },
  job: Job,
  sources: readonly Source[],
): Lesson {
  const { actorId, sessionId } = job;
  const messages = sources.flatMap((source) => messagesOf(source, source.indexes));
  const kind = kindOf(strategy);
  const context: Message[] = eventsBefore(events, job, sources, CONTEXT_EVENTS)
    .flatMap((event) => messagesOf(event, learnable(event.payload, kind)))
    .slice(-CONTEXT_MESSAGES);
  return { memory, strategy, actorId, sessionId, messages, context };
}
