import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Clock } from '../../src/engine/clock.ts';

const MONTH_MS = 30 * 24 * 3600 * 1000;

test('shows real time until it is moved, and real time again after a reset', async () => {
  const clock = new Clock();
  const ahead = () => clock.now() - Date.now();
  expect(Math.abs(ahead())).toBeLessThanOrEqual(1);
  await clock.advance(MONTH_MS);
  await clock.advance(1);
  expect(clock.offsetMs).toBe(MONTH_MS + 1);
  expect(Math.abs(ahead() - MONTH_MS - 1)).toBeLessThanOrEqual(1);
  clock.reset();
  expect(Math.abs(ahead())).toBeLessThanOrEqual(1);
});

test('what has become due runs at once, in order, and nothing else does', async () => {
  const clock = new Clock();
  const ran: string[] = [];
  clock.after(3 * MONTH_MS, () => ran.push('third'));
  clock.after(MONTH_MS, () => {
    ran.push('first');
    cancelled.cancel();
    clock.after(10 * MONTH_MS, () => ran.push('last'));
  });
  const cancelled = clock.after(MONTH_MS + 1, () => ran.push('cancelled'));
  clock.after(2 * MONTH_MS, () => ran.push('second'));
  await clock.advance(MONTH_MS - 5_000);
  expect(ran).toEqual([]);
  await clock.advance(MONTH_MS + 5_000);
  expect(ran).toEqual(['first', 'second']);
  await clock.advance(9 * MONTH_MS);
  expect(ran).toEqual(['first', 'second', 'third']);
  await clock.advance(MONTH_MS);
  expect(ran).toEqual(['first', 'second', 'third', 'last']);
});

test('what is due in months waits for them, and for what is left of them after a move', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const clock = new Clock();
  const action = vi.fn();
  clock.after(3 * MONTH_MS, action);
  await clock.advance(MONTH_MS);
  vi.advanceTimersByTime(2 * MONTH_MS - 1);
  expect(action).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(action).toHaveBeenCalledOnce();
});

test('sleep ends by time, by a move and by its signal', async () => {
  const clock = new Clock();
  await clock.sleep(1);
  const moved = clock.sleep(MONTH_MS);
  await clock.advance(MONTH_MS);
  await moved;
  const stop = new AbortController();
  const stopped = clock.sleep(MONTH_MS, stop.signal);
  stop.abort();
  await stopped;
  await clock.sleep(MONTH_MS, stop.signal);
});

test('knows what it showed at a moment', async () => {
  const clock = new Clock();
  const before = Date.now();
  await sleep(5);
  await clock.advance(1_000);
  await sleep(5);
  const after = Date.now();
  expect([clock.at(before), clock.at(after)]).toEqual([before, after + 1_000]);
});

test('is not moved back, by fractions, or out of time', async () => {
  const clock = new Clock();
  for (const ms of [-1, 0.5, Number.NaN, 2 ** 53 - 1]) {
    await expect(clock.advance(ms)).rejects.toThrow(RangeError);
  }
  expect(clock.offsetMs).toBe(0);
});
