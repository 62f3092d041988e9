import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openStore } from '../../../src/engine/store/sqlite.ts';
import { temporaryDir } from '../../support/temporary.ts';

const writer = fileURLToPath(new URL('../../fixtures/store-writer.ts', import.meta.url));
const LANES = 2;
const FILES_PER_LANE = 4;
const KILLS_PER_FILE = 6;

/** Lets a writer run and kills it at a random moment. Resolves to the last step it said was durable. */
async function writeUntilKilled(file: string, acknowledgedBefore: number): Promise<number> {
  const child = spawn(process.execPath, [writer, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'close');
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  // Mostly while it writes, sometimes while it starts or recovers.
  if (Math.random() < 0.9) await Promise.race([once(child.stdout, 'data'), exited]);
  await sleep(Math.random() * 30);
  child.kill('SIGKILL');
  const [, signal] = await exited;
  expect(signal).toBe('SIGKILL');
  const complete = said.slice(0, said.lastIndexOf('\n') + 1).trim();
  return complete === '' ? acknowledgedBefore : Number(complete.split('\n').at(-1));
}

/** Everything acknowledged is there, at most the step in flight besides, and never a part of a step. */
function check(file: string, acknowledged: number) {
  const store = openStore(file);
  try {
    expect(store.db.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    const scope = { account: '000000000000', region: 'us-east-1' };
    const hasProgress = store.db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'progress'").get();
    const step = hasProgress ? Number(store.db.prepare('SELECT step FROM progress').get()?.step) : 0;
    expect(step).toBeGreaterThanOrEqual(acknowledged);
    expect(step).toBeLessThanOrEqual(acknowledged + 1);
    for (const kind of ['left', 'right']) {
      const ids = [...store.documents<string>(kind).all()].map(({ id, document }) => {
        if (document !== `${kind} ${id} `.repeat(300)) throw new Error(`${kind} ${id} is damaged`);
        return Number(id);
      });
      expect(ids).toEqual(Array.from({ length: step }, (_, index) => index + 1));
    }
    expect(store.documents<string>('left').get(scope, String(step + 1))).toBeUndefined();
    return step;
  } finally {
    store.close();
  }
}

async function killOften(file: string): Promise<number> {
  let step = 0;
  for (let kill = 0; kill < KILLS_PER_FILE; kill++) step = check(file, await writeUntilKilled(file, step));
  return step;
}

const kills = LANES * FILES_PER_LANE * KILLS_PER_FILE;

test(`${kills} SIGKILLs of a writer lose nothing acknowledged`, { timeout: 300_000 }, async () => {
  const dir = temporaryDir();
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    for (let index = 0; index < FILES_PER_LANE; index++) {
      const steps = await killOften(join(dir, `${lane}-${index}.db`));
      expect(steps).toBeGreaterThan(KILLS_PER_FILE);
    }
  });
  await Promise.all(lanes);
});
