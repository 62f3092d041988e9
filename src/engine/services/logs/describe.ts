import type { LogGroup, LogStream } from '@aws-sdk/client-cloudwatch-logs';
import type { Scope } from '../../service.ts';
import { invalidToken } from './events.ts';
import { invalidParameter } from './exceptions.ts';
import type { Group } from './group.ts';
import { compare } from './groups.ts';
import { groupArn } from './names.ts';
import type { Stream } from './stream.ts';

const DEFAULT_PAGE = 50;
const MAX_PAGE = 50;

export async function describeGroup(group: Group): Promise<LogGroup> {
  const arn = groupArn(group, group.name);
  return {
    logGroupName: group.name,
    creationTime: group.createdAt,
    metricFilterCount: 0,
    arn: `${arn}:*`,
    logGroupArn: arn,
    storedBytes: await group.size(),
    logGroupClass: 'STANDARD',
  };
}

export async function describeStream(scope: Scope, group: string, stream: Stream): Promise<LogStream> {
  const { firstEvent, lastEvent, lastIngestion } = await stream.extent();
  return {
    logStreamName: stream.name,
    creationTime: stream.createdAt,
    firstEventTimestamp: firstEvent,
    lastEventTimestamp: lastEvent,
    lastIngestionTime: lastIngestion,
    uploadSequenceToken: stream.id,
    arn: `${groupArn(scope, group)}:log-stream:${stream.name}`,
    storedBytes: 0,
  };
}

/** How a listing is ordered: by time where there is one, and by name, which is unique. */
export interface Key {
  time: number;
  name: string;
}

/**
 * A page of things by their keys. The token says after which key the next page begins, so it stays good while things
 * come and go.
 * @throws InvalidParameterException for a token or a limit that cannot be.
 */
export function pageByKey<T>(
  things: readonly T[],
  keyOf: (thing: T) => Key,
  {
    limit = DEFAULT_PAGE,
    nextToken,
    descending = false,
  }: { limit?: number; nextToken?: string; descending?: boolean },
): { items: T[]; nextToken?: string } {
  if (limit < 1 || limit > MAX_PAGE)
    throw invalidParameter(`limit is ${limit}; it must be from 1 to ${MAX_PAGE}.`);
  const after = nextToken === undefined ? undefined : readToken(nextToken);
  const order = (a: Key, b: Key) => (descending ? -1 : 1) * (a.time - b.time || compare(a.name, b.name));
  const rest = things
    .filter((thing) => !after || order(keyOf(thing), after) > 0)
    .sort((a, b) => order(keyOf(a), keyOf(b)));
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return { items, nextToken: last && rest.length > limit ? writeToken(keyOf(last)) : undefined };
}

function writeToken({ time, name }: Key): string {
  return Buffer.from(JSON.stringify([time, name])).toString('base64url');
}

function readToken(text: string): Key {
  try {
    const [time, name] = JSON.parse(String(Buffer.from(text, 'base64url')));
    if (typeof time === 'number' && typeof name === 'string') return { time, name };
  } catch {
    // What is no JSON is no token either.
  }
  throw invalidToken();
}
