import { expect, test } from 'vitest';
import { memoryOf, startExtraction, strategy } from './jobs-support.ts';

const SEMANTIC = '/semantic-0123456789/anna/';

test('turns that follow each other are learned from together, with what was before', async () => {
  const { say, settled, extractor, records } = startExtraction(memoryOf(strategy('SEMANTIC')));
  say('The cat is grey');
  say('The dog is brown');
  await settled();
  say('The bird is blue');
  await settled();
  expect(extractor.texts('extract')).toEqual([['The cat is grey', 'The dog is brown'], ['The bird is blue']]);
  expect(extractor.asked.at(-1)?.lesson.context.map(({ text }) => text)).toEqual([
    'The cat is grey',
    'The dog is brown',
  ]);
  expect(records()).toEqual([
    [SEMANTIC, 'The cat is grey'],
    [SEMANTIC, 'The dog is brown'],
    [SEMANTIC, 'The bird is blue'],
  ]);
});

test('candidates of one job see what came of those before them', async () => {
  const { say, settled, records, shelves } = startExtraction(memoryOf(strategy('SEMANTIC')));
  say('The cat is grey');
  await settled();
  const [before] = shelves.rows.values();
  say('The cat is old');
  say('The cat is black');
  say('The dog is young');
  say('The dog is tired');
  await settled();
  expect(records()).toEqual([
    [SEMANTIC, 'The cat is black'],
    [SEMANTIC, 'The dog is tired'],
  ]);
  expect([...shelves.rows.values()][0]?.id).toBe(before?.id);
});
