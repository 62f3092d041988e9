import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { silentLog } from '../../../../src/engine/log.ts';
import { Background, Turns } from '../../../../src/engine/services/runtime/background.ts';

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

test('jobs count, chores do not, and the end waits for both', async () => {
  const background = new Background(silentLog);
  const ended: string[] = [];
  const untilClosed = (name: string) => async (signal: AbortSignal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    ended.push(name);
  };
  background.run('A job', untilClosed('job'));
  background.chore('A chore', untilClosed('chore'));
  expect(background.size).toBe(1);
  await background.close();
  expect(ended.toSorted()).toEqual(['chore', 'job']);
  expect(background.size).toBe(0);
});
