import { expect, test } from 'vitest';
import { fuzzHttp, fuzzStdio } from '../fuzz/mcp-run.ts';

const seed = Math.floor(Math.random() * 2 ** 31);

test.each(['legacy', 'modern'] as const)(
  '500 malformed messages over stdio, %s: no crash, no hang',
  async (era) => {
    const { answers, failures } = await fuzzStdio(500, seed, era);
    expect(failures, `seed ${seed}`).toEqual([]);
    for (const kind of ['result', '-32600', '-32601', '-32602'])
      expect(answers[kind], kind).toBeGreaterThan(0);
  },
);

test('500 malformed messages over HTTP: no 5xx, no hang', async () => {
  const { answers, failures } = await fuzzHttp(500, seed);
  expect(failures, `seed ${seed}`).toEqual([]);
  for (const status of ['200', '202', '400', '404']) expect(answers[status], status).toBeGreaterThan(0);
});
