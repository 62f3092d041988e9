import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { EmbeddingError } from '../../../../../src/engine/models/embeddings/embedder.ts';
import { ExtractionFailure } from '../../../../../src/engine/services/memory/extraction/extractor.ts';
import { call, key, memoryOf, scope, startExtraction, strategy } from './jobs-support.ts';

const { memoryId } = key;
const SEMANTIC = '/semantic-0123456789/anna/';

const failure = (retryable: boolean) =>
  new ExtractionFailure('The model is busy.', { reason: 'CUSTOM_MODEL_BEDROCK_THROTTLING', retryable });

test('a job that may go well another time is tried again, and in the end has failed', async () => {
  const { say, settled, extractor, extraction, records, clock } = startExtraction(
    memoryOf(strategy('SEMANTIC')),
  );
  const times: number[] = [];
  let failures = 3;
  extractor.before = (what) => {
    if (what === 'extract') times.push(clock.now());
    if (failures-- > 0) throw failure(true);
  };
  say('The cat is grey');
  await settled();
  expect(records()).toEqual([[SEMANTIC, 'The cat is grey']]);
  expect(times).toHaveLength(4);
  const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  for (const [index, longest] of [1_000, 4_000, 16_000].entries()) {
    expect(pauses[index]).toBeGreaterThanOrEqual(longest / 2);
    expect(pauses[index]).toBeLessThan(longest + 1_000);
  }
  failures = Number.POSITIVE_INFINITY;
  say('The dog is brown');
  await settled();
  expect(times).toHaveLength(9);
  expect(extraction.live()).toBe(0);
});

