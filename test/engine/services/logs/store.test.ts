import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callOf, eventsAt, group, messagesOf, openLogs, scope, stream } from './support.ts';

const named = { logGroupName: group, logStreamName: stream };
const inOrder = { ...named, startFromHead: true };

function filesIn(dataDir: string): string[] {
  return readdirSync(join(dataDir, 'logs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.jsonl'))
    .map((file) => join(dataDir, 'logs', file))
    .sort();
}

test('what was appended is read at once, and again by the next engine', async () => {
  const { dataDir, store, service, handlers } = openLogs();
  store.append(scope, group, stream, eventsAt(1_000, 'one', 'two\nlines', '数据 \ud83d\ude00 \ud800'));
  const all = ['one', 'two\nlines', '数据 \ud83d\ude00 \ud800'];
  expect(messagesOf(await handlers.GetLogEvents(inOrder, callOf()))).toEqual(all);
  store.append(scope, group, stream, eventsAt(2_000, 'last'));
  await service.close();
  const again = openLogs({ dataDir });
  expect(messagesOf(await again.handlers.GetLogEvents(inOrder, callOf()))).toEqual([...all, 'last']);
});

test('accounts and regions do not see each other', async () => {
  const { store, handlers } = openLogs();
  store.append(scope, group, stream, eventsAt(1, 'mine'));
  store.append({ ...scope, region: 'us-east-1' }, group, stream, eventsAt(1, 'elsewhere'));
  for (const other of [{ account: '444455556666' }, { region: 'us-west-2' }]) {
    await expect(handlers.GetLogEvents(named, callOf(other))).rejects.toThrow('log group does not exist');
    expect((await handlers.DescribeLogGroups({}, callOf(other))).logGroups).toEqual([]);
  }
  expect(messagesOf(await handlers.GetLogEvents(named, callOf()))).toEqual(['mine']);
});

test('events are in the order of time, and of one millisecond in the order they came', async () => {
  const { store, handlers } = openLogs();
  const at = (timestamp: number, ...messages: string[]) =>
    store.append(
      scope,
      group,
      stream,
      messages.map((message) => ({ timestamp, message })),
    );
  at(5, 'c', 'd');
  at(3, 'a');
  at(5, 'e');
  await handlers.GetLogEvents(named, callOf());
  at(3, 'b');
  at(5, 'f');
  expect(messagesOf(await handlers.GetLogEvents(inOrder, callOf()))).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

test('files are for their owner alone', async () => {
  const { dataDir, store, service } = openLogs();
  store.append(scope, group, stream, eventsAt(1, 'secret'));
  await service.close();
  const [file = ''] = filesIn(dataDir);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700);
});

test('a line that a crash cut is left out, and the next one is whole', async () => {
  const { dataDir, store, service } = openLogs();
  store.append(scope, group, stream, eventsAt(1, 'one', 'two'));
  await service.close();
  const [file = ''] = filesIn(dataDir);
  truncateSync(file, statSync(file).size - 5);
  const second = openLogs({ dataDir });
  second.store.append(scope, group, stream, eventsAt(3, 'three'));
  expect(messagesOf(await second.handlers.GetLogEvents(inOrder, callOf()))).toEqual(['one', 'three']);
  await second.service.close();
  appendFileSync(file, 'null\n[1]\n{"t":1}\n\n\xff\xfe\n');
  const third = openLogs({ dataDir });
  expect(messagesOf(await third.handlers.GetLogEvents(inOrder, callOf()))).toEqual(['one', 'three']);
});

test('what a crash left half made goes away', async () => {
  const { dataDir, store, service } = openLogs();
  store.append(scope, group, stream, eventsAt(1, 'one'));
  await service.close();
  const [file = ''] = filesIn(dataDir);
  writeFileSync(join(file, '..', 'HALF.jsonl'), '{"stream":"ha');
  mkdirSync(join(dataDir, 'logs', 'EMPTY'));
  mkdirSync(join(dataDir, 'logs', 'TORN'));
  writeFileSync(join(dataDir, 'logs', 'TORN', 'group.json'), '{"name":');
  const { handlers } = openLogs({ dataDir });
  const { logStreams } = await handlers.DescribeLogStreams({ logGroupName: group }, callOf());
  expect(logStreams?.map(({ logStreamName }) => logStreamName)).toEqual([stream]);
  expect(filesIn(dataDir)).toEqual([file]);
  expect(readdirSync(join(dataDir, 'logs'))).toHaveLength(1);
});

test('a stream keeps its newest part, and says that older events went', async () => {
  const maxStreamBytes = 40_000;
  const { dataDir, store, service, handlers } = openLogs({ limits: { maxStreamBytes } });
  const message = 'x'.repeat(900);
  for (let count = 0; count < 100; count++) {
    store.append(scope, group, stream, [{ timestamp: count, message: `${count} ${message}` }]);
    if (count % 5 === 0) await handlers.GetLogEvents(named, callOf());
  }
  const { events = [] } = await handlers.GetLogEvents(inOrder, callOf());
  const [note, ...kept] = events.map(({ message }) => Number.parseInt(message ?? '', 10));
  expect(note).toBeNaN();
  expect(events[0]?.message).toMatch(/^\[What was logged before this went away: .* \d+ bytes went\.\]$/);
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => 100 - kept.length + index));
  expect(kept.length).toBeGreaterThan(15);
  const bytes = filesIn(dataDir).map((file) => statSync(file).size);
  expect(bytes).toHaveLength(2);
  expect(bytes.reduce((sum, size) => sum + size)).toBeLessThan(maxStreamBytes + 1_000);
  const described = await handlers.DescribeLogStreams({ logGroupName: group }, callOf());
  expect(described.logStreams?.[0]).toMatchObject({ firstEventTimestamp: kept[0], lastEventTimestamp: 99 });
  await service.close();
  const again = openLogs({ dataDir, limits: { maxStreamBytes } });
  expect((await again.handlers.GetLogEvents(inOrder, callOf())).events).toEqual(events);
});

