import { expect } from 'vitest';
import { testSandbox } from '../support/sandbox.ts';
import { fuzzServices } from './services-run.ts';

const seed = Math.floor(Math.random() * 2 ** 31);

testSandbox('200 hostile requests to real services: no crash, no 5xx, no lost session', async () => {
  const { statuses, failures } = await fuzzServices(200, seed);
  expect(failures, `seed ${seed}`).toEqual([]);
  for (const status of [200, 400]) expect(statuses[status], String(status)).toBeGreaterThan(0);
});
