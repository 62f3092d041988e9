import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { runTool } from '../../src/tools/call.ts';
import {
  type Captured,
  callerIdentity,
  json,
  type Recorded,
  startStandIn,
  stubAwsUser,
} from '../support/aws-stand-in.ts';
import { contextWith, patient } from '../support/contexts.ts';

let standIn: Awaited<ReturnType<typeof startStandIn>>;
beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(() => standIn.close());

beforeEach(() => stubAwsUser(standIn.url));
afterEach(() => vi.unstubAllEnvs());

const flags = ['--backend', 'aws', '--region', 'eu-west-1', '--allow-writes'];

async function call(name: string, args: object, given = flags) {
  const { structuredContent } = await runTool(contextWith(given), name, args, patient());
  return structuredContent as Record<string, unknown>;
}

/** 2026-01-01T12:00Z, in seconds. */
const at = 1767268800;
const strategy = (name: string, type: string, template: string, more: object = {}) => ({
  ...{
    strategyId: `${name}-aB3dE5gH7j`,
    name,
    type,
    status: 'ACTIVE',
    createdAt: at,
    updatedAt: at,
    ...more,
  },
  namespaces: [template],
  namespaceTemplates: [template],
});
const ofActor = '/strategies/{memoryStrategyId}/actors/{actorId}/';
const ofSession = `${ofActor}sessions/{sessionId}/`;
const usual = [
  strategy('facts', 'SEMANTIC', ofActor),
  strategy('tastes', 'CUSTOM', ofActor, { configuration: { type: 'USER_PREFERENCE_OVERRIDE' } }),
  strategy('summaries', 'SUMMARIZATION', ofSession),
];
const memory = (id = 'team-aB3dE5gH7j', strategies: object[] = usual, status = 'ACTIVE') => ({
  ...{
    id,
    status,
    strategies,
    name: id.replace(/-.*/, ''),
    eventExpiryDuration: 30,
    createdAt: at,
    updatedAt: at,
  },
  arn: `arn:aws:bedrock-agentcore:eu-west-1:123456789012:memory/${id}`,
});
type Memory = ReturnType<typeof memory>;

