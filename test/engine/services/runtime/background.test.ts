import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Turns } from '../../../../src/engine/services/runtime/background.ts';

const { signal } = new AbortController();

test('so many work at once, the others one after another, also after one that fails', async () => {
  const turns = new Turns(2);
  let now = 0;
  let most = 0;
  const ends = await Promise.allSettled(
    Array.from({ length: 9 }, (_, index) =>
      turns.run(signal, async () => {
        most = Math.max(most, ++now);
        await sleep(5);
        now--;
        if (index === 3) throw new Error('failed');
        return index;
      }),
    ),
  );
  expect(most).toBe(2);
  expect(ends.map((end) => (end.status === 'fulfilled' ? end.value : end.reason.message))).toEqual([
    0,
    1,
    2,
    'failed',
    4,
    5,
    6,
    7,
    8,
  ]);
});

test('who gives up waiting takes no turn', async () => {
  const turns = new Turns(1);
  const gate = Promise.withResolvers<void>();
  const first = turns.run(signal, () => gate.promise);
  const impatient = new AbortController();
  const second = turns.run(impatient.signal, async () => 'second');
  const third = turns.run(signal, async () => 'third');
  impatient.abort(new Error('gone'));
  await expect(second).rejects.toThrow('gone');
  gate.resolve();
  await first;
  expect(await third).toBe('third');
  expect(await turns.run(signal, async () => 'fourth')).toBe('fourth');
});
