import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lockDataDir } from '../../../src/engine/process/lock.ts';
import { Fixture } from '../../support/engine.ts';
import { temporaryDir } from '../../support/temporary.ts';

const tryInAnotherProcess = (dir: string) => new Fixture('lock-holder.ts', [dir]).line<true | string>();

test('one holder at a time, in this process or another, until it is released', async () => {
  const dir = temporaryDir();
  const lock = await lockDataDir(dir, 0);
  await expect(lockDataDir(dir, 100)).rejects.toThrow(/Another engine is running on the data directory/);
  expect(await tryInAnotherProcess(dir), 'after a failed attempt in the holding process').toBe(
    'DataDirTakenError',
  );
  lock.release();
  expect(await tryInAnotherProcess(dir)).toBe(true);
  expect(readdirSync(dir)).toEqual(['engine.lock']);
});

test('of many processes at once exactly one gets it, and SIGKILL gives it back', {
  timeout: 60_000,
}, async () => {
  const dir = temporaryDir();
  const holders = Array.from({ length: 5 }, () => new Fixture('lock-holder.ts', [dir]));
  const answers = await Promise.all(holders.map((holder) => holder.line()));
  expect(answers.filter((answer) => answer === true)).toHaveLength(1);
  await expect(lockDataDir(dir, 0)).rejects.toThrow();
  await holders[answers.indexOf(true)]?.kill('SIGKILL');
  (await lockDataDir(dir, 0)).release();
});

test('a holder notices that its directory was removed, even when it was made anew', async () => {
  const dir = temporaryDir();
  const lock = await lockDataDir(dir, 0);
  expect(lock.holds()).toBe(true);
  rmSync(dir, { recursive: true });
  expect(lock.holds()).toBe(false);
  mkdirSync(dir);
  const another = await lockDataDir(dir, 0);
  expect(lock.holds()).toBe(false);
  expect(another.holds()).toBe(true);
  lock.release();
  another.release();
});
