import { ListEventsCommand, ListSessionsCommand } from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient,
  DeleteMemoryCommand,
  GetMemoryCommand,
  ListMemoriesCommand,
  ListTagsForResourceCommand,
  UpdateMemoryCommand,
  type UpdateMemoryCommandInput,
  waitUntilMemoryCreated,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { describe, expect, test } from 'vitest';
import { defaultRegion } from '../../../../src/engine/index.ts';
import { started } from '../../../support/engine.ts';
import { clientOf, useEngine } from '../code-interpreter/support.ts';
import { newEvent, newMemory, said } from './support.ts';

const account = '123456789012';
const engine = useEngine();
const control = (owner = account) => new BedrockAgentCoreControlClient(engine.config(owner));
const memoryExecutionRoleArn = `arn:aws:iam::${account}:role/memory`;
const OF_ACTOR = '/strategies/{memoryStrategyId}/actors/{actorId}/';
const OF_SESSION = `${OF_ACTOR}sessions/{sessionId}/`;
const create = (name: string, input: Parameters<typeof newMemory>[2] = {}) =>
  newMemory(control(), name, input);
const get = async (memoryId: string, owner = account) => {
  const { memory } = await control(owner).send(new GetMemoryCommand({ memoryId }));
  return memory ?? expect.fail('no memory');
};
const update = (input: UpdateMemoryCommandInput) => control().send(new UpdateMemoryCommand(input));
const refusal = (member: string, message?: RegExp) => ({
  name: 'ValidationException',
  fieldList: [{ name: member }],
  ...(message && { message: expect.stringMatching(message) }),
});
const semantic = (name: string, namespaceTemplates?: string[]) => ({
  semanticMemoryStrategy: { name, namespaceTemplates },
});

