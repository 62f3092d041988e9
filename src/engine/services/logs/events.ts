import { createHash } from 'node:crypto';
import type { FilteredLogEvent, OutputLogEvent } from '@aws-sdk/client-cloudwatch-logs';
import { invalidParameter } from './exceptions.ts';
import type { Matcher } from './filter-pattern.ts';
import { compare } from './groups.ts';
import type { StoredEvent } from './lines.ts';
import type { Stream } from './stream.ts';

/** CloudWatch answers at most this many events, and this many bytes, in a page. */
export const MAX_EVENTS = 10_000;
const MAX_PAGE_BYTES = 1024 * 1024;
/** Bytes that every event counts beside its message. */
export const EVENT_OVERHEAD = 26;
/** What may be logged is at most this far ahead of the clock, so a file that is older by more has nothing later. */
export const MAX_AHEAD_MS = 2 * 3600 * 1000;

/** Milliseconds since the epoch; the start is included. */
export interface Range {
  startTime?: number;
  endTime?: number;
}

/** Between two events of a stream: by time, and by place where the time is the same. */
interface Cursor {
  timestamp: number;
  position: number;
}

interface StreamToken {
  direction: 'f' | 'b';
  cursor: Cursor;
}

const DIGITS = 56;
const TIME_DIGITS = 15;
const POSITION_DIGITS = 16;
const streamToken = new RegExp(`^([fb])/(\\d{${TIME_DIGITS}})(\\d{${POSITION_DIGITS}})\\d*/s$`);

/**
 * A page of one stream, as GetLogEvents answers it: the oldest events with `startFromHead`, else the newest; from a
 * token on, in its direction. Where there is nothing more the token comes back as it was.
 */
export function pageOfStream(
  events: readonly StoredEvent[],
  { limit = MAX_EVENTS, startFromHead = false, nextToken }: PageOptions,
): { events: OutputLogEvent[]; nextForwardToken: string; nextBackwardToken: string } {
  const token = nextToken === undefined ? undefined : readStreamToken(nextToken);
  const forward = token ? token.direction === 'f' : startFromHead;
  const rest = token ? events.filter((event) => isBeyond(event, token)) : events;
  const page = forward ? fitting(rest, limit) : fitting(rest.toReversed(), limit).reverse();
  const [first, last] = [page[0], page.at(-1)];
  const { timestamp, position } = token?.cursor ?? { timestamp: 0, position: 0 };
  // Beside a token at its end stands the one that leads back over the very event the token was made from.
  const after = { timestamp, position: position + 1 };
  const before = { timestamp, position: Math.max(0, position - 1) };
  return {
    events: page.map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
    nextForwardToken: tokenOf('f', last ?? (token?.direction === 'b' ? before : { timestamp, position })),
    nextBackwardToken: tokenOf('b', first ?? (token?.direction === 'f' ? after : { timestamp, position })),
  };
}

export interface PageOptions {
  limit?: number;
  startFromHead?: boolean;
  nextToken?: string;
}

/** The events from the start of the range to just before its end. */
export function within(events: readonly StoredEvent[], { startTime = 0, endTime = Infinity }: Range) {
  return events.filter(({ timestamp }) => timestamp >= startTime && timestamp < endTime);
}

interface Found extends StoredEvent {
  stream: Stream;
}

interface GroupToken extends Cursor {
  stream: string;
  ascending: boolean;
}

/**
 * A page of several streams together, as FilterLogEvents answers it. Reads one stream after the other and keeps no more
 * of them than a page can hold.
 */
