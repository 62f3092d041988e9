import {
  CreateEventCommand,
  ListMemoryExtractionJobsCommand,
  ListMemoryRecordsCommand,
  StartMemoryExtractionJobCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient,
  CreateMemoryCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { expect, onTestFinished, test } from 'vitest';
import { defaultRegion } from '../../../../../src/engine/index.ts';
import { dataClient, started, until } from '../../../../support/engine.ts';
import { type AskedCompletion, type Reply, startOpenAiServer } from '../../../../support/openai-server.ts';
import { temporaryDir } from '../../../../support/temporary.ts';
import { replyTo } from './support.ts';

/** A model that takes every message for a fact, and all facts for new ones. */
function plainModel(request: AskedCompletion): Reply {
  const [, user] = request.body.messages;
  const said = [...user.content.matchAll(/^\{"at".*"text":(".*")\}$/gm)].map(([, text]) => JSON.parse(text));
  const facts = { items: said.map((item) => ({ item })) };
  const isExtraction = request.body.tools[0].function.name === 'give_facts';
  return replyTo(request, { calls: isExtraction ? facts : { action: 'add' } });
}

const failing = (status: number): Reply => ({ status, error: { error: { message: 'Not now.' } } });

const namespace = '/facts/anna/';

async function startRemembering(dataDir: string, url: string) {
  const engine = await started({ dataDir, model: { provider: 'openai', url, model: 'small-model' } });
  const client = dataClient(engine);
  return {
    engine,
    client,
    say: (memoryId: string, text: string) =>
      client.send(
        new CreateEventCommand({
          ...{ memoryId, actorId: 'anna', sessionId: 'one', eventTimestamp: new Date() },
          payload: [{ conversational: { role: 'USER', content: { text } } }],
        }),
      ),
    async records(memoryId: string) {
      const found = await client.send(new ListMemoryRecordsCommand({ memoryId, namespace }));
      return (found.memoryRecordSummaries ?? []).map(({ content }) => content?.text).sort();
    },
    async failed(memoryId: string) {
      const found = await client.send(new ListMemoryExtractionJobsCommand({ memoryId }));
      return found.jobs ?? [];
    },
  };
}

test('what is said becomes records by a language model, and nothing is lost while that fails', async () => {
  const dataDir = temporaryDir();
  const server = await startOpenAiServer();
  onTestFinished(() => server.close());
  server.answer(plainModel);
  const first = await startRemembering(dataDir, server.url);
  const control = new BedrockAgentCoreControlClient({
    ...{ endpoint: first.engine.url, region: defaultRegion, credentials: first.engine.credentials() },
  });
  const semanticMemoryStrategy = { name: 'facts', namespaceTemplates: ['/facts/{actorId}/'] };
  const created = await control.send(
    new CreateMemoryCommand({
      ...{ name: 'notes', eventExpiryDuration: 30, memoryStrategies: [{ semanticMemoryStrategy }] },
    }),
  );
  control.destroy();
  const memoryId = created.memory?.id ?? '';

  await first.say(memoryId, 'I live in Oslo.');
  await until(async () => (await first.records(memoryId)).length === 1);
  expect(await first.records(memoryId)).toEqual(['I live in Oslo.']);

  // What does not pass by itself is a failed job, until somebody starts it again.
  server.answer(failing(401));
  const { event } = await first.say(memoryId, 'I have a dog.');
  const job = await until(async () => (await first.failed(memoryId))[0]);
  expect(job).toMatchObject({
    status: 'FAILED',
    failureReason: 'CUSTOM_MODEL_BEDROCK_ACCESS_DENIED',
    strategyId: created.memory?.strategies?.[0]?.strategyId,
    ...{ actorId: 'anna', sessionId: 'one' },
    messages: { messagesList: [{ eventId: event?.eventId, messageIndex: 0 }] },
  });
  expect(await first.records(memoryId)).toEqual(['I live in Oslo.']);
  server.answer(plainModel);
  const again = { memoryId, extractionJob: { jobId: job.jobID } };
  await first.client.send(new StartMemoryExtractionJobCommand(again));
  await until(async () => (await first.records(memoryId)).length === 2);
  expect(await first.failed(memoryId)).toEqual([]);

  // What may pass is tried again after a while.
  let left = 1;
  server.answer((request) => (left-- > 0 ? failing(500) : plainModel(request)));
  await first.say(memoryId, 'I play chess.');
  await until(async () => (await first.records(memoryId)).length === 3);
  expect(await first.failed(memoryId)).toEqual([]);

  // Also by the next engine.
  server.answer('silence');
  await first.say(memoryId, 'My name is Anna.');
  await until(() => server.requests.length > 0);
  await first.engine.close();
  server.answer(plainModel);
  const second = await startRemembering(dataDir, server.url);
  await until(async () => (await second.records(memoryId)).length === 4);
  expect(await second.records(memoryId)).toEqual([
    'I have a dog.',
    'I live in Oslo.',
    'I play chess.',
    'My name is Anna.',
  ]);
}, 60_000);
