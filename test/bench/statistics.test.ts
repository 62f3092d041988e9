import { describe, expect, test } from 'vitest';
import { markdown, shown, verdict } from '../../bench/harness/report.ts';
import { byTurns } from '../../bench/harness/rounds.ts';
import { differences, quantile, ratios, slope, summarize } from '../../bench/harness/statistics.ts';

test('quantiles lie between neighbours in proportion, whatever the order', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([10, 30, 20], 0.25)).toBe(15);
  expect([quantile([7], 0.95), quantile([1, 2], 0), quantile([1, 2], 1)]).toEqual([7, 1, 2]);
  expect(() => quantile([], 0.5)).toThrow(RangeError);
});

test('a summary has quartiles and the 95th percentile', () => {
  const values = Array.from({ length: 101 }, (_, index) => index);
  expect(summarize(values)).toEqual({ count: 101, lower: 25, median: 50, upper: 75, p95: 95 });
});

test('series are compared round by round', () => {
  expect(ratios([2, 9], [1, 3])).toEqual([2, 3]);
  expect(differences([2, 9], [1, 3])).toEqual([1, 6]);
  expect(() => ratios([1, 2], [1])).toThrow('Series of 2 and of 1 rounds have no pairs.');
});

test('a slope is by least squares, and none where there is no telling', () => {
  expect(slope([0, 1, 2].map((x) => [x, 2 * x + 1]))).toBeCloseTo(2);
  expect([slope([]), slope([[1, 5]])]).toEqual([0, 0]);
});

test('subjects are measured by turns, warm-up rounds do not count', async () => {
  const calls: string[] = [];
  const subject = (name: string) => async () => calls.push(name);
  const series = await byTurns({ a: subject('a'), b: subject('b') }, { rounds: 2, warmUp: 1 });
  expect(calls.join('')).toBe('ababab');
  expect(series).toEqual({ a: [3, 5], b: [4, 6] });
});

test('a subject that does not end is given up', async () => {
  const never = () => new Promise<number>(() => {});
  await expect(byTurns({ never }, { rounds: 1, deadlineMs: 20 })).rejects.toThrow(
    /never: no end within 20 ms/,
  );
});

describe('a goal', () => {
  test.each([
    [{ most: 5 }, 5, 'at most 5.00 ms: met'],
    [{ most: 5 }, 6, 'at most 5.00 ms: missed by 20%'],
    [{ least: 3 }, 3.2, 'at least 3.00 ms: met'],
    [{ least: 3 }, 1.5, 'at least 3.00 ms: missed by 50%'],
  ])('%o with %d', (goal, value, text) => {
    expect(verdict(goal, value, 'ms')).toBe(text);
  });
});

test('figures are shown with the digits that are worth reading', () => {
  expect([shown(1234.5, 'ms'), shown(12.34, '×'), shown(0.126, '/s')]).toEqual([
    '1,235 ms',
    '12.3×',
    '0.13/s',
  ]);
});

test('a table escapes what would end a cell', () => {
  expect(markdown({ head: ['a', 'b'], rows: [['1|2', '3']] })).toBe(
    '| a | b |\n| --- | --- |\n| 1\\|2 | 3 |',
  );
});
