import { describe, expect, test } from 'vitest';
import { callOf, eventsAt, group, messagesOf, openLogs, scope, stream } from './support.ts';

const named = { logGroupName: group, logStreamName: stream };
const now = Date.now();

function filled(...messages: string[]) {
  const logs = openLogs();
  logs.store.append(scope, group, stream, eventsAt(1_000, ...messages));
  return logs;
}

const numbered = Array.from({ length: 25 }, (_, index) => String(index));

describe('GetLogEvents', () => {
  test('answers the newest by default and the oldest when asked to, as many as wanted', async () => {
    const { handlers } = filled(...numbered);
    const get = async (more: object) =>
      messagesOf(await handlers.GetLogEvents({ ...named, ...more }, callOf()));
    expect(await get({})).toEqual(numbered);
    expect(await get({ limit: 3 })).toEqual(['22', '23', '24']);
    expect(await get({ limit: 3, startFromHead: true })).toEqual(['0', '1', '2']);
    expect(await get({ startTime: 1_003, endTime: 1_006 })).toEqual(['3', '4', '5']);
    expect(await get({ startTime: 5_000 })).toEqual([]);
  });

  test('tokens go through everything once in either direction, and stand still at the ends', async () => {
    const { store, handlers } = filled(...numbered);
    const get = (more: object) => handlers.GetLogEvents({ ...named, limit: 10, ...more }, callOf());
    const seen: unknown[] = [];
    let page = await get({ startFromHead: true });
    for (
      let nextToken = '';
      page.nextForwardToken !== nextToken;
      page = await get({ nextToken, startFromHead: true })
    ) {
      seen.push(...messagesOf(page));
      nextToken = page.nextForwardToken ?? '';
    }
    expect(seen).toEqual(numbered);
    expect(page.events).toEqual([]);
    expect(page.nextForwardToken).toMatch(/^f\/\d{56}\/s$/);

    const end = page.nextForwardToken ?? '';
    expect(messagesOf(await get({ nextToken: page.nextBackwardToken }))).toEqual(numbered.slice(15));
    store.append(scope, group, stream, eventsAt(2_000, 'later'));
    expect(messagesOf(await get({ nextToken: end }))).toEqual(['later']);

    const backwards: unknown[] = [];
    page = await get({});
    for (let nextToken = ''; page.nextBackwardToken !== nextToken; page = await get({ nextToken })) {
      backwards.unshift(...messagesOf(page));
      nextToken = page.nextBackwardToken ?? '';
    }
    expect(backwards).toEqual([...numbered, 'later']);
    expect(messagesOf(await get({ nextToken: page.nextForwardToken }))).toEqual(numbered.slice(0, 10));
  });

  test('the tokens of an empty stream find what comes later', async () => {
    const { store, handlers } = openLogs();
    await handlers.CreateLogGroup({ logGroupName: group }, callOf());
    await handlers.CreateLogStream(named, callOf());
    const empty = await handlers.GetLogEvents(named, callOf());
    expect(empty.events).toEqual([]);
    const again = await handlers.GetLogEvents({ ...named, nextToken: empty.nextForwardToken }, callOf());
    expect(again).toEqual({ ...empty, nextBackwardToken: expect.any(String) });
    store.append(scope, group, stream, eventsAt(now, 'first'));
    const found = await handlers.GetLogEvents({ ...named, nextToken: empty.nextForwardToken }, callOf());
    expect(messagesOf(found)).toEqual(['first']);
  });

  test('a page holds a megabyte', async () => {
    const { handlers } = filled(...Array.from({ length: 5 }, (_, index) => String(index).repeat(400_000)));
    const { events, nextForwardToken } = await handlers.GetLogEvents(
      { ...named, startFromHead: true },
      callOf(),
    );
    expect(events).toHaveLength(2);
    const next = await handlers.GetLogEvents({ ...named, nextToken: nextForwardToken }, callOf());
    expect(next.events?.[0]?.message).toMatch(/^2+$/);
  });

  test.each([
    [{ nextToken: 'junk' }, 'InvalidParameterException', /nextToken is invalid/],
    [{ nextToken: `x/${'0'.repeat(56)}/s` }, 'InvalidParameterException', /nextToken is invalid/],
    [{ limit: 10_001 }, 'InvalidParameterException', /from 1 to 10000/],
    [{ logGroupName: undefined }, 'InvalidParameterException', /either logGroupIdentifier or logGroupName/],
    [{ logGroupIdentifier: group }, 'InvalidParameterException', /but not both/],
    [{ logGroupName: 'other' }, 'ResourceNotFoundException', /^The specified log group does not exist\.$/],
    [{ logStreamName: 'other' }, 'ResourceNotFoundException', /^The specified log stream does not exist\.$/],
  ])('%o is refused', async (more, name, message) => {
    const { handlers } = filled('one');
    const refused = handlers.GetLogEvents({ ...named, ...more }, callOf());
    await expect(refused).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  });
});