test('a flood is cut where it comes faster than the disk, and says so', async () => {
  const { store, handlers } = openLogs({ limits: { maxStreamBytes: 100_000 } });
  for (let count = 0; count < 1_000; count++)
    store.append(scope, group, stream, eventsAt(count, 'y'.repeat(1_000)));
  const messages = messagesOf(await handlers.GetLogEvents(inOrder, callOf()));
  expect(messages.length).toBeLessThan(60);
  expect(messages.at(-1)).toMatch(/^\[9\d\d events were left out here: /);
});

test('a message that is too long is cut', async () => {
  const { store, handlers } = openLogs();
  store.append(scope, group, stream, eventsAt(1, 'z'.repeat(1024 * 1024 + 7)));
  const [message] = messagesOf(await handlers.GetLogEvents(inOrder, callOf()));
  expect(message?.slice(-30)).toMatch(/zzz\.\.\. \(7 characters cut\)$/);
  const { logStreams } = await handlers.DescribeLogStreams({ logGroupName: group }, callOf());
  expect(logStreams?.[0]).toMatchObject({ firstEventTimestamp: 1, lastEventTimestamp: 1 });
});

test('beyond the most streams, the one written to the longest ago goes', async () => {
  const { dataDir, store, service, handlers } = openLogs({ limits: { maxStreams: 3 } });
  for (const name of ['a', 'b', 'c']) {
    store.append(scope, group, name, eventsAt(1, name));
    await new Promise((done) => setTimeout(done, 5));
  }
  store.append(scope, group, 'a', eventsAt(2, 'again'));
  store.append(scope, group, 'd', eventsAt(1, 'd'));
  const { logStreams } = await handlers.DescribeLogStreams({ logGroupName: group }, callOf());
  expect(logStreams?.map(({ logStreamName }) => logStreamName)).toEqual(['a', 'c', 'd']);
  await service.close();
  expect(filesIn(dataDir)).toHaveLength(3);
});

test('a group that is removed is gone with its files, and can be made again at once', async () => {
  const { dataDir, store, service, handlers } = openLogs();
  store.append(scope, group, stream, eventsAt(1, 'old'));
  await handlers.GetLogEvents(named, callOf());
  store.append(scope, group, stream, eventsAt(2, 'held'));
  const deletion = handlers.DeleteLogGroup({ logGroupName: group }, callOf());
  store.append(scope, group, stream, eventsAt(3, 'new'));
  expect(messagesOf(await handlers.GetLogEvents(named, callOf()))).toEqual(['new']);
  await deletion;
  await expect.poll(() => readdirSync(join(dataDir, 'logs')).length).toBe(1);
  await service.close();
  expect(filesIn(dataDir).map((file) => readFileSync(file, 'utf8'))).toEqual([expect.stringMatching(/new/)]);
});

test('what cannot be written is told once, and nobody is disturbed', async () => {
  const { dataDir, store, service, lines } = openLogs();
  rmSync(join(dataDir, 'logs'), { recursive: true });
  writeFileSync(join(dataDir, 'logs'), 'a file');
  for (let count = 0; count < 3; count++) store.append(scope, `group-${count}`, stream, eventsAt(1, 'lost'));
  await service.close();
  store.append(scope, group, stream, eventsAt(1, 'after the end'));
  expect(lines).toEqual([expect.stringMatching(/Logs of agents cannot be written/)]);
});

test('more groups than there may be are not made', async () => {
  const { store, handlers, lines } = openLogs({ limits: { maxGroups: 2 } });
  for (const name of ['a', 'b', 'c', 'd']) store.append(scope, name, stream, eventsAt(1, name));
  const { logGroups } = await handlers.DescribeLogGroups({}, callOf());
  expect(logGroups?.map(({ logGroupName }) => logGroupName)).toEqual(['a', 'b']);
  expect(lines).toHaveLength(1);
  await expect(handlers.CreateLogGroup({ logGroupName: 'e' }, callOf())).rejects.toThrow(
    /Resource limit exceeded/,
  );
});

test('on a disk that is almost full events are counted, and what there was is kept', async () => {
  const { dataDir, store, service } = openLogs();
  store.append(scope, group, stream, eventsAt(1_000, 'before'));
  await service.close();
  const full = openLogs({ dataDir, limits: { reserveBytes: Number.MAX_SAFE_INTEGER } });
  const size = statSync(filesIn(dataDir)[0] ?? '').size;
  full.store.append(scope, group, stream, eventsAt(2_000, 'meanwhile', 'and more'));
  expect(messagesOf(await full.handlers.GetLogEvents(inOrder, callOf()))).toEqual(['before']);
  await full.service.close();
  expect(statSync(filesIn(dataDir)[0] ?? '').size).toBe(size);
});
