import { expect, test } from 'vitest';
import { fuzzWire } from '../../fuzz/wire-run.ts';

test('2,000 malformed requests: no crash, no 5xx, no hang', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const { statuses, failures } = await fuzzWire(2000, seed);
  expect(failures, `seed ${seed}`).toEqual([]);
  for (const status of [200, 400, 403, 404, 413])
    expect(statuses[status], `status ${status}`).toBeGreaterThan(0);
});
