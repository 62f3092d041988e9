import {
  BatchCreateMemoryRecordsCommand,
  BatchDeleteMemoryRecordsCommand,
  BatchUpdateMemoryRecordsCommand,
  DeleteMemoryRecordCommand,
  GetMemoryRecordCommand,
  ListMemoryRecordsCommand,
  type ListMemoryRecordsCommandInput,
  type MemoryMetadataFilterExpression,
  type MemoryRecordCreateInput,
  type MemoryRecordMetadataValue,
  type MemoryRecordOperatorType,
  type MemoryRecordSummary,
  RetrieveMemoryRecordsCommand,
  type RetrieveMemoryRecordsCommandInput,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient,
  type BedrockAgentCoreControlClientConfig,
  DeleteMemoryCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { beforeAll, describe, expect, test } from 'vitest';
import { useEngine } from '../../code-interpreter/support.ts';
import { newMemory } from '../support.ts';

const engine = useEngine();
const control = () =>
  new BedrockAgentCoreControlClient(engine.config() as BedrockAgentCoreControlClientConfig);
const invalid = { name: 'ValidationException' };
const lost = { name: 'ResourceNotFoundException' };

const item = (text: string, namespace = '/all/', more: Partial<MemoryRecordCreateInput> = {}) => ({
  ...{ requestIdentifier: 'r', namespaces: [namespace], content: { text }, timestamp: new Date() },
  ...more,
});

async function create(memoryId: string, records: MemoryRecordCreateInput[], clientToken?: string) {
  const client = engine.client();
  return client.send(new BatchCreateMemoryRecordsCommand({ memoryId, records, clientToken }));
}

const list = (input: ListMemoryRecordsCommandInput) =>
  engine.client().send(new ListMemoryRecordsCommand(input));

const retrieve = (
  memoryId: string,
  searchQuery: string,
  { searchCriteria, ...more }: Partial<RetrieveMemoryRecordsCommandInput> = {},
) =>
  engine.client().send(
    new RetrieveMemoryRecordsCommand({
      ...{ memoryId, searchCriteria: { searchQuery, ...searchCriteria } },
      ...(more.namespace ? {} : { namespacePath: '/' }),
      ...more,
    }),
  );

const textsOf = ({
  memoryRecordSummaries = [],
}: {
  memoryRecordSummaries?: MemoryRecordSummary[] | undefined;
}) => memoryRecordSummaries.map(({ content }) => content?.text);

test('records are found by meaning, as soon as they are written', async () => {
  const { id } = await newMemory(control(), 'meaning');
  const texts = [
    'Anna is a vegetarian.',
    'Anna drives an old car.',
    'The capital of France is Paris.',
    'Her sister lives in a small village in the mountains.',
  ];
  await create(
    id,
    texts.map((text) => item(text)),
  );
  const answer = await retrieve(id, 'Does she eat meat?');
  expect(textsOf(answer)[0]).toBe(texts[0]);
  const scores = answer.memoryRecordSummaries?.map(({ score = Number.NaN }) => score) ?? [];
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
  expect(scores.every((score) => score > 0 && score <= 1)).toBe(true);
  expect(textsOf(await retrieve(id, 'Where does her sibling have a home?'))[0]).toBe(texts[3]);
});

test('a namespace is exactly that one, and a path has those below it', async () => {
  const { id } = await newMemory(control(), 'hierarchy');
  const places = ['/actors/anna/', '/actors/anna/sessions/1', '/actors/annabel/', '/other'];
  await create(
    id,
    places.map((place) => item(`a note in ${place}`, place)),
  );
  const inside = async (where: { namespace?: string; namespacePath?: string }) => {
    const listed = textsOf(await list({ memoryId: id, ...where })).sort();
    expect(textsOf(await retrieve(id, 'a note', where)).sort()).toEqual(listed);
    return listed;
  };
  expect(await inside({ namespace: '/actors/anna' })).toEqual(['a note in /actors/anna/']);
  expect(await inside({ namespace: '/other/' })).toEqual(['a note in /other']);
  expect(await inside({ namespace: '/actors' })).toEqual([]);
  expect(await inside({ namespacePath: '/actors/anna' })).toEqual([
    'a note in /actors/anna/',
    'a note in /actors/anna/sessions/1',
  ]);
  expect(await inside({ namespacePath: '/' })).toHaveLength(4);
  await expect(list({ memoryId: id })).rejects.toMatchObject(invalid);
  await expect(list({ memoryId: id, namespace: '/a', namespacePath: '/a' })).rejects.toMatchObject(invalid);
});

describe('metadata', () => {
  let id = '';
  beforeAll(async () => {
    const memory = await newMemory(control(), 'filters', {
      indexedKeys: [
        { key: 'topic', type: 'STRING' },
        { key: 'tags', type: 'STRINGLIST' },
        { key: 'stars', type: 'NUMBER' },
      ],
    });
    id = memory.id;
    const old = { timestamp: new Date('2020-01-01T00:00:00Z') };
    await create(id, [
      item('good book', '/all', { metadata: metadata('book', 5, ['new', 'read']) }),
      item('fair book', '/all', { metadata: metadata('book', 3, ['read']), ...old }),
      item('film', '/all', { metadata: metadata('film', 4, ['new']) }),
      item('thing', '/all', old),
    ]);
  });
  const metadata = (topic: string, numberValue: number, stringListValue: string[]) => ({
    ...{ topic: { stringValue: topic }, stars: { numberValue }, tags: { stringListValue } },
    plain: { stringValue: 'yes' },
  });
  const filter = (
    metadataKey: string,
    operator: MemoryRecordOperatorType,
    metadataValue?: MemoryRecordMetadataValue,
  ): MemoryMetadataFilterExpression => ({
    ...{ left: { metadataKey }, operator },
    ...(metadataValue && { right: { metadataValue } }),
  });
  const found = async (...metadataFilters: MemoryMetadataFilterExpression[]) => {
    const listed = textsOf(await list({ memoryId: id, namespace: '/all', metadataFilters })).sort();
    const searchCriteria = { searchQuery: 'book film thing', metadataFilters };
    expect(textsOf(await retrieve(id, '', { searchCriteria })).sort()).toEqual(listed);
    return listed;
  };
  const system = 'x-amz-agentcore-memory-';
  const then = { dateTimeValue: new Date('2021-01-01T00:00:00Z') };
  const book = filter('topic', 'EQUALS_TO', { stringValue: 'book' });

  test.for<[string, MemoryMetadataFilterExpression[], string[]]>([
    ['a text', [book], ['fair book', 'good book']],
    ['a number', [filter('stars', 'EQUALS_TO', { numberValue: 4 })], ['film']],
    ['an element', [filter('tags', 'CONTAINS', { stringValue: 'new' })], ['film', 'good book']],
    ['a key', [filter('topic', 'EXISTS')], ['fair book', 'film', 'good book']],
    ['no key', [filter('topic', 'NOT_EXISTS')], ['thing']],
    ['more', [filter('stars', 'GREATER_THAN', { numberValue: 4 })], ['good book']],
    ['as much', [filter('stars', 'GREATER_THAN_OR_EQUALS', { numberValue: 4 })], ['film', 'good book']],
    ['less', [filter('stars', 'LESS_THAN', { numberValue: 4 })], ['fair book']],
    ['no more', [filter('stars', 'LESS_THAN_OR_EQUALS', { numberValue: 4 })], ['fair book', 'film']],
    ['earlier', [filter(`${system}createdAt`, 'BEFORE', then)], ['fair book', 'thing']],
    ['later', [filter(`${system}updatedAt`, 'AFTER', then)], ['film', 'good book']],
    ['several', [book, filter(`${system}createdAt`, 'BEFORE', then)], ['fair book']],
    ['a type', [filter(`${system}recordType`, 'EQUALS_TO', { stringValue: 'REFLECTION' })], []],
  ])('%s selects', async ([, filters, expected]) => {
    expect(await found(...filters)).toEqual(expected);
  });

  test.for<[string, MemoryMetadataFilterExpression]>([
    ['a key that is not indexed', filter('plain', 'EXISTS')],
    ['an operator of another type', filter('topic', 'GREATER_THAN', { numberValue: 1 })],
    ['a value of another type', filter('stars', 'EQUALS_TO', { stringValue: '5' })],
    ['no value', filter('topic', 'EQUALS_TO')],
    ['a value too many', filter('topic', 'EXISTS', { stringValue: 'x' })],
    ['a time that is none of the system', filter('topic', 'BEFORE', then)],
  ])('%s is refused', async ([, wrong]) => {
    await expect(found(wrong)).rejects.toMatchObject(invalid);
  });

  test('answers have all of it', async () => {
    const { memoryRecordSummaries: [film] = [] } = await list({
      ...{ memoryId: id, namespace: '/all' },
      metadataFilters: [filter('topic', 'EQUALS_TO', { stringValue: 'film' })],
    });
    expect(film).toMatchObject({ namespaces: ['/all'], content: { text: 'film' } });
    expect(film?.score).toBeUndefined();
    expect(film?.metadata).toEqual({
      ...metadata('film', 4, ['new']),
      [`${system}recordType`]: { stringValue: 'BASE' },
      [`${system}createdAt`]: { dateTimeValue: expect.any(Date) },
      [`${system}updatedAt`]: { dateTimeValue: film?.createdAt },
    });
  });
});

test('pages follow one another whatever is written meanwhile', async () => {
  const { id } = await newMemory(control(), 'paging');
  const notes = Array.from({ length: 7 }, (_, i) => `note ${i} about tea`);
  for (const note of notes) await create(id, [item(note)]);
  const where = { memoryId: id, namespace: '/all' };

  const first = await list({ ...where, maxResults: 3 });
  const found = await retrieve(id, 'tea', { maxResults: 3, searchCriteria: { searchQuery: 'tea', topK: 5 } });
  await create(id, [item('a new note about tea')]);
  const second = await list({ ...where, maxResults: 3, nextToken: first.nextToken });
  const third = await list({ ...where, maxResults: 3, nextToken: second.nextToken });
  expect([first, second, third].flatMap(textsOf)).toEqual(notes.toReversed());
  expect(third.nextToken).toBeUndefined();

  const rest = await retrieve(id, 'tea', {
    ...{ maxResults: 3, nextToken: found.nextToken },
    searchCriteria: { searchQuery: 'tea', topK: 5 },
  });
  expect(rest.nextToken).toBeUndefined();
  const all = [found, rest].flatMap(({ memoryRecordSummaries = [] }) => memoryRecordSummaries);
  expect(new Set(all.map(({ memoryRecordId }) => memoryRecordId)).size).toBe(5);
  const scores = all.map(({ score }) => score ?? 0);
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));

  const foreign = [
    list({ ...where, nextToken: found.nextToken }),
    list({ ...where, namespace: '/other', nextToken: first.nextToken }),
    retrieve(id, 'coffee', { nextToken: found.nextToken }),
  ];
  await Promise.all(foreign.map((one) => expect(one).rejects.toMatchObject(invalid)));
});

