import {
  type BedrockAgentCoreClient,
  CreateEventCommand,
  DeleteEventCommand,
  IngestDataCommand,
  ListMemoryRecordsCommand,
  paginateListMemoryRecords,
  StartMemoryExtractionJobCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient,
  CreateMemoryCommand,
  DeleteMemoryCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { expect, test } from 'vitest';
import type { Engine } from '../../../../../src/engine/index.ts';
import { dataClient, ensured, runs, started, until } from '../../../../support/engine.ts';
import { temporaryDir } from '../../../../support/temporary.ts';
import { jobsOf } from './answered.ts';

const memoryId = 'default_memory-0000000000';
const MINUTE_MS = 60_000;
const turns: [actor: string, session: string, text: string][] = [
  ['anna', 'a1', 'My name is Anna and I live in Berlin. I work as a nurse.'],
  ['ben', 'b1', 'I am allergic to peanuts. My daughter is called Mia.'],
  ['anna', 'a1', 'I prefer tea over coffee, and I love hiking.'],
  ['ben', 'b1', 'I play the cello in an orchestra.'],
  ['anna', 'a2', 'My brother owns a bakery in Lisbon.'],
];

test('an engine that is killed while it learns has learned the same', { timeout: 120_000 }, async () => {
  const dataDir = temporaryDir();
  let engine = await ensured(dataDir);
  let client = dataClient(engine);
  await tell(client);
  for (const left of [7, 3]) {
    const jobs = () => jobsOf(client, { memoryId });
    await expect
      .poll(async () => (await jobs()).left, { timeout: 20_000, interval: 20 })
      .toBeLessThanOrEqual(left);
    process.kill(engine.pid, 'SIGKILL');
    await until(() => !runs(engine.pid));
    engine = await ensured(dataDir);
    client = dataClient(engine);
  }
  const calm = dataClient(engine, '222222222222');
  await tell(calm);
  await learned(client);
  await learned(calm);
  const expected = await records(calm);
  expect(expected.length).toBeGreaterThan(turns.length);
  expect(await records(client)).toEqual(expected);
});

/** Events, and one that comes in without becoming one. */
async function tell(client: BedrockAgentCoreClient): Promise<void> {
  for (const [index, [actorId, sessionId, text]] of turns.entries()) {
    const payload = [{ conversational: { role: 'USER', content: { text } } } as const];
    const at = new Date(1_700_000_000_000 + index * 1_000);
    const about = { memoryId, actorId, sessionId };
    if (index === 3)
      await client.send(
        new IngestDataCommand({ ...about, contentTimestamp: at, source: { inline: { payload } } }),
      );
    else await client.send(new CreateEventCommand({ ...about, eventTimestamp: at, payload }));
  }
}

const learned = (client: BedrockAgentCoreClient) =>
  expect.poll(() => jobsOf(client, { memoryId }), { timeout: 60_000 }).toEqual({ failed: [], left: 0 });

/** Of summaries only where they are: their words depend on which turns were read together. */
async function records(client: BedrockAgentCoreClient): Promise<string[]> {
  const found: string[] = [];
  for await (const page of paginateListMemoryRecords({ client }, { memoryId, namespacePath: '/strategies/' }))
    for (const { namespaces: [namespace] = [], content } of page.memoryRecordSummaries ?? [])
      found.push(namespace?.includes('/summaries-') ? namespace : `${namespace} ${content?.text}`);
  return found.sort();
}

test('without its model, jobs fail after a while and can be started again', { timeout: 60_000 }, async () => {
  const engine = await started({
    model: { provider: 'openai', url: 'http://127.0.0.1:9/v1', model: 'gone' },
  });
  const client = dataClient(engine);
  const control = controlClient(engine);
  const memoryStrategies = [{ semanticMemoryStrategy: { name: 'facts' } }];
  const { memory } = await control.send(
    new CreateMemoryCommand({ name: 'failing', eventExpiryDuration: 7, memoryStrategies }),
  );
  const { id = '', strategies } = memory ?? {};
  const about = { memoryId: id, actorId: 'anna', sessionId: 'one' };
  const payload = [{ conversational: { role: 'USER', content: { text: 'My cat is grey.' } } } as const];
  const { event } = await client.send(
    new CreateEventCommand({ ...about, eventTimestamp: new Date(), payload }),
  );
  expect(engine.live()).toBe(1);
  const ended = () =>
    expect
      .poll(
        async () => {
          await engine.clock.advance(MINUTE_MS);
          return (await jobsOf(client, { memoryId: id })).left;
        },
        { timeout: 30_000 },
      )
      .toBe(0);
  await ended();
  const { failed = [] } = await jobsOf(client, { memoryId: id, filter: { sessionId: 'one' } });
  expect(failed).toEqual([
    {
      jobID: expect.any(String),
      status: 'FAILED',
      failureReason: 'CUSTOM_MODEL_BEDROCK_MODEL_ERROR',
      messages: { messagesList: [{ eventId: event?.eventId, messageIndex: 0 }] },
      strategyId: strategies?.[0]?.strategyId,
      sessionId: 'one',
      actorId: 'anna',
    },
  ]);
  const [{ jobID: jobId } = {}] = failed;
  const start = (memory: string) =>
    client.send(new StartMemoryExtractionJobCommand({ memoryId: memory, extractionJob: { jobId } }));
  expect(await start(id)).toMatchObject({ jobId });
  expect(await jobsOf(client, { memoryId: id })).toEqual({ failed: [], left: 1 });
  await expect(start(memoryId)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await client.send(new DeleteEventCommand({ ...about, eventId: event?.eventId }));
  await ended();
  expect(await jobsOf(client, { memoryId: id })).toEqual({ failed: [], left: 0 });
  await control.send(new DeleteMemoryCommand({ memoryId: id }));
  await expect(
    client.send(new ListMemoryRecordsCommand({ memoryId: id, namespacePath: '/' })),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

const controlClient = ({ url, credentials }: Engine) =>
  new BedrockAgentCoreControlClient({ endpoint: url, region: 'us-east-1', credentials: credentials() });
