import { expect, test } from 'vitest';
import { soak } from '../../bench/soak/run.ts';
import { judge } from '../../bench/soak/verdict.ts';
import type { Sample } from '../../bench/soak/watch.ts';
import { describeSandbox } from '../support/sandbox.ts';

const SECONDS = 5;

describeSandbox('soak', () => {
  test('nothing fails, nothing is left behind, and it ends in order when interrupted', {
    timeout: 180_000,
  }, async () => {
    const interrupted = new AbortController();
    const { samples, failures, sessions } = await soak({
      seconds: 600,
      signal: interrupted.signal,
      progress: ({ seconds, sessions }) => seconds > SECONDS && sessions > 3 && interrupted.abort(),
    });
    expect(failures).toEqual([]);
    expect(sessions).toBeGreaterThan(3);
    for (const measure of ['engineRss', 'enginePss', 'treePss', 'descriptors', 'treeMounts', 'disk'] as const)
      expect(Math.min(...samples.map((sample) => sample[measure])), measure).toBeGreaterThan(0);
    expect(Math.max(...samples.map(({ treeProcesses }) => treeProcesses))).toBeGreaterThan(1);
  });
});

/** Forty samples, a second apart, with one measure as told. */
function samplesWith(measure: keyof Sample, valueAt: (second: number) => number): Sample[] {
  const sample = {
    ...{ engineRss: 100, enginePss: 100, treePss: 300, descriptors: 40, treeProcesses: 10, treeMounts: 100 },
    ...{ machineProcesses: 100, machineMounts: 20, disk: 10 },
  };
  return Array.from({ length: 40 }, (_, seconds) => ({
    ...sample,
    ...{ seconds, sessions: seconds },
    [measure]: valueAt(seconds),
  }));
}

function grown(samples: readonly Sample[]): string[] {
  const { flat, table } = judge(samples);
  const names = table.rows.filter((row) => row.at(-1) === 'GREW').map(([what = '']) => what);
  expect(flat).toBe(names.length === 0);
  return names;
}

test('what grows by the second is no longer flat, and is named', () => {
  expect(grown(samplesWith('engineRss', (second) => 100 + 2 * second))).toEqual(['Engine, resident']);
  expect(grown(samplesWith('descriptors', (second) => 40 + second))).toEqual(['Descriptors of the engine']);
});

test('what varies, warms up or has one late peak is flat', () => {
  expect(grown(samplesWith('treePss', (second) => 300 + 150 * (second % 2)))).toEqual([]);
  expect(grown(samplesWith('engineRss', (second) => Math.min(100, 50 + 10 * second)))).toEqual([]);
  expect(grown(samplesWith('engineRss', (second) => (second === 38 ? 900 : 100)))).toEqual([]);
});

test('too few samples are no ground for a verdict', () => {
  expect(() => judge(samplesWith('disk', () => 1).slice(0, 3))).toThrow('3 samples are too few');
});