test('items of a batch go well or fail for themselves', async () => {
  const { id, strategies } = await newMemory(control(), 'batches', {
    indexedKeys: [{ key: 'topic', type: 'STRING' }],
    memoryStrategies: [
      {
        semanticMemoryStrategy: {
          name: 'facts',
          memoryRecordSchema: { metadataSchema: [{ key: 'topic', type: 'STRING' }] },
        },
      },
    ],
  });
  const memoryStrategyId = strategies?.[0]?.strategyId ?? '';
  const metadata = { topic: { stringValue: 'tea' }, other: { stringValue: 'x' } };
  const made = await create(id, [
    item('of a strategy', '/all', { requestIdentifier: 'one', memoryStrategyId, metadata }),
    item('of no strategy', '/all', { requestIdentifier: 'two', memoryStrategyId: 'unknown-0123456789' }),
    { ...item('of no namespace', '', { requestIdentifier: 'three', metadata }), namespaces: [] },
  ]);
  expect(made.successfulRecords).toMatchObject([
    { requestIdentifier: 'one', status: 'SUCCEEDED' },
    { requestIdentifier: 'three', status: 'SUCCEEDED' },
  ]);
  expect(made.failedRecords).toMatchObject([
    {
      requestIdentifier: 'two',
      status: 'FAILED',
      errorCode: 400,
      errorMessage: expect.stringContaining(memoryStrategyId),
    },
  ]);
  const [first = '', third = ''] =
    made.successfulRecords?.map(({ memoryRecordId }) => memoryRecordId ?? '') ?? [];
  expect(first).toMatch(/^mem-[0-9a-f-]{36}$/);
  const client = engine.client();
  const get = (memoryRecordId: string) =>
    client.send(new GetMemoryRecordCommand({ memoryId: id, memoryRecordId }));
  const { memoryRecord } = await get(first);
  expect(memoryRecord).toMatchObject({ memoryStrategyId, content: { text: 'of a strategy' } });
  expect(memoryRecord?.metadata).toMatchObject({ topic: { stringValue: 'tea' } });
  expect(memoryRecord?.metadata).not.toHaveProperty('other');
  expect((await get(third)).memoryRecord).toMatchObject({
    namespaces: [],
    metadata: { other: { stringValue: 'x' } },
  });

  const unknown = `mem-${'0'.repeat(36)}`;
  const timestamp = new Date('2030-01-01T00:00:00Z');
  const updated = await client.send(
    new BatchUpdateMemoryRecordsCommand({
      memoryId: id,
      records: [
        { memoryRecordId: first, timestamp, content: { text: 'a new text' } },
        { memoryRecordId: unknown, timestamp },
      ],
    }),
  );
  expect(updated.successfulRecords).toMatchObject([{ memoryRecordId: first, status: 'SUCCEEDED' }]);
  expect(updated.failedRecords).toMatchObject([
    { memoryRecordId: unknown, status: 'FAILED', errorCode: 404 },
  ]);
  expect((await get(first)).memoryRecord).toMatchObject({
    ...{ content: { text: 'a new text' }, namespaces: ['/all'], createdAt: memoryRecord?.createdAt },
    metadata: {
      ...{ topic: { stringValue: 'tea' } },
      'x-amz-agentcore-memory-updatedAt': { dateTimeValue: timestamp },
    },
  });

  const removed = await client.send(
    new BatchDeleteMemoryRecordsCommand({
      memoryId: id,
      records: [{ memoryRecordId: first }, { memoryRecordId: unknown }],
    }),
  );
  expect(removed.successfulRecords).toMatchObject([{ memoryRecordId: first }]);
  expect(removed.failedRecords).toMatchObject([{ memoryRecordId: unknown, errorCode: 404 }]);
  const remove = new DeleteMemoryRecordCommand({ memoryId: id, memoryRecordId: third });
  expect(await client.send(remove)).toMatchObject({ memoryRecordId: third });
  await expect(client.send(remove)).rejects.toMatchObject(lost);
  await expect(get(first)).rejects.toMatchObject(lost);
  await expect(
    list({ memoryId: id, namespace: '/all', memoryStrategyId: 'none-0123456789' }),
  ).rejects.toMatchObject(invalid);
});