describe.concurrent('a memory', () => {
  test('is CREATING when it is made, and ACTIVE from then on', async () => {
    const input = {
      ...{ description: 'of notes', clientToken: 'a', tags: { team: 'blue' } },
      encryptionKeyArn: `arn:aws:kms:us-east-1:${account}:key/any`,
      memoryStrategies: [semantic('facts')],
      indexedKeys: [{ key: 'topic', type: 'STRING' as const }],
      namespaceKeys: [{ key: 'team', validation: { allowedValues: ['blue'] } }],
    };
    const made = await create('notes', input);
    expect(made).toMatchObject({ status: 'CREATING', strategies: [{ status: 'CREATING' }] });
    expect(made.id).toMatch(/^notes-[a-zA-Z0-9]{10}$/);
    expect((await create('notes', input)).id).toBe(made.id);
    await waitUntilMemoryCreated({ client: control(), maxWaitTime: 20 }, { memoryId: made.id });
    const { clientToken: _, tags, memoryStrategies: __, ...given } = input;
    const arn = `arn:aws:bedrock-agentcore:us-east-1:${account}:memory/${made.id}`;
    expect(await get(made.id)).toEqual({
      ...{ id: made.id, arn, name: 'notes', eventExpiryDuration: 30, status: 'ACTIVE', ...given },
      ...{ createdAt: expect.any(Date), updatedAt: expect.any(Date) },
      strategies: [
        {
          strategyId: expect.stringMatching(/^facts-[a-zA-Z0-9]{10}$/),
          ...{ name: 'facts', type: 'SEMANTIC', status: 'ACTIVE' },
          ...{ namespaces: [OF_ACTOR], namespaceTemplates: [OF_ACTOR] },
          ...{ createdAt: expect.any(Date), updatedAt: expect.any(Date) },
        },
      ],
    });
    const listed = await control().send(new ListTagsForResourceCommand({ resourceArn: arn }));
    expect(listed.tags).toEqual(tags);
    await expect(get(made.id, '000000000000')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Memory not found: ${made.id}`,
    });
    await expect(create('notes')).rejects.toMatchObject({
      ...refusal('name', /already exists/),
      reason: 'ResourceConflict',
    });
  });

  test('goes with all that it has', async () => {
    const { id } = await create('gone');
    const data = engine.client(account);
    await newEvent(data, id, [said('hello')], { clientToken: 'again' });
    const remove = () => control().send(new DeleteMemoryCommand({ memoryId: id, clientToken: 'd' }));
    expect(await remove()).toMatchObject({ memoryId: id, status: 'DELETING' });
    expect(await remove()).toMatchObject({ memoryId: id });
    await expect(get(id)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(
      data.send(new ListEventsCommand({ memoryId: id, actorId: 'anna', sessionId: 'one' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe.concurrent('a strategy', () => {
  test('of each kind has what it was given, and defaults for the rest', async () => {
    const step = { appendToPrompt: 'Look at prices.', modelId: 'any.model' };
    const { id } = await create('kinds', {
      memoryExecutionRoleArn,
      memoryStrategies: [
        { userPreferenceMemoryStrategy: { name: 'preferences', description: 'likes' } },
        { summaryMemoryStrategy: { name: 'summaries', namespaces: ['/s/{sessionId}'] } },
        { episodicMemoryStrategy: { name: 'episodes' } },
        {
          customMemoryStrategy: {
            name: 'custom',
            configuration: { semanticOverride: { extraction: step, consolidation: step } },
          },
        },
        {
          customMemoryStrategy: {
            name: 'reflecting',
            namespaceTemplates: ['/e/{actorId}/{sessionId}'],
            configuration: { episodicOverride: { reflection: step } },
          },
        },
        {
          customMemoryStrategy: {
            name: 'own',
            configuration: {
              selfManagedConfiguration: {
                invocationConfiguration: {
                  topicArn: `arn:aws:sns:us-east-1:${account}:topic`,
                  payloadDeliveryBucketName: 'bucket',
                },
              },
            },
          },
        },
      ],
    });
    const { strategies = [] } = await get(id);
    expect(strategies.map(({ type, namespaces }) => [type, namespaces?.[0]])).toEqual([
      ['USER_PREFERENCE', OF_ACTOR],
      ['SUMMARIZATION', '/s/{sessionId}'],
      ['EPISODIC', OF_SESSION],
      ['CUSTOM', OF_ACTOR],
      ['CUSTOM', '/e/{actorId}/{sessionId}'],
      ['CUSTOM', OF_ACTOR],
    ]);
    expect(strategies[0]?.description).toBe('likes');
    expect(strategies.slice(2).map(({ configuration }) => configuration)).toMatchObject([
      { reflection: { episodicReflectionConfiguration: { namespaceTemplates: [OF_ACTOR] } } },
      {
        type: 'SEMANTIC_OVERRIDE',
        extraction: { customExtractionConfiguration: { semanticExtractionOverride: step } },
        consolidation: { customConsolidationConfiguration: { semanticConsolidationOverride: step } },
      },
      {
        type: 'EPISODIC_OVERRIDE',
        reflection: {
          customReflectionConfiguration: {
            episodicReflectionOverride: { ...step, namespaces: ['/e/{actorId}/{sessionId}'] },
          },
        },
      },
      {
        type: 'SELF_MANAGED',
        selfManagedConfiguration: {
          historicalContextWindowSize: 4,
          triggerConditions: expect.arrayContaining([{ messageBasedTrigger: { messageCount: 6 } }]),
        },
      },
    ]);
  });

  test('that AWS would not take is refused', async () => {
    const schema = (...keys: string[]) => ({
      metadataSchema: keys.map((key) => ({ key, extractionType: 'STRICTLY_CONSISTENT' as const })),
    });
    const indexedKeys = ['a', 'b', 'c', 'd'].map((key) => ({ key, type: 'STRING' as const }));
    const refused: [Parameters<typeof create>[1], string, RegExp][] = [
      [
        { memoryStrategies: Array.from({ length: 7 }, (_, n) => semantic(`s${n}`)) },
        'memoryStrategies',
        /at most 6/,
      ],
      [{ memoryStrategies: [semantic('a'), semantic('a')] }, 'memoryStrategies', /two strategies named a/],
      [
        { memoryStrategies: [semantic('a', ['/{team}/'])] },
        'namespaceTemplates',
        /\{team\}.*not among namespaceKeys/,
      ],
      [
        { memoryStrategies: [{ summaryMemoryStrategy: { name: 's', namespaces: ['/{actorId}/'] } }] },
        'namespaceTemplates',
        /must contain \{sessionId\}/,
      ],
      [
        {
          memoryStrategies: [
            {
              episodicMemoryStrategy: {
                name: 'e',
                reflectionConfiguration: { namespaceTemplates: [`${OF_SESSION}more/`] },
              },
            },
          ],
        },
        'reflectionConfiguration.namespaceTemplates',
        /not a prefix/,
      ],
      [
        {
          indexedKeys,
          memoryStrategies: [
            { semanticMemoryStrategy: { name: 's', memoryRecordSchema: schema('a', 'b', 'c', 'd') } },
          ],
        },
        'memoryRecordSchema.metadataSchema',
        /at most 3/,
      ],
      [
        { memoryStrategies: [{ semanticMemoryStrategy: { name: 's', memoryRecordSchema: schema('e') } }] },
        'memoryRecordSchema.metadataSchema',
        /must be among the indexed keys/,
      ],
      [
        {
          indexedKeys,
          memoryStrategies: [{ summaryMemoryStrategy: { name: 's', memoryRecordSchema: schema('a') } }],
        },
        'memoryRecordSchema.metadataSchema',
        /not for summaries/,
      ],
      [
        {
          memoryStrategies: [{ customMemoryStrategy: { name: 'c', configuration: { summaryOverride: {} } } }],
        },
        'memoryExecutionRoleArn',
        /custom strategy c needs/,
      ],
      [
        { memoryExecutionRoleArn: 'arn:aws:iam::210987654321:role/memory' },
        'memoryExecutionRoleArn',
        /calling account/,
      ],
      [
        { namespaceKeys: [{ key: 'a', validation: { regexPattern: '(' } }] },
        'namespaceKeys',
        /cannot be used/,
      ],
      [{ indexedKeys: [...indexedKeys, ...indexedKeys] }, 'indexedKeys', /two indexed keys a/],
    ];
    for (const [input, member, message] of refused)
      await expect(create('refused', input)).rejects.toMatchObject(refusal(member, message));
  });
});

describe.concurrent('an update', () => {
  test('adds, changes and deletes strategies; what it does not name stays', async () => {
    const made = await create('changing', {
      memoryExecutionRoleArn,
      memoryStrategies: [
        semantic('stays'),
        semantic('goes'),
        { customMemoryStrategy: { name: 'own', configuration: { userPreferenceOverride: {} } } },
      ],
    });
    const [stays, goes, own] = made.strategies?.map(({ strategyId = '' }) => strategyId) ?? [];
    const extraction = {
      customExtractionConfiguration: {
        userPreferenceExtractionOverride: { appendToPrompt: 'Only food.', modelId: 'm' },
      },
    };
    const { memory } = await update({
      memoryId: made.id,
      description: 'changed',
      memoryStrategies: {
        addMemoryStrategies: [{ summaryMemoryStrategy: { name: 'new' } }, semantic('goes')],
        modifyMemoryStrategies: [
          { memoryStrategyId: stays, description: 'longer', namespaceTemplates: ['/facts/{actorId}/'] },
          { memoryStrategyId: own, configuration: { extraction } },
        ],
        deleteMemoryStrategies: [{ memoryStrategyId: goes }],
      },
    });
    expect(memory).toMatchObject({ status: 'UPDATING', description: 'changed', eventExpiryDuration: 30 });
    const { strategies, status } = await get(made.id);
    expect(status).toBe('ACTIVE');
    expect(strategies).toMatchObject([
      { strategyId: stays, description: 'longer', namespaces: ['/facts/{actorId}/'] },
      { strategyId: own, configuration: { type: 'USER_PREFERENCE_OVERRIDE', extraction } },
      { name: 'new', type: 'SUMMARIZATION', status: 'ACTIVE' },
      { name: 'goes', strategyId: expect.not.stringMatching(goes ?? '') },
    ]);

    const change = (memoryStrategies: UpdateMemoryCommandInput['memoryStrategies']) =>
      update({ memoryId: made.id, memoryStrategies });
    await expect(change({ deleteMemoryStrategies: [{ memoryStrategyId: goes }] })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(
      change({ modifyMemoryStrategies: [{ memoryStrategyId: stays, configuration: { extraction } }] }),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    expect((await get(made.id)).strategies).toEqual(strategies);
  });

  test('adds indexed keys, and replaces namespace keys and streams', async () => {
    const streamDeliveryResources = {
      resources: [
        {
          kinesis: {
            dataStreamArn: `arn:aws:kinesis:us-east-1:${account}:stream/s`,
            contentConfigurations: [{ type: 'MEMORY_RECORDS' as const }],
          },
        },
      ],
    };
    const { id: memoryId } = await create('keys', {
      ...{ memoryExecutionRoleArn, streamDeliveryResources },
      indexedKeys: [{ key: 'a', type: 'STRING' }],
      namespaceKeys: [{ key: 'team' }, { key: 'office' }],
      memoryStrategies: [semantic('facts', ['/{team}/{actorId}/'])],
    });
    expect(await get(memoryId)).toMatchObject({ streamDeliveryResources });
    await update({
      memoryId,
      addIndexedKeys: [
        { key: 'a', type: 'STRING' },
        { key: 'b', type: 'NUMBER' },
      ],
      namespaceKeys: [{ key: 'team' }],
      streamDeliveryResources: { resources: [] },
      eventExpiryDuration: 7,
    });
    const changed = await get(memoryId);
    expect(changed).toMatchObject({
      indexedKeys: [{ key: 'a' }, { key: 'b' }],
      namespaceKeys: [{ key: 'team' }],
      eventExpiryDuration: 7,
    });
    expect(changed).not.toHaveProperty('streamDeliveryResources');
    await expect(update({ memoryId, namespaceKeys: [{ key: 'other' }] })).rejects.toMatchObject(
      refusal('namespaceTemplates'),
    );
    await expect(update({ memoryId, addIndexedKeys: [{ key: 'a', type: 'NUMBER' }] })).rejects.toMatchObject(
      refusal('addIndexedKeys'),
    );
  });
});

test('the default memory is everybody’s, can be changed, and is emptied by deleting it', async () => {
  const owner = '222222222222';
  const memoryId = 'default_memory-0000000000';
  const all = (maxResults?: number, nextToken?: string) =>
    control(owner).send(new ListMemoriesCommand({ maxResults, nextToken }));
  const { id: other } = await newMemory(control(owner), 'another');
  expect((await all()).memories).toMatchObject([{ id: memoryId, status: 'ACTIVE' }, { id: other }]);
  const { memories, nextToken } = await all(1);
  expect(memories).toMatchObject([{ id: memoryId }]);
  expect((await all(1, nextToken)).memories).toMatchObject([{ id: other }]);

  const fresh = await get(memoryId, owner);
  expect(fresh).toMatchObject({ name: 'default_memory', eventExpiryDuration: 365, status: 'ACTIVE' });
  expect(fresh.strategies?.map(({ strategyId, type }) => [strategyId, type])).toEqual([
    ['facts-0000000000', 'SEMANTIC'],
    ['preferences-0000000000', 'USER_PREFERENCE'],
    ['summaries-0000000000', 'SUMMARIZATION'],
  ]);
  await expect(newMemory(control(owner), 'default_memory')).rejects.toMatchObject({
    message: expect.stringMatching(/already exists/),
  });

  const data = engine.client(owner);
  await newEvent(data, memoryId, [said('hello')], { extractionMode: 'SKIP' });
  await control(owner).send(new UpdateMemoryCommand({ memoryId, description: 'mine' }));
  expect(await get(memoryId, owner)).toMatchObject({ description: 'mine', createdAt: fresh.createdAt });
  await control(owner).send(new DeleteMemoryCommand({ memoryId }));
  expect(await get(memoryId, owner)).toMatchObject({ description: fresh.description, status: 'ACTIVE' });
  const sessions = await data.send(new ListSessionsCommand({ memoryId, actorId: 'anna' }));
  expect(sessions.sessionSummaries).toEqual([]);
});

test('events expire by the clock', async () => {
  const engine = await started();
  const { url: endpoint, credentials } = engine;
  const made = new BedrockAgentCoreControlClient({
    endpoint,
    region: defaultRegion,
    credentials: credentials(),
  });
  const { id: memoryId } = await newMemory(made, 'short', { eventExpiryDuration: 3 });
  const client = clientOf(engine);
  await newEvent(client, memoryId, [said('early')]);
  const texts = async () => {
    const page = await client.send(new ListEventsCommand({ memoryId, actorId: 'anna', sessionId: 'one' }));
    return page.events?.map(({ payload }) => payload?.[0]?.conversational?.content?.text);
  };
  const hours = (count: number) => engine.clock.advance(count * 3_600_000);
  await hours(48);
  await newEvent(client, memoryId, [said('late')], { eventTimestamp: new Date(0) });
  expect(await texts()).toEqual(['early', 'late']);
  await hours(24);
  expect(await texts()).toEqual(['late']);
  await hours(48);
  expect(await texts()).toEqual([]);
  const sessions = await client.send(new ListSessionsCommand({ memoryId, actorId: 'anna' }));
  expect(sessions.sessionSummaries).toEqual([]);
});
