import { expect, onTestFinished, test } from 'vitest';
import { Clock } from '../../../../src/engine/clock.ts';
import type { Health } from '../../../../src/engine/contract/index.ts';
import { type Watched, watchHealth } from '../../../../src/engine/services/runtime/session-health.ts';

const healthy = async (): Promise<Health> => ({ status: 'Healthy' });
const busy = async (): Promise<Health> => ({ status: 'HealthyBusy' });
const silent = async (): Promise<Health> => {
  throw new Error('no answer');
};

/** Watches a session whose agent answers pings so, until its end or so many pings; answers the reason of the end. */
async function watch(pings: (number: number) => Promise<Health>, more: Partial<Watched> = {}, most = 30) {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  let reason: string | undefined;
  let asked = 0;
  await watchHealth(
    {
      clock: new Clock(),
      idleMs: 200,
      silenceMs: 400,
      users: () => 0,
      lastUsed: () => 0,
      onEnd: (end) => {
        reason = end;
      },
      ping() {
        if (++asked >= most) stop.abort();
        return pings(asked);
      },
      ...more,
    },
    stop.signal,
  );
  return { reason, asked };
}

test('an agent that says it is busy goes on; from then on it is idle for as long as it may be', async () => {
  expect((await watch(busy)).reason).toBeUndefined();
  expect((await watch((number) => (number < 8 ? busy() : healthy()))).reason).toBe('it was idle for 0.2 s');
});

test('an agent that answers no ping ends, sooner than it would be idle', async () => {
  const { reason, asked } = await watch(silent, { idleMs: 2_000, lastUsed: Date.now });
  expect(reason).toBe('it has not answered GET /ping for 0.4 s');
  expect(asked).toBeGreaterThan(1);
});

test('an answer in between begins the silence anew', async () => {
  const sometimes = (number: number) => (number % 3 === 0 ? busy() : silent());
  expect(
    (await watch(sometimes, { idleMs: 400, silenceMs: 1_500, lastUsed: Date.now }, 20)).reason,
  ).toBeUndefined();
});

test('a session is idle by the clock, also where that is moved', async () => {
  const clock = new Clock();
  const hour = 3_600_000;
  const used = clock.now();
  const watching = watch(healthy, { clock, idleMs: hour, lastUsed: () => used });
  await clock.advance(hour);
  expect(await watching).toEqual({ reason: 'it was idle for 3600 s', asked: 1 });
});

test('the time that an agent states is real time, of before a move or after it', async () => {
  const clock = new Clock();
  const before = Date.now() - 1;
  await clock.advance(3_600_000);
  const stating = (lastUpdate: number) => async (): Promise<Health> => ({ status: 'Healthy', lastUpdate });
  expect((await watch(stating(before), { clock })).asked).toBe(1);
  const { reason, asked } = await watch(stating(Date.now()), { clock });
  expect(reason).toBe('it was idle for 0.2 s');
  expect(asked).toBeGreaterThan(1);
});
