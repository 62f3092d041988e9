import {
  CreateEventCommand,
  DeleteEventCommand,
  GetEventCommand,
  ListActorsCommand,
  ListEventsCommand,
  type ListEventsCommandInput,
  ListSessionsCommand,
  paginateListEvents,
} from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { beforeAll, describe, expect, test } from 'vitest';
import { useEngine } from '../code-interpreter/support.ts';
import { newEvent, newMemory, said } from './support.ts';

const engine = useEngine();
const client = () => engine.client();
let memoryId = '';
beforeAll(async () => {
  memoryId = (await newMemory(new BedrockAgentCoreControlClient(engine.config()), 'events')).id;
});

const at = (actorId: string, sessionId = 'one') => ({ memoryId, actorId, sessionId });
const list = (input: Pick<ListEventsCommandInput, 'actorId'> & Partial<ListEventsCommandInput>) =>
  client().send(new ListEventsCommand({ memoryId, sessionId: 'one', ...input }));
const texts = ({ events = [] }: { events?: Awaited<ReturnType<typeof list>>['events'] }) =>
  events.map(({ payload }) => payload?.[0]?.conversational?.content?.text);
const notFound = (message: string) => ({ name: 'ResourceNotFoundException', message });

describe.concurrent('an event', () => {
  test('comes back as it was given, under an id that begins with its time', async () => {
    const payload = [
      said('Grüße, 数据'),
      { blob: { any: ['thing', 1, null] } },
      { json: { content: { clicks: 3, deep: { list: [true] } } } },
    ];
    const event = await newEvent(client(), memoryId, payload, {
      ...at('team/anna:1'),
      eventTimestamp: new Date(1752235548123),
      metadata: { topic: { stringValue: 'greeting' } },
    });
    expect(event.eventId).toMatch(/^0000001752235548123#[0-9a-f]{8}$/);
    const expected = {
      ...at('team/anna:1'),
      eventId: event.eventId,
      eventTimestamp: new Date(1752235548123),
      payload,
      branch: { name: 'main' },
      metadata: { topic: { stringValue: 'greeting' } },
    };
    expect(event).toEqual(expected);
    const { eventId } = event;
    const again = await client().send(new GetEventCommand({ ...at('team/anna:1'), eventId }));
    expect(again.event).toEqual(expected);
  });

  test('needs no session and no payload', async () => {
    const { sessionId } = await newEvent(client(), memoryId, [], { actorId: 'empty', sessionId: undefined });
    expect(sessionId).toMatch(/^[0-9a-f-]{36}$/);
    const { events } = await list({ actorId: 'empty', sessionId });
    expect(events).toMatchObject([{ payload: [], sessionId }]);
  });

  test('with a client token is made once', async () => {
    const token = { clientToken: 'once', actorId: 'token' };
    const first = await newEvent(client(), memoryId, [said('one')], token);
    expect(await newEvent(client(), memoryId, [said('two')], token)).toEqual(first);
    expect(texts(await list({ actorId: 'token' }))).toEqual(['one']);
  });

  test('can be deleted, once', async () => {
    const { eventId } = await newEvent(client(), memoryId, [said('gone')], { actorId: 'leaver' });
    const remove = () => client().send(new DeleteEventCommand({ ...at('leaver'), eventId }));
    expect(await remove()).toMatchObject({ eventId });
    const missing = notFound(`Unable to find event with id ${eventId}`);
    await expect(remove()).rejects.toMatchObject(missing);
    await expect(client().send(new GetEventCommand({ ...at('leaver'), eventId }))).rejects.toMatchObject(
      missing,
    );
  });

  test('that is too large, or of a memory that is not there, is refused', async () => {
    const big = { json: { content: 'x'.repeat(100 * 1024) } };
    await expect(newEvent(client(), memoryId, [big])).rejects.toMatchObject({
      name: 'ValidationException',
      fieldList: [{ name: 'payload[0].json.content' }],
    });
    const whole = Array.from({ length: 12 }, () => ({ blob: 'x'.repeat(1024 * 1024) }));
    await expect(newEvent(client(), memoryId, whole)).rejects.toMatchObject({
      fieldList: [{ name: 'payload' }],
    });
    const unknown = 'unknown-0123456789';
    await expect(newEvent(client(), unknown, [])).rejects.toMatchObject(
      notFound(`Memory not found: ${unknown}`),
    );
    const foreign = `arn:aws:bedrock-agentcore:eu-west-1:000000000000:memory/${memoryId}`;
    await expect(newEvent(client(), foreign, [])).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});

describe.concurrent('a listing', () => {
  test('is newest first, by time, and by arrival where that is the same', async () => {
    const actorId = 'order';
    const moments = [2000, 1000, 3000, 3000, 3000];
    for (const [index, moment] of moments.entries())
      await newEvent(client(), memoryId, [said(`${index}`)], {
        actorId,
        eventTimestamp: new Date(moment),
      });
    expect(texts(await list({ actorId }))).toEqual(['4', '3', '2', '0', '1']);
    const { events = [] } = await list({ actorId, includePayloads: false });
    expect(events).toHaveLength(5);
    for (const event of events) expect(event).not.toHaveProperty('payload');
  });

  test('pages through everything once while events come and go', async () => {
    const actorId = 'pages';
    const add = (n: number) =>
      newEvent(client(), memoryId, [said(`${n}`)], { actorId, eventTimestamp: new Date(1000 + n) });
    const made = [];
    for (let n = 0; n < 50; n++) made.push(await add(n));
    const seen: (string | undefined)[] = [];
    for await (const page of paginateListEvents({ client: client(), pageSize: 7 }, at(actorId))) {
      seen.push(...texts(page));
      await add(100 + seen.length);
      const { eventId } = made[50 - seen.length] ?? {};
      if (eventId) await client().send(new DeleteEventCommand({ ...at(actorId), eventId }));
    }
    expect(seen).toEqual(Array.from({ length: 50 }, (_, index) => `${49 - index}`));
  });

  test('refuses a token of another, and finds nothing where nobody was', async () => {
    for (let n = 0; n < 2; n++) await newEvent(client(), memoryId, [], { actorId: 'mine' });
    const { nextToken } = await list({ actorId: 'mine', maxResults: 1 });
    expect(nextToken).toBeDefined();
    await expect(list({ actorId: 'other', nextToken })).rejects.toMatchObject({
      name: 'ValidationException',
      fieldList: [{ name: 'nextToken' }],
    });
    await expect(list({ actorId: 'mine', maxResults: 101 })).rejects.toMatchObject({
      name: 'ValidationException',
    });
    expect(await list({ actorId: 'nobody' })).toMatchObject({ events: [] });
    const sessions = await client().send(new ListSessionsCommand({ memoryId, actorId: 'nobody' }));
    expect(sessions).toMatchObject({ sessionSummaries: [] });
  });

  test('ends a page early where payloads are large', async () => {
    const actorId = 'large';
    const payload = [{ blob: 'x'.repeat(9 * 1024 * 1024) }];
    for (let n = 0; n < 2; n++) await newEvent(client(), memoryId, payload, { actorId });
    const { events, nextToken } = await list({ actorId });
    expect(events).toHaveLength(1);
    expect((await list({ actorId, nextToken })).events).toHaveLength(1);
    expect((await list({ actorId, includePayloads: false })).events).toHaveLength(2);
  });

  test('finds events by their metadata', async () => {
    const actorId = 'filters';
    const add = (text: string, metadata: Record<string, string>) =>
      newEvent(client(), memoryId, [said(text)], {
        actorId,
        metadata: Object.fromEntries(
          Object.entries(metadata).map(([key, stringValue]) => [key, { stringValue }]),
        ),
      });
    await add('a', { 'a.b c': 'x', kind: 'note' });
    await add('b', { kind: 'task' });
    await add('c', {});
    const where = (...eventMetadata: NonNullable<ListEventsCommandInput['filter']>['eventMetadata'] & {}) =>
      list({ actorId, filter: { eventMetadata } }).then(texts);
    const key = (metadataKey: string) => ({ left: { metadataKey } });
    const is = (stringValue: string) => ({ right: { metadataValue: { stringValue } } });
    expect(await where({ ...key('kind'), operator: 'EXISTS' })).toEqual(['b', 'a']);
    expect(await where({ ...key('kind'), operator: 'NOT_EXISTS' })).toEqual(['c']);
    expect(await where({ ...key('a.b c'), operator: 'EQUALS_TO', ...is('x') })).toEqual(['a']);
    expect(
      await where(
        { ...key('kind'), operator: 'EQUALS_TO', ...is('task') },
        { ...key('a.b c'), operator: 'EXISTS' },
      ),
    ).toEqual([]);
    await expect(where({ ...key('kind'), operator: 'EQUALS_TO' })).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  test('of sessions and actors begins with the last that came', async () => {
    const { id } = await newMemory(new BedrockAgentCoreControlClient(engine.config()), 'sessions');
    for (const [actorId, sessionId] of ['a/1', 'a/2', 'b/1', 'a/3'].map((name) => name.split('/')))
      await newEvent(client(), id, [], { actorId, sessionId });
    const { events = [] } = await list({ memoryId: id, actorId: 'a', sessionId: '2' });
    const [{ eventId } = {}] = events;
    await client().send(new DeleteEventCommand({ memoryId: id, actorId: 'a', sessionId: '2', eventId }));

    const sessions = async (more: object = {}) => {
      const page = await client().send(new ListSessionsCommand({ memoryId: id, actorId: 'a', ...more }));
      expect(page.sessionSummaries?.every(({ createdAt }) => createdAt instanceof Date)).toBe(true);
      return { ids: page.sessionSummaries?.map(({ sessionId }) => sessionId), nextToken: page.nextToken };
    };
    expect(await sessions()).toEqual({ ids: ['3', '2', '1'], nextToken: undefined });
    const { nextToken } = await sessions({ maxResults: 1 });
    expect((await sessions({ nextToken })).ids).toEqual(['2', '1']);
    expect((await sessions({ filter: { eventFilter: 'HAS_EVENTS' } })).ids).toEqual(['3', '1']);

    const actors = (more: object = {}) => client().send(new ListActorsCommand({ memoryId: id, ...more }));
    const first = await actors({ maxResults: 1 });
    expect(first.actorSummaries).toEqual([{ actorId: 'b' }]);
    expect((await actors({ nextToken: first.nextToken })).actorSummaries).toEqual([{ actorId: 'a' }]);
  });
});

test('a branch is listed alone, or with what it grew from', async () => {
  const actorId = 'branches';
  const add = (text: string, branch?: { name: string; rootEventId?: string }) =>
    newEvent(client(), memoryId, [said(text)], { actorId, branch });
  await add('main 1');
  const root = await add('main 2');
  await add('main 3');
  const fork = { name: 'fork-1_a', rootEventId: root.eventId };
  expect(await add('fork 1', fork)).toMatchObject({ branch: fork });
  const second = await add('fork 2', { name: 'fork-1_a' });
  await add('fork 3', { name: 'fork-1_a' });
  await add('twig 1', { name: '2', rootEventId: second.eventId });
  const of = async (name: string, includeParentBranches?: boolean) =>
    texts(await list({ actorId, filter: { branch: { name, includeParentBranches } } }));
  expect(await of('main')).toEqual(['main 3', 'main 2', 'main 1']);
  expect(await of('fork-1_a')).toEqual(['fork 3', 'fork 2', 'fork 1']);
  expect(await of('2', true)).toEqual(['twig 1', 'fork 2', 'fork 1', 'main 2', 'main 1']);
  expect(await of('none', true)).toEqual([]);
  expect((await list({ actorId })).events).toHaveLength(7);

  // What a branch grew from stays known when its root is gone.
  await client().send(new DeleteEventCommand({ ...at(actorId), eventId: root.eventId }));
  expect(await of('fork-1_a', true)).toEqual(['fork 3', 'fork 2', 'fork 1', 'main 1']);

  const create = (sessionId: string, rootEventId: string) =>
    client().send(
      new CreateEventCommand({
        ...{ ...at(actorId, sessionId), payload: [], eventTimestamp: new Date() },
        branch: { name: 'wild', rootEventId },
      }),
    );
  await expect(create('other', second.eventId)).rejects.toMatchObject({
    name: 'ValidationException',
    reason: 'EventInOtherSession',
  });
  await expect(create('one', root.eventId)).rejects.toMatchObject(
    notFound(`Unable to find event with id ${root.eventId}`),
  );
  const sessions = await client().send(new ListSessionsCommand({ memoryId, actorId }));
  expect(sessions.sessionSummaries).toHaveLength(1);
});