describe('FilterLogEvents', () => {
  function several() {
    const logs = openLogs();
    logs.store.append(scope, group, 'a/1', eventsAt(now, 'a0 ERROR', 'a1', 'a2 ERROR'));
    logs.store.append(scope, group, 'b/1', eventsAt(now, 'b0', 'b1 ERROR', 'b2'));
    const filter = (more: object = {}) =>
      logs.handlers.FilterLogEvents({ logGroupName: group, ...more }, callOf());
    return { ...logs, filter };
  }

  test('answers all streams together, in the order of time', async () => {
    const { filter } = several();
    const { events = [], nextToken, searchedLogStreams } = await filter();
    expect(messagesOf({ events })).toEqual(['a0 ERROR', 'b0', 'a1', 'b1 ERROR', 'a2 ERROR', 'b2']);
    expect([nextToken, searchedLogStreams]).toEqual([undefined, []]);
    expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(6);
    expect(events[0]).toEqual({
      logStreamName: 'a/1',
      timestamp: now,
      message: 'a0 ERROR',
      ingestionTime: expect.any(Number),
      eventId: expect.stringMatching(/^\d{56}$/),
    });
    expect((await filter()).events).toEqual(events);
  });

  test('chooses by stream, time and pattern', async () => {
    const { filter } = several();
    const of = async (more: object) => messagesOf(await filter(more));
    expect(await of({ filterPattern: 'ERROR' })).toEqual(['a0 ERROR', 'b1 ERROR', 'a2 ERROR']);
    expect(await of({ logStreamNames: ['b/1', 'b/1'] })).toEqual(['b0', 'b1 ERROR', 'b2']);
    expect(await of({ logStreamNamePrefix: 'a/' })).toEqual(['a0 ERROR', 'a1', 'a2 ERROR']);
    expect(await of({ startTime: now + 1, endTime: now + 1 })).toEqual(['a1', 'b1 ERROR']);
    expect(await of({ startTime: now + 10_000_000 })).toEqual([]);
    expect(await of({ startFromHead: false, limit: 2 })).toEqual(['b2', 'a2 ERROR']);
  });

  test.each([true, false])('pages hold everything once, startFromHead %s', async (startFromHead) => {
    const { filter } = several();
    const whole = messagesOf(await filter({ startFromHead }));
    const seen: unknown[] = [];
    let nextToken: string | undefined;
    do {
      const page = await filter({ limit: 2, startFromHead, nextToken });
      seen.push(...messagesOf(page));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(seen).toEqual(whole);
  });

  test.each([
    [
      { logStreamNames: ['a/1'], logStreamNamePrefix: 'a' },
      'InvalidParameterException',
      /cannot be given together/,
    ],
    [{ logStreamNames: ['other'] }, 'ResourceNotFoundException', /log stream does not exist/],
    [{ filterPattern: '{ $.a = 1 }' }, 'InvalidParameterException', /filters by terms/],
    [{ nextToken: 'junk' }, 'InvalidParameterException', /nextToken is invalid/],
    [{ limit: 0 }, 'InvalidParameterException', /from 1 to 10000/],
  ])('%o is refused', async (more, name, message) => {
    const { filter } = several();
    await expect(filter(more)).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  });
});

describe('groups and streams', () => {
  test('are made, described, found by name or ARN, and removed', async () => {
    const { handlers } = openLogs();
    await handlers.CreateLogGroup({ logGroupName: group, tags: { a: 'b' } }, callOf());
    await handlers.CreateLogStream(named, callOf());
    await handlers.PutLogEvents({ ...named, logEvents: eventsAt(now, 'one', 'two') }, callOf());
    const { logGroups = [] } = await handlers.DescribeLogGroups({ logGroupNamePrefix: '/aws/bed' }, callOf());
    const arn = `arn:aws:logs:eu-west-1:111122223333:log-group:${group}`;
    expect(logGroups).toEqual([
      {
        logGroupName: group,
        arn: `${arn}:*`,
        logGroupArn: arn,
        creationTime: expect.any(Number),
        storedBytes: expect.any(Number),
        metricFilterCount: 0,
        logGroupClass: 'STANDARD',
      },
    ]);
    expect(logGroups[0]?.storedBytes).toBeGreaterThan(50);
    for (const logGroupIdentifier of [group, arn, `${arn}:*`]) {
      const { logStreams } = await handlers.DescribeLogStreams({ logGroupIdentifier }, callOf());
      expect(logStreams).toEqual([
        {
          logStreamName: stream,
          arn: `${arn}:log-stream:${stream}`,
          creationTime: expect.any(Number),
          firstEventTimestamp: now,
          lastEventTimestamp: now + 1,
          lastIngestionTime: expect.any(Number),
          uploadSequenceToken: expect.any(String),
          storedBytes: 0,
        },
      ]);
    }
    const elsewhere = { logGroupIdentifier: arn.replace('eu-west-1', 'eu-west-2') };
    await expect(handlers.DescribeLogStreams(elsewhere, callOf())).rejects.toThrow(
      'log group does not exist',
    );

    await expect(handlers.CreateLogGroup({ logGroupName: group }, callOf())).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
      message: 'The specified log group already exists',
    });
    await expect(handlers.CreateLogStream(named, callOf())).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
      message: 'The specified log stream already exists',
    });
    await handlers.DeleteLogStream(named, callOf());
    await expect(handlers.GetLogEvents(named, callOf())).rejects.toThrow('log stream does not exist');
    await expect(handlers.DeleteLogStream(named, callOf())).rejects.toThrow('log stream does not exist');
    await handlers.DeleteLogGroup({ logGroupName: group }, callOf());
    await expect(handlers.DeleteLogGroup({ logGroupName: group }, callOf())).rejects.toThrow(
      'log group does not exist',
    );
  });

  test('are listed in pages, filtered and ordered', async () => {
    const { store, handlers } = openLogs();
    for (const name of ['z', 'b', 'Ab']) store.append(scope, name, 's', eventsAt(1, 'x'));
    const groups = async (more: object) => {
      const { logGroups = [], nextToken } = await handlers.DescribeLogGroups(more, callOf());
      return { names: logGroups.map(({ logGroupName }) => logGroupName), nextToken };
    };
    const first = await groups({ limit: 2 });
    expect(first.names).toEqual(['Ab', 'b']);
    expect(await groups({ limit: 2, nextToken: first.nextToken })).toEqual({ names: ['z'] });
    expect((await groups({ logGroupNamePattern: 'b' })).names).toEqual(['Ab', 'b']);
    expect((await groups({ logGroupNamePrefix: 'b' })).names).toEqual(['b']);
    expect((await groups({ logGroupIdentifiers: ['z'] })).names).toEqual(['z']);
    expect((await groups({ logGroupClass: 'DELIVERY' })).names).toEqual([]);
    for (const wrong of [
      { limit: 51 },
      { nextToken: '!' },
      { logGroupNamePattern: 'a', logGroupNamePrefix: 'a' },
    ]) {
      await expect(groups(wrong)).rejects.toMatchObject({ name: 'InvalidParameterException' });
    }

    for (const [name, time] of Object.entries({ s1: 30, s2: 10, t1: 20 })) {
      store.append(scope, 'streams', name, eventsAt(time, 'x'));
    }
    const streams = async (more: object) => {
      const described = await handlers.DescribeLogStreams({ logGroupName: 'streams', ...more }, callOf());
      const names = described.logStreams?.map(({ logStreamName }) => logStreamName);
      return { names, nextToken: described.nextToken };
    };
    expect((await streams({})).names).toEqual(['s1', 's2', 't1']);
    expect((await streams({ descending: true })).names).toEqual(['t1', 's2', 's1']);
    expect((await streams({ logStreamNamePrefix: 's' })).names).toEqual(['s1', 's2']);
    const newest = await streams({ orderBy: 'LastEventTime', descending: true, limit: 2 });
    expect(newest.names).toEqual(['s1', 't1']);
    const rest = { orderBy: 'LastEventTime', descending: true, nextToken: newest.nextToken };
    expect(await streams(rest)).toEqual({ names: ['s2'] });
    await expect(streams({ orderBy: 'LastEventTime', logStreamNamePrefix: 's' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });

  test.each([
    { logGroupName: 'a b' },
    { logGroupName: '' },
    { logGroupName: 'a'.repeat(513) },
    { logGroupName: 'a', kmsKeyId: 'key' },
    { logGroupName: 'a', logGroupClass: 'INFREQUENT_ACCESS' as const },
    { logGroupName: 'a', deletionProtectionEnabled: true },
  ])('%o makes no group', async (input) => {
    const { handlers } = openLogs();
    await expect(handlers.CreateLogGroup(input, callOf())).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    expect((await handlers.DescribeLogGroups({}, callOf())).logGroups).toEqual([]);
  });

  test('names of streams may have slashes and brackets, but neither : nor *', async () => {
    const { handlers } = openLogs();
    await handlers.CreateLogGroup({ logGroupName: group }, callOf());
    for (const logStreamName of ['../../x', '[$LATEST]/ü 1', 'x'.repeat(512)]) {
      await handlers.CreateLogStream({ logGroupName: group, logStreamName }, callOf());
    }
    for (const logStreamName of ['a:b', 'a*', '', 'x'.repeat(513)]) {
      await expect(
        handlers.CreateLogStream({ logGroupName: group, logStreamName }, callOf()),
      ).rejects.toMatchObject({ name: 'InvalidParameterException' });
    }
  });
});

describe('PutLogEvents', () => {
  async function made() {
    const { handlers } = openLogs();
    await handlers.CreateLogGroup({ logGroupName: group }, callOf());
    await handlers.CreateLogStream(named, callOf());
    return handlers;
  }
  const HOUR = 3600 * 1000;

  test('takes what is of its time and says what is not', async () => {
    const handlers = await made();
    const put = (...times: number[]) =>
      handlers.PutLogEvents(
        { ...named, logEvents: times.map((timestamp) => ({ timestamp, message: String(timestamp) })) },
        callOf(),
      );
    const old = now - 15 * 24 * HOUR;
    expect((await put(old, old + 1)).rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 2 });
    expect((await put(now, now + 3 * HOUR)).rejectedLogEventsInfo).toEqual({ tooNewLogEventStartIndex: 1 });
    expect((await put(now + 1)).rejectedLogEventsInfo).toBeUndefined();
    expect(messagesOf(await handlers.GetLogEvents(named, callOf()))).toEqual([String(now), String(now + 1)]);
  });

  test.each([
    ['no events', [], /from 1 to 10000/],
    ['too many', Array(10_001).fill({ timestamp: now, message: 'x' }), /from 1 to 10000/],
    ['out of order', [...eventsAt(now, 'a'), ...eventsAt(now - 1, 'b')], /chronological order/],
    ['more than a day', [...eventsAt(now - 25 * HOUR, 'a'), ...eventsAt(now, 'b')], /more than 24 hours/],
    [
      'too large',
      eventsAt(now, 'x'.repeat(1_048_551)),
      /Upload too large: 1048577 bytes exceeds limit of 1048576/,
    ],
  ])('%s: refused as a whole', async (_, logEvents, message) => {
    const handlers = await made();
    await expect(handlers.PutLogEvents({ ...named, logEvents }, callOf())).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringMatching(message),
    });
    expect((await handlers.GetLogEvents(named, callOf())).events).toEqual([]);
  });

  test('makes no stream by itself', async () => {
    const handlers = await made();
    const input = { logGroupName: group, logStreamName: 'other', logEvents: eventsAt(now, 'x') };
    await expect(handlers.PutLogEvents(input, callOf())).rejects.toThrow('log stream does not exist');
  });
});
