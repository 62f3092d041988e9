import { expect, test } from 'vitest';
import { key, memoryOf, startExtraction, strategy } from './jobs-support.ts';

const SEMANTIC = '/semantic-0123456789/anna/';
const SUMMARY = '/summarization-0123456789/anna/s1/';
const EPISODE = '/episodic-0123456789/anna/s1/';
const MINUTE_MS = 60_000;

test('turns that follow each other are learned from together, with what was before', async () => {
  const { say, settled, extractor, records } = startExtraction(memoryOf(strategy('SEMANTIC')));
  say('The cat is grey');
  say('The dog is brown');
  await settled();
  say('The bird is blue');
  await settled();
  expect(extractor.texts('extract')).toEqual([['The cat is grey', 'The dog is brown'], ['The bird is blue']]);
  const { lesson } = extractor.asked.at(-1) ?? {};
  expect(lesson?.context.map(({ text }) => text)).toEqual(['The cat is grey', 'The dog is brown']);
  expect(records()).toEqual([
    [SEMANTIC, 'The cat is grey'],
    [SEMANTIC, 'The dog is brown'],
    [SEMANTIC, 'The bird is blue'],
  ]);
});

test('nobody waits forever for a session to be quiet', async () => {
  const { say, clock, extractor } = startExtraction(memoryOf(strategy('SEMANTIC')));
  for (let count = 0; extractor.asked.length === 0; count++) {
    expect(count).toBeLessThan(20);
    say(`The number is ${count}`);
    await clock.advance(200);
  }
});

test('candidates of one job see what came of those before them', async () => {
  const { say, settled, records, shelves } = startExtraction(memoryOf(strategy('SEMANTIC')));
  say('The cat is grey');
  await settled();
  const [before] = shelves.rows.values();
  for (const text of ['The cat is old', 'The cat is black', 'The dog is young', 'The dog is tired'])
    say(text);
  await settled();
  expect(records()).toEqual([
    [SEMANTIC, 'The cat is black'],
    [SEMANTIC, 'The dog is tired'],
  ]);
  expect([...shelves.rows.values()][0]?.id).toBe(before?.id);
});

test('a decision removes what it makes untrue, and changes nothing that it was not shown', async () => {
  const { say, settled, extractor, shelves, records } = startExtraction(memoryOf(strategy('SEMANTIC')));
  const [foreign] = shelves.create(key, [{ text: 'The secret is safe', namespace: '/elsewhere/' }]);
  say('The cat is grey');
  await settled();
  const [own] = [...shelves.rows.values()].slice(-1);
  const ids = [own?.id ?? '', foreign?.id ?? ''];
  extractor.decision = {
    kind: 'update',
    recordId: foreign?.id ?? '',
    text: 'The cat is gone',
    supersedes: ids,
  };
  say('anything');
  await settled();
  expect(records()).toEqual([
    ['/elsewhere/', 'The secret is safe'],
    [SEMANTIC, 'The cat is gone'],
  ]);
});

test('what must not be learned from is not', async () => {
  const inactive = strategy('USER_PREFERENCE', { status: 'DELETING' });
  const custom = strategy('SEMANTIC', { strategyId: 'team-0123456789', namespaces: ['/team/{team}/'] });
  const memory = memoryOf(strategy('SEMANTIC'), inactive, custom);
  memory.namespaceKeys.push({ key: 'team', validation: { allowedValues: ['red', 'blue'] } });
  const { say, settled, extractor, shelves, extraction, records } = startExtraction(memory);
  say('skipped', { extractionMode: 'SKIP' });
  say([{ blob: { a: 1 } }]);
  say([{ conversational: { role: 'TOOL', content: { text: 'a tool says' } } }]);
  expect(extraction.live()).toBe(0);
  const deleted = say('The cat is deleted');
  shelves.events.splice(shelves.events.indexOf(deleted), 1);
  await settled();
  expect(extractor.asked).toEqual([]);
  say([{ json: { content: { city: 'Rome' } } }], { namespaceVariables: { team: 'red' } });
  say('The dog is red', { namespaceVariables: { team: 'green' } });
  await settled();
  expect(records().sort()).toEqual([
    [SEMANTIC, 'The dog is red'],
    [SEMANTIC, '{"city":"Rome"}'],
    ['/team/red/', '{"city":"Rome"}'],
  ]);
});

