import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { searchOperations } from '../../src/agentcore/api/search.ts';
import { operations } from '../../src/engine/wire/operations.ts';

interface Query {
  /** `tune`: the words of words.ts were chosen with these in view. `fresh`: written afterwards, never tuned for. */
  set: string;
  words: string;
  expected: string[];
}

const [, ...lines] = readFileSync(new URL('../fixtures/api-queries.tsv', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const queries: Query[] = lines.map((line) => {
  const [set = '', words = '', expected = ''] = line.split('\t');
  return { set, words, expected: expected.split(',') };
});

const rankOf = async ({ words, expected }: Query) => {
  const hits = await searchOperations(words, { limit: 5 });
  return hits.findIndex(({ operation }) => expected.includes(operation.name));
};

test('the table of queries is large and names real operations', () => {
  expect(queries.length).toBeGreaterThanOrEqual(60);
  expect(queries.flatMap(({ expected }) => expected).filter((name) => !operations.has(name))).toEqual([]);
});

describe.each([
  { set: 'tune', first: 0.83, five: 0.96 },
  { set: 'fresh', first: 0.7, five: 0.87 },
])('plain words, $set', ({ set, first, five }) => {
  let ranks: number[];
  beforeAll(async () => {
    ranks = await Promise.all(queries.filter((query) => query.set === set).map(rankOf));
  });
  const share = (fits: (rank: number) => boolean) => ranks.filter(fits).length / ranks.length;

  test(`the right operation comes first in ${first * 100} % of the queries`, () => {
    expect(share((rank) => rank === 0)).toBeGreaterThanOrEqual(first);
  });
  test(`and is among the first five in ${five * 100} %`, () => {
    expect(share((rank) => rank >= 0)).toBeGreaterThanOrEqual(five);
  });
});

test.each([...operations.keys()])('%s is found by the words of its name', async (name) => {
  const words = name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, ' ').toLowerCase();
  const hits = await searchOperations(words, { limit: 3 });
  expect(hits.map(({ operation }) => operation.name)).toContain(name);
});

test('every operation comes with a sentence', async () => {
  const hits = await searchOperations('agent memory gateway browser code policy payment list create', {
    limit: 1000,
  });
  expect(hits.length).toBeGreaterThan(200);
  for (const { summary } of hits) expect(summary).toMatch(/^[A-Z][^<>]*\.$/);
});

test('one plane alone can be searched, and nothing is found for nothing', async () => {
  const hits = await searchOperations('browser session', { plane: 'control', limit: 50 });
  expect(new Set(hits.map(({ operation }) => operation.plane))).toEqual(new Set(['control']));
  expect(await searchOperations('the of a')).toEqual([]);
  expect(await searchOperations('¡¿"*() ')).toEqual([]);
  expect(await searchOperations('x'.repeat(300))).toEqual([]);
});