export async function pageOfGroup(
  streams: readonly Stream[],
  options: PageOptions & Range & { matches: Matcher; signal: AbortSignal },
): Promise<{ events: FilteredLogEvent[]; nextToken?: string }> {
  const { limit = MAX_EVENTS, startTime, matches, nextToken, signal } = options;
  const token = nextToken === undefined ? undefined : readGroupToken(nextToken);
  const ascending = token?.ascending ?? options.startFromHead ?? true;
  const order = (a: Place, b: Place) => (ascending ? 1 : -1) * comparePlaces(a, b);
  let found: Found[] = [];
  for (const stream of streams) {
    signal.throwIfAborted();
    if (startTime !== undefined && stream.lastUse + MAX_AHEAD_MS < startTime) continue;
    const inRange = within(await stream.read(), options);
    const hits = matches(inRange.map(({ message }) => message));
    const own = inRange
      .filter((_, index) => hits[index])
      .map((event) => ({ ...event, stream }))
      .filter((event) => !token || order(placeOf(event), token) > 0);
    found = [...found, ...own].sort((a, b) => order(placeOf(a), placeOf(b))).slice(0, limit + 1);
  }
  const page = fitting(found, limit);
  const last = page.at(-1);
  return {
    events: page.map(filtered),
    nextToken: last && page.length < found.length ? writeGroupToken(placeOf(last), ascending) : undefined,
  };
}

type Place = Cursor & { stream: string };

function placeOf({ timestamp, position, stream }: Found): Place {
  return { timestamp, position, stream: stream.name };
}

function comparePlaces(a: Place, b: Place): number {
  return a.timestamp - b.timestamp || compare(a.stream, b.stream) || a.position - b.position;
}

function filtered({ stream, timestamp, message, ingestionTime, position }: Found): FilteredLogEvent {
  return {
    logStreamName: stream.name,
    timestamp,
    message,
    ingestionTime,
    eventId: eventId(stream.id, { timestamp, position }),
  };
}

/** 56 digits, as on AWS; the same event has the same ones always. */
function eventId(streamId: string, cursor: Cursor): string {
  const hash = BigInt(`0x${createHash('sha256').update(streamId).digest('hex')}`);
  const rest = DIGITS - TIME_DIGITS - POSITION_DIGITS;
  return digitsOf(cursor) + String(hash % 10n ** BigInt(rest)).padStart(rest, '0');
}

/** As many from the start as a page holds, and one at least. */
function fitting<Event extends StoredEvent>(events: readonly Event[], limit: number): Event[] {
  let bytes = 0;
  const page = events.slice(0, limit);
  const end = page.findIndex(({ message }, index) => {
    bytes += Buffer.byteLength(message) + EVENT_OVERHEAD;
    return bytes > MAX_PAGE_BYTES && index > 0;
  });
  return end < 0 ? page : page.slice(0, end);
}

function isBeyond({ timestamp, position }: Cursor, { direction, cursor }: StreamToken): boolean {
  const order = timestamp - cursor.timestamp || position - cursor.position;
  return direction === 'f' ? order > 0 : order < 0;
}

function digitsOf({ timestamp, position }: Cursor): string {
  const time = String(Math.max(0, timestamp)).padStart(TIME_DIGITS, '0');
  return time + String(position).padStart(POSITION_DIGITS, '0');
}

function tokenOf(direction: 'f' | 'b', cursor: Cursor): string {
  return `${direction}/${digitsOf(cursor).padEnd(DIGITS, '0')}/s`;
}

function readStreamToken(text: string): StreamToken {
  const [, direction, timestamp, position] = streamToken.exec(text) ?? [];
  if (direction === undefined) throw invalidToken();
  return {
    direction: direction === 'f' ? 'f' : 'b',
    cursor: { timestamp: Number(timestamp), position: Number(position) },
  };
}

function writeGroupToken({ timestamp, position, stream }: Place, ascending: boolean): string {
  return Buffer.from(JSON.stringify([ascending, timestamp, stream, position])).toString('base64url');
}

function readGroupToken(text: string): GroupToken {
  try {
    const [ascending, timestamp, stream, position] = JSON.parse(String(Buffer.from(text, 'base64url')));
    if (typeof stream === 'string' && Number.isFinite(timestamp) && Number.isFinite(position)) {
      return { ascending: ascending === true, timestamp, stream, position };
    }
  } catch {
    // What is no JSON is no token either.
  }
  throw invalidToken();
}

export function invalidToken() {
  return invalidParameter('The specified nextToken is invalid.');
}
