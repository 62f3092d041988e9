import {
  CreateEventCommand,
  ListMemoryExtractionJobsCommand,
  ListMemoryRecordsCommand,
  StartMemoryExtractionJobCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient,
  CreateMemoryCommand,
  type MemoryStrategyInput,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { expect, onTestFinished, test } from 'vitest';
import { defaultRegion } from '../../../../../src/engine/index.ts';
import { dataClient, started, until } from '../../../../support/engine.ts';
import { type AskedCompletion, type Reply, startOpenAiServer } from '../../../../support/openai-server.ts';
import { temporaryDir } from '../../../../support/temporary.ts';
import { replyTo } from './support.ts';

/** A model that takes every message for a fact, a preference, a topic and an episode, and all of them for new ones. */
function plainModel(request: AskedCompletion): Reply {
  const [, user] = request.body.messages;
  const said = [...user.content.matchAll(/^\{"at".*"text":(".*")\}$/gm)].map(([, text]) => JSON.parse(text));
  const turn = { situation: said.join(' '), intent: 'talk', action: '', thought: '', assessment: 'good' };
  const answers: Record<string, object> = {
    give_facts: { items: said.map((item) => ({ item })) },
    give_preferences: {
      items: said.map((preference) => ({ item: { preference, context: '', categories: [] } })),
    },
    give_summary: { topics: said.map((summary) => ({ name: 'Talk', summary })) },
    give_turns: { complete: true, turns: [turn] },
    give_episode: { ...turn, justification: 'It ended', reflection: 'Go on so' },
    give_reflections: {
      reflections: [{ action: 'add', title: 'Talks', use_cases: 'all', hints: 'Listen.', confidence: 0.5 }],
    },
  };
  return replyTo(request, { calls: answers[request.body.tools[0].function.name] ?? { action: 'add' } });
}

/** The same, but what is said of some texts fails first. */
function unwell(failures: Record<string, Reply[]>): (request: AskedCompletion) => Reply {
  return (request) => {
    const [, failing] =
      Object.entries(failures).find(([text]) => request.body.messages[1].content.includes(text)) ?? [];
    return failing?.shift() ?? plainModel(request);
  };
}

const failing = (status: number): Reply => ({ status, error: { error: { message: 'Not now.' } } });
const garbage: Reply = { text: '{"items": [{' };
const refusal: Reply = { text: 'I would rather not say.' };
const cutOff: Reply = {
  chunks: [{ choices: [{ index: 0, delta: { content: '{"items"' }, finish_reason: null }] }],
  end: 'break',
};

async function startRemembering(dataDir: string, url: string) {
  const model = { provider: 'openai', url, model: 'small-model' } as const;
  const engine = await started({ dataDir, model, embedding: model });
  const client = dataClient(engine);
  const control = new BedrockAgentCoreControlClient({
    ...{ endpoint: engine.url, region: defaultRegion, credentials: engine.credentials() },
  });
  onTestFinished(() => control.destroy());
  return {
    engine,
    client,
    async create(name: string, memoryStrategies: MemoryStrategyInput[]) {
      const command = new CreateMemoryCommand({ name, eventExpiryDuration: 30, memoryStrategies });
      const { memory } = await control.send(command);
      return memory?.id ?? '';
    },
    say: (memoryId: string, text: string, actorId = 'anna') =>
      client.send(
        new CreateEventCommand({
          ...{ memoryId, actorId, sessionId: 'one', eventTimestamp: new Date() },
          payload: [{ conversational: { role: 'USER', content: { text } } }],
        }),
      ),
    async records(memoryId: string, namespacePath = '/facts') {
      const found = await client.send(new ListMemoryRecordsCommand({ memoryId, namespacePath }));
      return (found.memoryRecordSummaries ?? []).map(({ content }) => content?.text ?? '').sort();
    },
    async failed(memoryId: string) {
      const found = await client.send(new ListMemoryExtractionJobsCommand({ memoryId }));
      return found.jobs ?? [];
    },
  };
}

const factStrategy = { name: 'facts', namespaceTemplates: ['/facts/{actorId}/'] };
const inSession = (kind: string) => ({ name: kind, namespaceTemplates: [`/${kind}/{actorId}/{sessionId}/`] });

test('what is said becomes records by a language model, and nothing is lost while that fails', async () => {
  const dataDir = temporaryDir();
  const server = await startOpenAiServer();
  onTestFinished(() => server.close());
  server.answer(plainModel);
  const first = await startRemembering(dataDir, server.url);
  const memoryId = await first.create('notes', [{ semanticMemoryStrategy: factStrategy }]);
  const others = await first.create('others', [
    { userPreferenceMemoryStrategy: { name: 'likes', namespaceTemplates: ['/likes/{actorId}/'] } },
    { summaryMemoryStrategy: inSession('summary') },
    {
      episodicMemoryStrategy: {
        ...inSession('episodes'),
        reflectionConfiguration: { namespaceTemplates: ['/episodes/{actorId}/'] },
      },
    },
  ]);

  // Every kind of strategy learns.
  await first.say(others, 'I like tea & cake.');
  await until(async () => (await first.records(others, '/')).length === 4);
  expect(await first.records(others, '/')).toEqual([
    expect.stringMatching(/^<episode>\n[\s\S]*<turn>\n<situation>I like tea &amp; cake\./),
    expect.stringMatching(/^<reflection>\n<title>Talks<\/title>/),
    '<topic name="Talk">\nI like tea &amp; cake.\n</topic>',
    '{"context":"","preference":"I like tea & cake.","categories":[]}',
  ]);

  await first.say(memoryId, 'I live in Oslo.');
  await until(async () => (await first.records(memoryId)).length === 1);
  expect(await first.records(memoryId)).toEqual(['I live in Oslo.']);

  // What does not pass by itself is a failed job, until somebody starts it again.
  server.answer(unwell({ 'I have a dog.': [failing(401)], 'I sing.': [refusal, refusal] }));
  const { event } = await first.say(memoryId, 'I have a dog.', 'ben');
  await first.say(memoryId, 'I sing.', 'carl');
  const failed = await until(async () => {
    const jobs = await first.failed(memoryId);
    return jobs.length === 2 ? jobs : undefined;
  });
  const [ofBen, ofCarl] = failed.sort((a, b) => (a.actorId ?? '').localeCompare(b.actorId ?? ''));
  expect(ofBen).toMatchObject({
    status: 'FAILED',
    failureReason: 'CUSTOM_MODEL_BEDROCK_ACCESS_DENIED',
    strategyId: expect.stringMatching(/^facts-/),
    ...{ actorId: 'ben', sessionId: 'one' },
    messages: { messagesList: [{ eventId: event?.eventId, messageIndex: 0 }] },
  });
  expect(ofCarl).toMatchObject({ actorId: 'carl', failureReason: 'CUSTOM_MODEL_BEDROCK_MODEL_ERROR' });
  expect(await first.records(memoryId)).toEqual(['I live in Oslo.']);
  for (const { jobID } of failed)
    await first.client.send(
      new StartMemoryExtractionJobCommand({ memoryId, extractionJob: { jobId: jobID } }),
    );
  await until(async () => (await first.records(memoryId)).length === 3);
  expect(await first.failed(memoryId)).toEqual([]);

  // What may pass is tried again after a while.
  const passing = { 'I play chess.': [failing(500)], 'I drive.': [garbage, garbage], 'I paint.': [cutOff] };
  server.answer(unwell(passing));
  for (const [index, text] of Object.keys(passing).entries())
    await first.say(memoryId, text, `actor-${index}`);
  await until(async () => (await first.records(memoryId)).length === 6);
  expect(passing).toEqual({ 'I play chess.': [], 'I drive.': [], 'I paint.': [] });
  expect(await first.failed(memoryId)).toEqual([]);

  // Also by the next engine.
  server.answer('silence');
  await first.say(memoryId, 'My name is Anna.');
  await until(() => server.requests.length > 0);
  await first.engine.close();
  server.answer(plainModel);
  const second = await startRemembering(dataDir, server.url);
  await until(async () => (await second.records(memoryId)).length === 7);
  expect(await second.records(memoryId)).toEqual([
    'I drive.',
    'I have a dog.',
    'I live in Oslo.',
    'I paint.',
    'I play chess.',
    'I sing.',
    'My name is Anna.',
  ]);
}, 90_000);
