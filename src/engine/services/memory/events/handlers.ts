import { randomUUID } from 'node:crypto';
import type { Event } from '@aws-sdk/client-bedrock-agentcore';
import type { Clock } from '../../../clock.ts';
import type { Handlers, InputOf } from '../../../service.ts';
import { invalid, notFound } from '../../exceptions.ts';
import { EXTRACTION_HEADER, PENDING_HEADER } from '../headers.ts';
import type { Memories } from '../memories.ts';
import type { EventRow } from '../memory.ts';
import { keyOf } from '../names.ts';
import { checkSize, plain } from './content.ts';
import { type EventStore, MAIN, type NewEvent } from './event-store.ts';
import type { Learner } from './events.ts';
import { EventListings } from './listings.ts';

/** How many a listing gives unless told otherwise. */
const DEFAULT_PAGE = 20;

export interface EventHandlerParts {
  memories: Memories;
  events: EventStore;
  clock: Clock;
  listener: Learner;
}

/** The operations on the short-term memory. */
export function eventHandlers({ memories, events, clock, listener }: EventHandlerParts): Handlers {
  const listings = new EventListings(events.rows, clock);
  return {
    async CreateEvent(input, call) {
      const memory = memories.require(call, input.memoryId ?? '');
      const key = keyOf(call, memory);
      const event = events.create(key, newEvent(input), {
        days: memory.eventExpiryDuration,
        token: input.clientToken,
        listener,
      });
      const pending = listener.unfinished(key, { actorId: event.actorId, sessionId: event.sessionId }) > 0;
      call.setHeader?.(EXTRACTION_HEADER, pending ? 'pending' : 'none');
      return { event: described(memory.id, event) };
    },

    async GetEvent({ memoryId = '', actorId = '', sessionId = '', eventId = '' }, call) {
      const key = memories.key(call, memoryId);
      const event = events.get(key, actorId, sessionId, eventId);
      if (!event) throw notFound(`Unable to find event with id ${eventId}`);
      return { event: described(key.memoryId, event) };
    },

    async DeleteEvent({ memoryId = '', actorId = '', sessionId = '', eventId = '' }, call) {
      const key = memories.key(call, memoryId);
      if (!events.delete(key, actorId, sessionId, eventId))
        throw notFound(`Unable to find event with id ${eventId}`);
      return { eventId };
    },

    async ListEvents({ memoryId = '', actorId = '', sessionId = '', ...listing }, call) {
      const { filter, maxResults = DEFAULT_PAGE, nextToken, includePayloads: payloads = true } = listing;
      const key = memories.key(call, memoryId);
      const options = { filter, maxResults, nextToken, payloads };
      const page = listings.events(key, { actorId, sessionId }, options);
      call.setHeader?.(PENDING_HEADER, String(listener.unfinished(key, { actorId, sessionId })));
      return {
        events: page.items.map((event) => {
          const { payload, ...rest } = described(key.memoryId, event);
          return (payloads ? { ...rest, payload } : rest) as Event;
        }),
        nextToken: page.nextToken,
      };
    },

    async ListSessions({ memoryId = '', actorId = '', ...listing }, call) {
      const { filter, maxResults = DEFAULT_PAGE, nextToken } = listing;
      const withEvents = filter?.eventFilter === 'HAS_EVENTS';
      const key = memories.key(call, memoryId);
      const page = listings.sessions(key, actorId, { withEvents, maxResults, nextToken });
      const sessionSummaries = page.items.map(({ sessionId, created }) => ({
        sessionId,
        actorId,
        createdAt: new Date(created),
      }));
      return { sessionSummaries, nextToken: page.nextToken };
    },

    async ListActors({ memoryId = '', maxResults = DEFAULT_PAGE, nextToken }, call) {
      const page = listings.actors(memories.key(call, memoryId), { maxResults, nextToken });
      const actorSummaries = page.items.map(({ actorId }) => ({ actorId }));
      return { actorSummaries, nextToken: page.nextToken };
    },
  };
}

/** @throws ValidationException for more than an event may hold. */
function newEvent(input: InputOf<'CreateEvent'>): NewEvent {
  const { actorId = '', sessionId = randomUUID(), payload = [], metadata, extractionMode } = input;
  const at = input.eventTimestamp?.getTime() ?? Number.NaN;
  if (!(at >= 0)) throw invalid('eventTimestamp', 'An event has a time from 1970 on.');
  checkSize(payload, 'payload');
  const { namespaceVariables } = input.extractionConfig ?? {};
  return {
    ...{ actorId, sessionId, at, payload },
    branch: { ...input.branch, name: input.branch?.name ?? MAIN },
    ...(metadata && { metadata: plain(metadata) }),
    ...(extractionMode && { extractionMode }),
    ...(namespaceVariables && { namespaceVariables }),
  };
}

/** As AWS answers it. */
function described(memoryId: string, event: EventRow): Event {
  const { actorId, sessionId, eventId, at, payload, branch, metadata } = event;
  return {
    ...{ memoryId, actorId, sessionId, eventId, payload, branch },
    eventTimestamp: new Date(at),
    ...(metadata && {
      metadata: Object.fromEntries(
        Object.entries(metadata).map(([key, stringValue]) => [key, { stringValue }]),
      ),
    }),
  };
}