const operations: [string, RegExp][] = [
  ['GetCallerIdentity', /^POST \/$/],
  ['CreateMemory', /^POST \/memories\/create$/],
  ['GetMemory', /^GET \/memories\/[^/]+\/details$/],
  ['ListMemories', /^POST \/memories\/$/],
  ['CreateEvent', /^POST \/memories\/[^/]+\/events$/],
  ['ListActors', /\/actors$/],
  ['ListSessions', /\/actor\/[^/]+\/sessions$/],
  ['ListEvents', /\/sessions\/[^/]+$/],
  ['RetrieveMemoryRecords', /\/retrieve$/],
  ['ListMemoryRecords', /\/memoryRecords$/],
  ['BatchCreateMemoryRecords', /\/batchCreate$/],
  ['GetMemoryRecord', /^GET .*\/memoryRecord\//],
  ['DeleteMemoryRecord', /^DELETE .*\/memoryRecords\//],
  ['ListMemoryExtractionJobs', /\/extractionJobs$/],
];
const nameOf = ({ method, path }: Captured) =>
  operations.find(([, where]) => where.test(`${method} ${path.split('?')[0]}`))?.[0] ?? `${method} ${path}`;

const notFound: Recorded = {
  status: 404,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'ResourceNotFoundException' },
  body: '{"message": "not there"}',
};

/** AWS with memories; how it answers what a test is about, by operation. */
function account({
  memories = [memory()],
  ...answers
}: { memories?: Memory[] } & Record<string, unknown> = {}): Captured[] {
  const known: Record<string, (request: Captured) => object | undefined> = {
    ListMemories: () => ({ memories }),
    GetMemory: ({ path }) => {
      const found = memories.find(({ id }) => path.includes(`/${id}/`));
      return found && { memory: found };
    },
    CreateEvent: ({ body }) => {
      const { sessionId = 'made-by-aws', ...event } = JSON.parse(body);
      return {
        event: { ...event, sessionId, memoryId: 'team-aB3dE5gH7j', eventId: '0000001767268800000#0a1b2c3d' },
      };
    },
    BatchCreateMemoryRecords: () => ({
      successfulRecords: [{ memoryRecordId: 'mem-new', status: 'SUCCEEDED', requestIdentifier: 'fact' }],
      failedRecords: [],
    }),
    ListActors: () => ({ actorSummaries: [{ actorId: 'ana' }, { actorId: 'ben' }] }),
    ListSessions: () => ({ sessionSummaries: [{ sessionId: 'monday', actorId: 'ana', createdAt: at }] }),
    ListEvents: () => ({ events: [] }),
    ListMemoryExtractionJobs: () => ({ jobs: [] }),
    ...(answers as object),
  };
  standIn.answer((request) => {
    const name = nameOf(request);
    if (name === 'GetCallerIdentity') return callerIdentity('123456789012');
    const answer = known[name];
    const empty = { memoryRecordSummaries: [] };
    const given = answer ? answer(request) : empty;
    return given ? json(given) : notFound;
  });
  return standIn.requests;
}

const sent = (requests: readonly Captured[], operation: string) =>
  requests.filter((request) => nameOf(request) === operation).map(({ body }) => JSON.parse(body || '{}'));
const names = (requests: readonly Captured[]) =>
  requests.map(nameOf).filter((name) => name !== 'GetCallerIdentity');

const lastPath = (requests: readonly Captured[]) => requests.findLast(({ path }) => path !== '/')?.path;

const record = (id: string, text: string, of: string, more: object = {}) => ({
  ...{ memoryRecordId: id, content: { text }, memoryStrategyId: `${of}-aB3dE5gH7j`, createdAt: at, ...more },
  namespaces: [`/strategies/${of}-aB3dE5gH7j/actors/ana/`],
});

describe('remember on AWS', () => {
  test('needs --allow-writes, as create_memory does; retrieve_memory does not', async () => {
    account();
    const readOnly = flags.slice(0, -1);
    const refused = { code: 'WritesNotAllowed' };
    expect(await call('remember', { text: 'x' }, readOnly)).toMatchObject(refused);
    expect(await call('create_memory', { name: 'x' }, readOnly)).toMatchObject(refused);
    expect(await call('retrieve_memory', { query: 'x', actor: 'ana' }, readOnly)).toMatchObject({
      found: [],
    });
  });

  test('keeps a fact as a record where the facts of the actor are, once', async () => {
    const requests = account();
    const fact = { text: 'Ana has a cat.', actor: 'ana' };
    expect(await call('remember', fact)).toEqual({ id: 'mem-new', similar: [], origin: expect.anything() });
    expect(names(requests)).toEqual([
      'ListMemories',
      'GetMemory',
      'RetrieveMemoryRecords',
      'BatchCreateMemoryRecords',
    ]);
    const namespace = '/strategies/facts-aB3dE5gH7j/actors/ana/';
    expect(sent(requests, 'RetrieveMemoryRecords')).toMatchObject([
      { namespace, searchCriteria: { topK: 5 } },
    ]);
    expect(sent(requests, 'BatchCreateMemoryRecords')[0].records).toEqual([
      {
        requestIdentifier: 'fact',
        namespaces: [namespace],
        content: { text: fact.text },
        timestamp: expect.any(Number),
        memoryStrategyId: 'facts-aB3dE5gH7j',
      },
    ]);

    account({
      RetrieveMemoryRecords: () => ({ memoryRecordSummaries: [record('mem-old', fact.text, 'facts')] }),
    });
    expect(await call('remember', fact)).toMatchObject({ id: 'mem-old', note: 'It was remembered already.' });
    expect(names(requests)).not.toContain('BatchCreateMemoryRecords');
  });

  test('tells of similar facts, and replaces one that is named', async () => {
    const near = [
      record('mem-old', 'Ana lives in Porto.', 'facts', { score: 0.8 }),
      record('mem-far', 'Ana plays chess.', 'facts', { score: 0.1 }),
    ];
    const requests = account({
      RetrieveMemoryRecords: () => ({ memoryRecordSummaries: near }),
      GetMemoryRecord: ({ path }: Captured) =>
        path.endsWith('/mem-old') && { memoryRecord: record('mem-old', 'Ana lives in Porto.', 'facts') },
      DeleteMemoryRecord: () => ({ memoryRecordId: 'mem-old' }),
    });
    const fact = { text: 'Ana lives in Lisbon.', actor: 'ana' };
    expect(await call('remember', fact)).toMatchObject({
      id: 'mem-new',
      similar: [{ id: 'mem-old', text: 'Ana lives in Porto.' }],
      note: 'If it corrects one of similar, call again with replaces: its id.',
    });
    expect(await call('remember', { ...fact, replaces: 'mem-old' })).toMatchObject({
      id: 'mem-new',
      similar: [],
      replaced: 'Ana lives in Porto.',
    });
    expect(names(requests).slice(-2)).toEqual(['BatchCreateMemoryRecords', 'DeleteMemoryRecord']);
    expect(await call('remember', { ...fact, replaces: 'mem-none' })).toMatchObject({
      code: 'NotFound',
      message: 'team-aB3dE5gH7j has no mem-none of this actor, so nothing was kept, replaced or forgotten.',
      details: 'mem-old: Ana lives in Porto.\nmem-far: Ana plays chess.',
    });
    expect(await call('remember', { ...fact, actor: 'ben', replaces: 'mem-old' })).toMatchObject({
      code: 'NotFound',
    });
    const { text: _, ...forget } = { ...fact, replaces: 'mem-old' };
    const before = requests.length;
    expect(await call('remember', forget)).toMatchObject({
      id: 'mem-old',
      replaced: 'Ana lives in Porto.',
      note: 'It is forgotten.',
    });
    expect(names(requests.slice(before)).at(-1)).toBe('DeleteMemoryRecord');
    expect(await call('remember', { ...forget, actor: 'ben' })).toMatchObject({ code: 'NotFound' });
  });

  test('keeps messages as one event, in a session that AWS names', async () => {
    const requests = account();
    const messages = ['user: Hi: I am Ana', { role: 'assistant', content: 'Hello' }, 'What is up?'];
    expect(await call('remember', { messages, actor: 'ana' })).toEqual({
      id: '0000001767268800000#0a1b2c3d',
      session: 'made-by-aws',
      extraction: 'pending',
      origin: expect.anything(),
    });
    const said = (role: string, text: string) => ({ conversational: { role, content: { text } } });
    expect(sent(requests, 'CreateEvent')).toEqual([
      {
        actorId: 'ana',
        clientToken: expect.any(String),
        eventTimestamp: expect.any(Number),
        payload: [said('USER', 'Hi: I am Ana'), said('ASSISTANT', 'Hello'), said('USER', 'What is up?')],
      },
    ]);
  });

  test('turns labels into ids, always the same, and keeps a blob out of extraction', async () => {
    const requests = account();
    const labels = { actor: 'Ana Müller', session: 'Montag, früh' };
    const ids = {
      actorId: 'Ana-Muller-b4f6ae1eebecc151',
      sessionId: expect.stringMatching(/^Montag-fruh-\w{16}$/),
    };
    expect(await call('remember', { blob: '{"step": 3}', wait: true, ...labels })).toMatchObject({
      session: ids.sessionId,
      extraction: 'none',
      note: `The actor Ana Müller is ${ids.actorId}.`,
    });
    await call('remember', { blob: { step: 3 }, ...labels });
    const [first, second] = sent(requests, 'CreateEvent');
    expect(first).toMatchObject({ ...ids, payload: [{ blob: { step: 3 } }] });
    expect(second.actorId).toBe(first.actorId);
    expect(second.payload).toEqual(first.payload);
  });

  test('waits for new records, and says that it does not know whether that is all', async () => {
    const found = { memoryRecordSummaries: [record('mem-1', 'Ana is here.', 'facts')] };
    const requests = account({ RetrieveMemoryRecords: () => found });
    const waiting = { messages: ['user: I am here'], actor: 'ana', session: 's', wait: true };
    expect(await call('remember', waiting)).toMatchObject({
      extraction: 'unknown',
      note: 'New or changed records since then: 1. Whether more will come, AWS does not say.',
    });
    const [search] = sent(requests, 'RetrieveMemoryRecords');
    expect(search.searchCriteria.metadataFilters).toEqual([
      {
        left: { metadataKey: 'x-amz-agentcore-memory-updatedAt' },
        operator: 'AFTER',
        right: { metadataValue: { dateTimeValue: expect.any(Number) } },
      },
    ]);
    account();
    expect(await call('remember', waiting, [...flags, '--wait-seconds', '0'])).toMatchObject({
      extraction: 'pending',
      note: 'It is kept, and what is learned from it will be found later.',
    });
  });

  test('keeps a fact as a message where the memory has no strategy for facts', async () => {
    const requests = account({ memories: [memory('team-aB3dE5gH7j', usual.slice(1))] });
    expect(await call('remember', { text: 'I ski.' })).toMatchObject({
      session: 'made-by-aws',
      extraction: 'pending',
      note: 'team-aB3dE5gH7j has no strategy for single facts, so this was kept as a message of the user.',
    });
    expect(await call('remember', { text: 'I ski.', replaces: 'mem-old' })).toMatchObject({
      message: 'remember: team-aB3dE5gH7j has no strategy for single facts, so none can be replaced.',
    });
    expect(sent(requests, 'CreateEvent')).toMatchObject([
      { actorId: 'user', payload: [{ conversational: { role: 'USER', content: { text: 'I ski.' } } }] },
    ]);
  });

  test.each([
    [{}, 'remember: there is nothing to keep.'],
    [{ text: 'a', messages: ['b'] }, 'remember: text, messages and blob exclude each other.'],
    [
      { messages: ['a'], replaces: 'mem-1' },
      'remember: replaces goes with text, which corrects it, or alone, to forget it.',
    ],
  ])('refuses %j', async (args, message) => {
    const requests = account();
    expect(await call('remember', args)).toMatchObject({ code: 'InvalidArgument', message });
    expect(requests).toEqual([]);
  });
});

describe('retrieve_memory on AWS', () => {
  test('searches every strategy where the actor is, best first, and makes texts readable', async () => {
    const answers: Record<string, object[]> = {
      facts: [record('mem-1', 'Ana has a cat.', 'facts', { score: 0.41234 })],
      tastes: [
        record('mem-2', '{"context":"said so","preference":"Likes tea","categories":["food"]}', 'tastes', {
          score: 0.6,
        }),
      ],
      summaries: [
        {
          ...record(
            'mem-3',
            '<topic name="Pets">A cat &amp; a dog.</topic>\n<topic name="Food">Tea.</topic>',
            'summaries',
          ),
          score: 0.5,
          namespaces: ['/strategies/summaries-aB3dE5gH7j/actors/ana/sessions/monday/'],
          metadata: { 'x-amz-agentcore-memory-updatedAt': { dateTimeValue: 1767355200 } },
        },
      ],
    };
    const of = ({ body }: Captured) => Object.keys(answers).find((name) => body.includes(`/${name}-`)) ?? '';
    const requests = account({
      RetrieveMemoryRecords: (request: Captured) => ({ memoryRecordSummaries: answers[of(request)] }),
    });
    expect(await call('retrieve_memory', { query: 'pets', actor: 'ana', limit: 3 })).toEqual({
      found: [
        {
          text: 'Likes tea [food]',
          kind: 'preferences',
          when: '2026-01-01T12:00Z',
          score: 0.6,
          id: 'mem-2',
        },
        {
          ...{
            text: 'Pets: A cat & a dog.\nFood: Tea.',
            kind: 'summaries',
            when: '2026-01-02T12:00Z',
            score: 0.5,
          },
          ...{ session: 'monday', id: 'mem-3' },
        },
        { text: 'Ana has a cat.', kind: 'facts', when: '2026-01-01T12:00Z', score: 0.41, id: 'mem-1' },
      ],
      origin: 'aws, account 123456789012, eu-west-1',
    });
    const places = sent(requests, 'RetrieveMemoryRecords').map(({ namespace, namespacePath }) => [
      namespace,
      namespacePath,
    ]);
    expect(new Set(places)).toEqual(
      new Set([
        ['/strategies/facts-aB3dE5gH7j/actors/ana/', undefined],
        ['/strategies/tastes-aB3dE5gH7j/actors/ana/', undefined],
        [undefined, '/strategies/summaries-aB3dE5gH7j/actors/ana/sessions/'],
      ]),
    );
  });

  test.each<[object, object[]]>([
    [
      { session: 'monday', kind: 'summary' },
      [{ namespace: '/strategies/summaries-aB3dE5gH7j/actors/ana/sessions/monday/' }],
    ],
    [{ actor: '*', kind: 'facts' }, [{ namespacePath: '/strategies/facts-aB3dE5gH7j/actors/' }]],
    [{ namespace: '/shared/' }, [{ namespacePath: '/shared/' }]],
  ])('%j resolves namespaces', async (args, places) => {
    const requests = account({ RetrieveMemoryRecords: () => ({ memoryRecordSummaries: [] }) });
    await call('retrieve_memory', { query: 'x', actor: 'ana', ...args });
    expect(sent(requests, 'RetrieveMemoryRecords')).toMatchObject(places);
  });

  test('shows no record of another actor, whatever the template', async () => {
    const shared = [strategy('facts', 'SEMANTIC', '/all/{sessionId}/{actorId}/')];
    const lying = (id: string, namespace: string) => ({
      ...record(id, id, 'facts'),
      namespaces: [namespace],
    });
    const requests = account({
      memories: [memory('team-aB3dE5gH7j', shared)],
      ListMemoryRecords: () => ({
        memoryRecordSummaries: [lying('of-ana', '/all/monday/ana/'), lying('of-ben', '/all/monday/ben/')],
      }),
    });
    expect(await call('retrieve_memory', { actor: 'ana' })).toMatchObject({
      found: [{ text: 'of-ana', session: 'monday' }],
    });
    expect(await call('retrieve_memory', { actor: '*' })).toMatchObject({
      found: [
        { text: 'of-ana', actor: 'ana' },
        { text: 'of-ben', actor: 'ben' },
      ],
    });
    expect(sent(requests, 'ListMemoryRecords')[0]).toMatchObject({ namespacePath: '/all/' });
  });

  test('gives the last turns of the newest session in their order', async () => {
    const event = (id: number, ...payload: object[]) => ({
      ...{
        memoryId: 'team-aB3dE5gH7j',
        actorId: 'ana',
        sessionId: 'monday',
        eventId: `${id}#a`,
        eventTimestamp: at,
      },
      payload,
    });
    const said = (role: string, text: string) => ({ conversational: { role, content: { text } } });
    account({
      ListEvents: () => ({
        events: [event(2, { blob: { a: 1 } }), event(1, said('USER', 'one'), said('ASSISTANT', 'two'))],
      }),
    });
    expect(await call('retrieve_memory', { actor: 'ana', recent_turns: 2 })).toEqual({
      turns: [
        { role: 'assistant', text: 'two', when: '2026-01-01T12:00Z' },
        { role: 'blob', text: '{"a":1}', when: '2026-01-01T12:00Z' },
      ],
      note: 'The turns are of the newest session, monday.',
      origin: expect.anything(),
    });
  });

  test('says what there is where nothing was found', async () => {
    const requests = account({ ListMemoryExtractionJobs: () => ({ jobs: [{ jobID: 'j', messages: {} }] }) });
    const asked = { query: 'x', actor: 'anna', session: 'tuesday', kind: 'episodes' };
    expect(await call('retrieve_memory', asked)).toMatchObject({
      found: [],
      note: [
        'Nothing was found.',
        'team-aB3dE5gH7j keeps no episodes, only facts, preferences, summaries.',
        'Nothing is remembered of anna. Did you mean ana? There are: ana, ben; actor: "*" searches all.',
        'There is no session tuesday. There are: monday.',
        'Some could not be learned: read_aws_api with ListMemoryExtractionJobs says why.',
      ].join(' '),
    });
    const elsewhere = { memoryRecordSummaries: [{ ...record('m', 'x', 'facts'), namespaces: ['/team/a/'] }] };
    account({
      ListMemoryRecords: ({ body }: Captured) =>
        body.includes('"/"') ? elsewhere : { memoryRecordSummaries: [] },
    });
    expect(await call('retrieve_memory', { query: 'x', namespace: '/tem/' })).toMatchObject({
      note: 'Nothing was found. No record lies under /tem/; there are: /team/a/.',
    });
    expect(names(requests)).toContain('ListMemoryRecords');
    account({ ListActors: () => undefined });
    expect(await call('retrieve_memory', { query: 'x' })).toMatchObject({ note: 'Nothing was found.' });
    account();
    expect(
      await call('retrieve_memory', { actor: 'ana', session: 'tuesday', recent_turns: 5 }),
    ).toMatchObject({
      turns: [],
      note: 'There are no turns. There is no session tuesday. There are: monday.',
    });
    expect(await call('retrieve_memory', { actor: '*', recent_turns: 5 })).toMatchObject({
      message: 'retrieve_memory: recent_turns are of one actor, not of all.',
    });
  });
});

describe('a memory on AWS', () => {
  const two = [memory(), memory('trips-aB3dE5gH7j')];
  test.each([
    ['trips', 'trips-aB3dE5gH7j'],
    [' trips-aB3dE5gH7j', 'trips-aB3dE5gH7j'],
    ['arn:aws:bedrock-agentcore:eu-west-1:123456789012:memory/trips-aB3dE5gH7j', 'trips-aB3dE5gH7j'],
  ])('is found as %s', async (handle, id) => {
    const requests = account({ memories: two });
    await call('remember', { blob: '1', memory: handle });
    expect(lastPath(requests)).toBe(`/memories/${id}/events`);
  });

  test('has to be named where there are several, and one that is not there is told with those that are', async () => {
    account({ memories: two });
    expect(await call('retrieve_memory', { query: 'x' })).toMatchObject({
      code: 'InvalidArgument',
      message: 'There are 2 memories, so the call has to say which.',
      hint: 'Give one as memory: team-aB3dE5gH7j, trips-aB3dE5gH7j.',
    });
    for (const handle of ['trip', 'trip-aB3dE5gH7j'])
      expect(await call('retrieve_memory', { query: 'x', memory: handle })).toMatchObject({
        code: 'NotFound',
        message: expect.stringMatching(/^There is no memory trip.* Did you mean trips.*\?$/),
        hint: 'There are: team-aB3dE5gH7j, trips-aB3dE5gH7j.',
      });
    account({ memories: [] });
    expect(await call('retrieve_memory', { query: 'x' })).toMatchObject({
      message: 'There is no memory yet.',
      hint: 'create_memory makes one.',
    });
  });

  test('is the pinned one, and no other can be named', async () => {
    const pinned = [...flags, '--memory-id', 'trips-aB3dE5gH7j'];
    const requests = account({ memories: two });
    await call('remember', { blob: '1' }, pinned);
    expect(lastPath(requests)).toBe('/memories/trips-aB3dE5gH7j/events');
    expect(await call('remember', { blob: '1', memory: 'team-aB3dE5gH7j' }, pinned)).toMatchObject({
      code: 'InvalidArgument',
      message: 'remember: memory is fixed to trips-aB3dE5gH7j by --memory-id; leave it out.',
    });
  });

  test('of another region is asked for there', async () => {
    account();
    const arn = 'arn:aws:bedrock-agentcore:us-west-2:123456789012:memory/team-aB3dE5gH7j';
    const unpinned = ['--backend', 'aws', '--allow-writes'];
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    expect(await call('remember', { blob: '1', memory: arn }, unpinned)).toMatchObject({
      origin: 'aws, account 123456789012, us-west-2',
    });
    expect(await call('remember', { blob: '1', memory: arn })).toMatchObject({ code: 'InvalidArgument' });
  });

  test('is created with strategies by short names, waited for, and made once', async () => {
    let asked = 0;
    const made = memory('my_notes-aB3dE5gH7j');
    const requests = account({
      memories: [],
      CreateMemory: () => ({ memory: { ...made, status: 'CREATING' } }),
      GetMemory: () => ({ memory: { ...made, status: ++asked > 1 ? 'ACTIVE' : 'CREATING' } }),
    });
    const wanted = { name: 'my notes', strategies: ['semantic', 'episodes'], event_expiry_days: 30 };
    expect(await call('create_memory', wanted)).toMatchObject({ memory: 'my_notes-aB3dE5gH7j' });
    expect(sent(requests, 'CreateMemory')).toEqual([
      {
        name: 'my_notes',
        clientToken: expect.any(String),
        eventExpiryDuration: 30,
        memoryStrategies: [
          { semanticMemoryStrategy: { name: 'facts', namespaceTemplates: [ofActor] } },
          {
            episodicMemoryStrategy: {
              name: 'episodes',
              namespaceTemplates: [ofSession],
              reflectionConfiguration: { namespaceTemplates: [ofActor] },
            },
          },
        ],
      },
    ]);
    account({ memories: [made] });
    expect(await call('create_memory', wanted)).toMatchObject({
      memory: 'my_notes-aB3dE5gH7j',
      note: 'It was there already, with facts, preferences, summaries; its events are kept for 30 days. Nothing was changed.',
    });
    expect(names(requests)).not.toContain('CreateMemory');
    account({ memories: [memory('my_notes-aB3dE5gH7j', [], 'FAILED')] });
    expect(await call('create_memory', wanted)).toMatchObject({ code: 'MemoryFailed' });
  });

  test('is listed among the resources', async () => {
    account({ memories: two });
    expect(await call('list_resources', { kind: 'memory' })).toMatchObject({
      items: [
        { kind: 'memory', id: 'team-aB3dE5gH7j', name: 'team', state: 'ACTIVE' },
        { kind: 'memory', id: 'trips-aB3dE5gH7j', name: 'trips', state: 'ACTIVE' },
      ],
    });
  });
});