test('a summary is kept up to date, and its records keep their ids', async () => {
  const { say, settled, records, shelves } = startExtraction(memoryOf(strategy('SUMMARIZATION')));
  say('one');
  await settled();
  say([{ conversational: { role: 'TOOL', content: { text: 'two' } } }]);
  await settled();
  const ids = [...shelves.rows.keys()];
  say('three');
  await settled();
  expect(records().sort()).toEqual([
    [SUMMARY, 'three'],
    [SUMMARY, 'two'],
  ]);
  expect([...shelves.rows.keys()]).toEqual(ids);
});

test('an episode is kept when it has ended, or when nothing comes for long, and reflected on', async () => {
  const reflection = { namespaces: ['/{memoryStrategyId}/{actorId}/'] };
  const configuration = { reflection: { episodicReflectionConfiguration: reflection } };
  const { say, settled, clock, extractor, shelves, extraction } = startExtraction(
    memoryOf(strategy('EPISODIC', { configuration })),
  );
  const records = () =>
    [...shelves.rows.values()].map(({ namespace, text, type }) => [namespace, type, text]);
  say('begin');
  await settled();
  expect(records()).toEqual([]);
  expect(extraction.live()).toBe(0);
  say('done');
  await settled();
  const shared = '/episodic-0123456789/anna/';
  const first = [EPISODE, 'BASE', 'begin, done'];
  expect(records()).toEqual([first, [shared, 'REFLECTION', 'learned 11']]);
  say('again', { sessionId: 's2' });
  await settled();
  await clock.advance(16 * MINUTE_MS);
  await expect
    .poll(records)
    .toEqual([first, [shared, 'REFLECTION', 'learned 11 5'], [EPISODE.replace('s1', 's2'), 'BASE', 'again']]);
  const reflected = extractor.asked.filter(({ what }) => what === 'reflect');
  expect(reflected.map(({ episodes }) => episodes)).toEqual([[], ['begin, done']]);
  expect(extractor.asked.filter(({ what }) => what === 'episode').map(({ final }) => final)).toEqual([
    false,
    false,
    false,
    true,
  ]);
});

test('metadata is that of the schema, and what is strictly consistent keeps apart', async () => {
  const entry = { key: 'project', type: 'STRING', extractionType: 'STRICTLY_CONSISTENT' } as const;
  const memoryRecordSchema = { metadataSchema: [entry, { key: 'mood', type: 'STRING' } as const] };
  const { say, settled, shelves } = startExtraction(memoryOf(strategy('SEMANTIC', { memoryRecordSchema })));
  const metadata = (project: string) => ({ metadata: { project, other: 'x' } });
  say('The colour is red', metadata('a'));
  say('The colour is blue', metadata('b'));
  say('The colour is green', metadata('a'));
  say('The colour is grey');
  await settled();
  const records = [...shelves.rows.values()].map(({ text, metadata }) => [text, metadata]);
  const mood = { stringValue: 'good' };
  expect(records).toEqual([
    ['The colour is green', { mood, project: { stringValue: 'a' } }],
    ['The colour is blue', { mood, project: { stringValue: 'b' } }],
    ['The colour is grey', { mood }],
  ]);
});

test('jobs of one namespace run in order, of others at once', async () => {
  const { say, settled, extractor, records } = startExtraction(memoryOf(strategy('SEMANTIC')));
  const running = new Map<string, number>();
  let most = 0;
  extractor.before = async (what, { actorId, sessionId }) => {
    if (what !== 'extract') return;
    running.set(actorId, (running.get(actorId) ?? 0) + 1);
    expect(running.get(actorId)).toBe(1);
    most = Math.max(most, [...running.values()].filter(Boolean).length);
    await new Promise((resolve) => setTimeout(resolve, sessionId === 's0' ? 30 : 10));
    running.set(actorId, 0);
  };
  for (const session of ['s0', 's1', 's2'])
    for (const actorId of ['anna', 'ben', 'cleo', 'dora', 'emil', 'fred'])
      say(`The last of ${actorId} is ${session}`, { actorId, sessionId: session });
  await settled();
  expect(records().filter(([, text]) => text?.endsWith(' is s2'))).toHaveLength(6);
  expect(records()).toHaveLength(6);
  expect(most).toBe(4);
});