test('a batch with the same token is written once', async () => {
  const { id } = await newMemory(control(), 'once');
  const batch = [item('only once')];
  const first = await create(id, batch, 'token');
  expect((await create(id, batch, 'token')).successfulRecords).toEqual(first.successfulRecords);
  expect(textsOf(await list({ memoryId: id, namespacePath: '/' }))).toEqual(['only once']);
  await expect(create(id, [item('another')], 'token')).rejects.toMatchObject(invalid);
});

test('records are of one account and one memory, and go with it', async () => {
  const [one, other] = await Promise.all([newMemory(control(), 'mine'), newMemory(control(), 'other')]);
  const { successfulRecords = [] } = await create(one.id, [item('mine')]);
  const memoryRecordId = successfulRecords[0]?.memoryRecordId ?? '';
  const get = new GetMemoryRecordCommand({ memoryId: other.id, memoryRecordId });
  await expect(engine.client().send(get)).rejects.toMatchObject(lost);
  const ofOne = new GetMemoryRecordCommand({ memoryId: one.id, memoryRecordId });
  await expect(engine.client('210987654321').send(ofOne)).rejects.toMatchObject(lost);
  expect(textsOf(await list({ memoryId: other.id, namespacePath: '/' }))).toEqual([]);
  await control().send(new DeleteMemoryCommand({ memoryId: one.id }));
  await expect(engine.client().send(ofOne)).rejects.toMatchObject(lost);
});
