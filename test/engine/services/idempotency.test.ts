import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createLog } from '../../../src/engine/log.ts';
import { Idempotency } from '../../../src/engine/services/idempotency.ts';
import { openStore } from '../../../src/engine/store/sqlite.ts';
import { temporaryDir } from '../../support/temporary.ts';

const scope = { account: '000000000000', region: 'us-east-1' };
const HOUR_MS = 3600 * 1000;

function setUp() {
  const lines: string[] = [];
  const log = createLog({ level: 'error', write: (line) => lines.push(line) });
  const store = openStore(join(temporaryDir(), 'engine.db'));
  const idempotency = new Idempotency({ store, log });
  let done = 0;
  const work = async () => ++done;
  const ask = (clientToken: string, act = work) => idempotency.once(scope, 'Start', { clientToken }, act);
  return { lines, store, idempotency, work, ask, kept: () => [...store.documents('idempotency').all()] };
}

test('a result that cannot be remembered is answered all the same, and logged', async () => {
  const { lines, store, work, ask } = setUp();
  const answer = await ask('token', async () => {
    store.db.exec('PRAGMA query_only = ON');
    return work();
  });
  expect(answer).toBe(1);
  expect(lines).toEqual([expect.stringMatching(/The result of Start\/token is not remembered.*read-only/)]);
});

test('a sweep forgets what is older than a day, and nothing else', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const { idempotency, ask, kept } = setUp();
  await ask('old');
  vi.setSystemTime(Date.now() + 20 * HOUR_MS);
  await ask('new');
  vi.setSystemTime(Date.now() + 5 * HOUR_MS);
  idempotency.sweep();
  expect(kept().map(({ id }) => id)).toEqual(['Start/new']);
  expect(await ask('new')).toBe(2);
  expect(await ask('old')).toBe(3);
});