test('what failed is listed with its reason, and started again', async () => {
  const { say, settled, extractor, extraction, records } = startExtraction(memoryOf(strategy('SEMANTIC')));
  const { ListMemoryExtractionJobs, StartMemoryExtractionJob } = extraction.handlers;
  const list = (more: object = {}) => ListMemoryExtractionJobs({ memoryId, ...more }, call());
  const problems = [
    failure(false),
    new EmbeddingError('The embedder is gone.', { retryable: false }),
    new TypeError('Nobody knows.'),
  ];
  extractor.before = () => {
    const problem = problems.shift();
    if (problem) throw problem;
  };
  const events = [];
  for (const sessionId of ['s1', 's2', 's3']) {
    events.push(say(`The session is ${sessionId}`, { sessionId }));
    await settled();
  }
  const { jobs = [] } = await list();
  expect(jobs.map(({ failureReason }) => failureReason)).toEqual([
    'CUSTOM_MODEL_BEDROCK_INTERNAL_ERROR',
    'CUSTOM_MODEL_BEDROCK_MODEL_ERROR',
    'CUSTOM_MODEL_BEDROCK_THROTTLING',
  ]);
  expect(jobs[2]).toEqual({
    jobID: expect.any(String),
    messages: { messagesList: [{ eventId: events[0]?.eventId, messageIndex: 0 }] },
    status: 'FAILED',
    failureReason: 'CUSTOM_MODEL_BEDROCK_THROTTLING',
    strategyId: 'semantic-0123456789',
    sessionId: 's1',
    actorId: 'anna',
  });
  expect((await list({ filter: { sessionId: 's2', actorId: 'anna', status: 'FAILED' } })).jobs).toEqual([
    jobs[1],
  ]);
  expect((await list({ filter: { strategyId: 'other' } })).jobs).toEqual([]);
  const first = await list({ maxResults: 2 });
  expect(await list({ maxResults: 2, nextToken: first.nextToken })).toEqual({ jobs: [jobs[2]] });
  await expect(list({ nextToken: 'x' })).rejects.toMatchObject({ name: 'ValidationException' });

  const { jobID: jobId = '' } = jobs[2] ?? {};
  const start = (id: string) =>
    StartMemoryExtractionJob({ memoryId, extractionJob: { jobId: id }, clientToken: `${id}-token` }, call());
  expect(await start(jobId)).toEqual({ jobId });
  expect(await start(jobId)).toEqual({ jobId });
  await settled();
  expect(records()).toEqual([[SEMANTIC, 'The session is s1']]);
  expect((await list()).jobs).toEqual(jobs.slice(0, 2));
  await expect(start('unknown')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('a listing tells how many jobs are left', async () => {
  const { say, settled, extraction } = startExtraction(
    memoryOf(strategy('SEMANTIC'), strategy('SUMMARIZATION')),
  );
  const left = async (filter?: object) => {
    const answer = call();
    await extraction.handlers.ListMemoryExtractionJobs({ memoryId, filter }, answer);
    return answer.answered['x-agentcore-mcp-pending'];
  };
  say('The cat is grey');
  say('The cat is grey', { sessionId: 's2' });
  expect(await left()).toBe('4');
  expect(await left({ sessionId: 's2', strategyId: 'semantic-0123456789' })).toBe('1');
  expect(extraction.unfinished(key, { actorId: 'anna', sessionId: 's2' })).toBe(2);
  expect(extraction.unfinished(key, { actorId: 'ben' })).toBe(0);
  await settled();
  expect(await left()).toBe('0');
});

test('what was begun goes on after a restart, once', async () => {
  const extraction = startExtraction(memoryOf(strategy('SEMANTIC')));
  const { say, settled, extractor, records, restart } = extraction;
  let stuck = true;
  extractor.before = async (what, _, signal) => {
    if (what !== 'consolidate' || !stuck) return;
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };
  say('The cat is grey');
  await extraction.clock.advance(500);
  await expect.poll(() => extractor.texts('consolidate')).toHaveLength(1);
  say('The cat is brown');
  await restart();
  expect(records()).toEqual([]);
  stuck = false;
  await restart();
  await settled();
  expect(records()).toEqual([[SEMANTIC, 'The cat is brown']]);
});

test('a job that takes too long is stopped', async () => {
  const { say, settled, extractor, records } = startExtraction(memoryOf(strategy('SEMANTIC')), { jobMs: 20 });
  let attempts = 0;
  extractor.before = () => (attempts++ === 0 ? new Promise(() => {}) : undefined);
  say('The cat is grey');
  await settled();
  expect(records()).toEqual([[SEMANTIC, 'The cat is grey']]);
  expect(attempts).toBe(3);
});

test('a memory that is deleted takes its jobs along, also one that is running', async () => {
  const { say, clock, extractor, extraction, records, memories } = startExtraction(
    memoryOf(strategy('SEMANTIC')),
  );
  const { promise: goOn, resolve } = Promise.withResolvers<void>();
  extractor.before = () => goOn;
  say('The cat is grey');
  await clock.advance(500);
  await expect.poll(() => extractor.asked).toHaveLength(1);
  say('The dog is brown');
  memories.current = undefined;
  extraction.forget(key);
  resolve();
  await expect.poll(() => extractor.texts('consolidate')).toHaveLength(1);
  await clock.advance(5_000);
  expect(extraction.live()).toBe(0);
  expect(records()).toEqual([]);
});

test('data is learned from without becoming events', async () => {
  const { settled, extraction, extractor, records, shelves } = startExtraction(
    memoryOf(strategy('SEMANTIC')),
  );
  const payload = [
    { conversational: { role: 'USER', content: { text: 'The cat is grey' } } } as const,
    { json: { content: ['a', 1] } },
  ];
  const contentTimestamp = new Date(86_400_000);
  const input = { memoryId, actorId: 'anna', source: { inline: { payload } }, contentTimestamp };
  const ingest = (more: object = {}) => extraction.handlers.IngestData({ ...input, ...more }, call());
  const { sessionId } = await ingest({ clientToken: 'once' });
  expect(sessionId).toMatch(/^[\da-f-]{36}$/);
  expect(await ingest({ clientToken: 'once' })).toEqual({ sessionId });
  expect(await ingest({ sessionId: 's7' })).toEqual({ sessionId: 's7' });
  await settled();
  expect(extractor.texts('extract')).toEqual([
    ['The cat is grey', '["a",1]'],
    ['The cat is grey', '["a",1]'],
  ]);
  expect(records()).toEqual([
    [SEMANTIC, 'The cat is grey'],
    [SEMANTIC, '["a",1]'],
  ]);
  expect([...shelves.rows.values()][0]?.createdAt).toBe(86_400_000);
  const large = { inline: { payload: [{ json: { content: 'x'.repeat(103_000) } }] } };
  await expect(ingest({ source: large })).rejects.toMatchObject({
    fieldList: [{ name: 'source.inline.payload[0].json.content' }],
  });
});

test('the owner of a self-managed strategy gets what is to be worked on in the bucket', async () => {
  const selfManagedConfiguration = {
    triggerConditions: [
      { messageBasedTrigger: { messageCount: 2 } },
      { timeBasedTrigger: { idleSessionTimeout: 60 } },
    ],
    historicalContextWindowSize: 1,
    invocationConfiguration: {
      topicArn: 'arn:aws:sns:eu-central-1:111122223333:turns',
      payloadDeliveryBucketName: 'my-turns',
    },
  };
  const own = strategy('CUSTOM', {
    strategyId: 'own-0123456789',
    configuration: { selfManagedConfiguration },
  });
  const { say, settled, clock, objects, extraction, extractor, lines } = startExtraction(memoryOf(own));
  const list = () => extraction.handlers.ListMemoryExtractionJobs({ memoryId }, call());
  say('one');
  say([{ blob: 'two' }]);
  await settled();
  const [failed] = (await list()).jobs ?? [];
  expect(failed?.failureReason).toBe('CUSTOM_MODEL_BEDROCK_RESOURCE_NOT_FOUND');
  objects.buckets.create(scope, 'my-turns');
  const extractionJob = { jobId: failed?.jobID ?? '' };
  await extraction.handlers.StartMemoryExtractionJob({ memoryId, extractionJob }, call());
  await settled();
  say('three');
  await clock.advance(30_000);
  expect(extraction.live()).toBe(0);
  await clock.advance(40_000);
  await expect.poll(() => lines.filter((line) => line.includes('s3PayloadLocation'))).toHaveLength(2);
  const said = lines.filter((line) => line.includes('s3PayloadLocation')).map((line) => JSON.parse(line));
  const payloads = await Promise.all(
    said.map(async ({ s3PayloadLocation }) => {
      const name = s3PayloadLocation.slice('s3://my-turns/'.length);
      return JSON.parse(await text((await objects.read(scope, 'my-turns', name)).body));
    }),
  );
  const message = (value: string) => ({ role: 'USER', content: { text: value } });
  const about = {
    accountId: scope.account,
    memoryId,
    actorId: 'anna',
    sessionId: 's1',
    strategyId: own.strategyId,
  };
  expect(payloads).toEqual([
    {
      ...about,
      requestId: failed?.jobID,
      startingTimestamp: 1,
      endingTimestamp: 2,
      currentContext: [message('one'), { blob: 'two' }],
      historicalContext: [],
    },
    {
      ...about,
      requestId: said[1].jobId,
      startingTimestamp: 3,
      endingTimestamp: 3,
      currentContext: [message('three')],
      historicalContext: [{ blob: 'two' }],
    },
  ]);
  expect(extractor.asked).toEqual([]);
});

test('a job that ends the engine each time is given up', async () => {
  const { say, settled, store, extraction, extractor, records } = startExtraction(
    memoryOf(strategy('SEMANTIC')),
  );
  say('The cat is deadly');
  store.run('UPDATE extraction_jobs SET begun = 5');
  await settled();
  expect(extractor.asked).toEqual([]);
  const { jobs = [] } = await extraction.handlers.ListMemoryExtractionJobs({ memoryId }, call());
  expect(jobs[0]?.failureReason).toBe('CUSTOM_MODEL_BEDROCK_INTERNAL_ERROR');
  const extractionJob = { jobId: jobs[0]?.jobID ?? '' };
  await extraction.handlers.StartMemoryExtractionJob({ memoryId, extractionJob }, call());
  await settled();
  expect(records()).toEqual([[SEMANTIC, 'The cat is deadly']]);
});
