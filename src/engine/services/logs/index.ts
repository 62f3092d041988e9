import { join } from 'node:path';
import { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { Handlers, InputOf, Scope, Service } from '../../service.ts';
import { describeGroup, describeStream, pageByKey } from './describe.ts';
import { MAX_EVENTS, pageOfGroup, pageOfStream, within } from './events.ts';
import { alreadyExists, groupNotFound, invalidParameter, streamNotFound, tooMany } from './exceptions.ts';
import { parseFilterPattern } from './filter-pattern.ts';
import type { Group } from './group.ts';
import { Groups, type LogLimits } from './groups.ts';
import type { LogStore } from './log-store.ts';
import { checkGroupName, checkStreamName, nameOfGroup } from './names.ts';
import { sortOut } from './put.ts';
import type { Stream } from './stream.ts';

const defaultLimits: LogLimits = { maxGroups: 1_000, maxStreams: 200, maxStreamBytes: 10 * 1024 * 1024 };

export interface LogsDependencies {
  /** Logs are kept in `logs/` below it. */
  dataDir: string;
  log: Log;
  /** Default: real time. */
  clock?: Clock;
  limits?: Partial<LogLimits>;
}

/**
 * Logs in files, and CloudWatch Logs' API for them. What writes to the store has to close before the service does.
 * @throws Error when the folder cannot be made or read.
 */
export function createLogs({ dataDir, log, limits, clock = new Clock() }: LogsDependencies): {
  store: LogStore;
  service: Service;
} {
  const groups = new Groups({
    folder: join(dataDir, 'logs'),
    log,
    clock,
    limits: { ...defaultLimits, ...limits },
  });
  return {
    store: groups,
    service: { handlers: { logs: handlersFor(groups) }, live: () => 0, close: () => groups.close() },
  };
}

interface GroupInput {
  logGroupName?: string;
  logGroupIdentifier?: string;
}

function handlersFor(groups: Groups): Handlers<'logs'> {
  /** @throws ResourceNotFoundException when there is no such group. */
  function groupOf(scope: Scope, input: GroupInput): Group {
    const group = groups.find(scope, nameOfGroup(scope, input) ?? '');
    if (!group) throw groupNotFound();
    return group;
  }

  /** @throws ResourceNotFoundException when there is no such group or stream. */
  function streamOf(scope: Scope, input: GroupInput & { logStreamName?: string }): Stream {
    const stream = groupOf(scope, input).streams.get(input.logStreamName ?? '');
    if (!stream) throw streamNotFound();
    return stream;
  }

  return {
    async CreateLogGroup({ logGroupName = '', tags, ...input }, scope) {
      checkGroupName(logGroupName);
      refuseGroupOptions(input);
      if (groups.find(scope, logGroupName)) throw alreadyExists('group');
      if (groups.isFull(scope))
        throw tooMany('Resource limit exceeded: remove log groups that are not needed.');
      groups.create(scope, logGroupName, tags);
      return {};
    },

    async CreateLogStream({ logGroupName, logStreamName = '' }, scope) {
      checkStreamName(logStreamName);
      const group = groupOf(scope, { logGroupName });
      if (group.streams.has(logStreamName)) throw alreadyExists('stream');
      await group.stream(logStreamName).flush();
      return {};
    },

    async DeleteLogGroup({ logGroupName }, scope) {
      await groups.delete(scope, groupOf(scope, { logGroupName }).name);
      return {};
    },

    async DeleteLogStream({ logGroupName, logStreamName }, scope) {
      const stream = streamOf(scope, { logGroupName, logStreamName });
      await groupOf(scope, { logGroupName }).removeStream(stream);
      return {};
    },

    async PutLogEvents({ logGroupName, logStreamName, logEvents }, scope) {
      const stream = streamOf(scope, { logGroupName, logStreamName });
      const { taken, rejected } = sortOut(logEvents ?? [], Date.now());
      stream.append(taken);
      await stream.flush();
      return { nextSequenceToken: stream.id, rejectedLogEventsInfo: rejected };
    },

    async DescribeLogGroups(input, scope) {
      const { items, nextToken } = pageByKey(
        groups.list(scope).filter(groupFilter(input, scope)),
        ({ name }) => ({ time: 0, name }),
        input,
      );
      return { logGroups: await Promise.all(items.map(describeGroup)), nextToken };
    },

    async DescribeLogStreams(input, scope) {
      const group = groupOf(scope, input);
      const { logStreamNamePrefix: prefix = '', orderBy, descending } = input;
      const byTime = orderBy === 'LastEventTime';
      if (byTime && prefix !== '') {
        throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.');
      }
      const streams = [...group.streams.values()].filter(({ name }) => name.startsWith(prefix));
      const described = await Promise.all(streams.map((stream) => describeStream(scope, group.name, stream)));
      const { items, nextToken } = pageByKey(
        described,
        ({ logStreamName: name = '', lastEventTimestamp = 0 }) => ({
          time: byTime ? lastEventTimestamp : 0,
          name,
        }),
        { limit: input.limit, nextToken: input.nextToken, descending },
      );
      return { logStreams: items, nextToken };
    },

    async GetLogEvents(input, scope) {
      checkLimit(input.limit);
      const events = await streamOf(scope, input).read();
      return pageOfStream(within(events, input), input);
    },

    async FilterLogEvents(input, call) {
      checkLimit(input.limit);
      const { limit, startTime, startFromHead, nextToken } = input;
      // On AWS the end of the range is included here, unlike in GetLogEvents.
      const endTime = input.endTime === undefined ? undefined : input.endTime + 1;
      const streams = chooseStreams(groupOf(call, input), input);
      const matches = parseFilterPattern(input.filterPattern ?? '');
      const options = { limit, startTime, endTime, startFromHead, nextToken, matches, signal: call.signal };
      return { ...(await pageOfGroup(streams, options)), searchedLogStreams: [] };
    },
  };
}

/** @throws ResourceNotFoundException when a stream that is named does not exist. */
function chooseStreams(
  group: Group,
  { logStreamNames, logStreamNamePrefix }: InputOf<'FilterLogEvents', 'logs'>,
): Stream[] {
  if (logStreamNames && logStreamNamePrefix !== undefined) {
    throw invalidParameter('logStreamNames and logStreamNamePrefix cannot be given together.');
  }
  if (!logStreamNames) {
    return [...group.streams.values()].filter(({ name }) => name.startsWith(logStreamNamePrefix ?? ''));
  }
  return [...new Set(logStreamNames)].map((name) => {
    const stream = group.streams.get(name);
    if (!stream) throw streamNotFound();
    return stream;
  });
}

function groupFilter(input: InputOf<'DescribeLogGroups', 'logs'>, scope: Scope): (group: Group) => boolean {
  const { logGroupNamePrefix: prefix, logGroupNamePattern: part, logGroupIdentifiers, logGroupClass } = input;
  if (prefix !== undefined && part !== undefined) {
    throw invalidParameter('logGroupNamePrefix and logGroupNamePattern cannot be given together.');
  }
  const names = logGroupIdentifiers?.map((logGroupIdentifier) => nameOfGroup(scope, { logGroupIdentifier }));
  return ({ name }) =>
    name.startsWith(prefix ?? '') &&
    name.includes(part ?? '') &&
    (names?.includes(name) ?? true) &&
    (logGroupClass ?? 'STANDARD') === 'STANDARD';
}

function checkLimit(limit: number | undefined): void {
  if (limit !== undefined && (limit < 1 || limit > MAX_EVENTS)) {
    throw invalidParameter(`limit is ${limit}; it must be from 1 to ${MAX_EVENTS}.`);
  }
}

function refuseGroupOptions(input: Omit<InputOf<'CreateLogGroup', 'logs'>, 'logGroupName' | 'tags'>): void {
  if (input.kmsKeyId !== undefined) {
    throw invalidParameter('The local engine does not encrypt logs with a KMS key; leave kmsKeyId out.');
  }
  if ((input.logGroupClass ?? 'STANDARD') !== 'STANDARD') {
    throw invalidParameter(`The local engine has STANDARD log groups only, not ${input.logGroupClass}.`);
  }
  if (input.deletionProtectionEnabled) {
    throw invalidParameter('The local engine does not protect log groups from deletion.');
  }
}
