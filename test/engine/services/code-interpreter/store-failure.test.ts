import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLog, silentLog } from '../../../../src/engine/log.ts';
import { createSandboxes } from '../../../../src/engine/sandbox/index.ts';
import type { CodeSessionRow } from '../../../../src/engine/services/code-interpreter/sessions.ts';
import { Sessions } from '../../../../src/engine/services/code-interpreter/sessions.ts';
import { openStore } from '../../../../src/engine/store/sqlite.ts';
import { until } from '../../../support/engine.ts';
import { describeSandbox } from '../../../support/sandbox.ts';
import { temporaryDir } from '../../../support/temporary.ts';
import { FakeSandboxes } from './fake-sandboxes.ts';

const scope = { account: '000000000000', region: 'us-east-1' };
const interpreter = 'aws.codeinterpreter.v1';

/** The sandboxes that this process has. */
function running(): number {
  const names = readdirSync(`/proc/${process.pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${process.pid}/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()),
  );
  return names.filter((name) => name === 'bwrap').length;
}

describeSandbox('a store that fails leaves no sandbox behind', () => {
  const setUp = () => {
    const store = openStore(join(temporaryDir(), 'engine.db'));
    const sessions = new Sessions({ store, sandboxes: createSandboxes({}), log: silentLog });
    return { store, sessions };
  };

  test('where a session cannot be noted', async () => {
    const { store, sessions } = setUp();
    store.close();
    const before = running();
    await expect(sessions.start(scope, { interpreter })).rejects.toThrow();
    expect(running()).toBe(before);
    expect(sessions.live).toBe(0);
  });

  test('where the end of a session cannot be noted', async () => {
    const { store, sessions } = setUp();
    const before = running();
    await sessions.start(scope, { interpreter });
    expect(running()).toBe(before + 1);
    store.close();
    await sessions.close();
    expect(running()).toBe(before);
  });
});

/** Sessions whose store can be read and, while told so, not written. */
function setUp() {
  const store = openStore(join(temporaryDir(), 'engine.db'));
  const sandboxes = new FakeSandboxes();
  const lines: string[] = [];
  const log = createLog({ level: 'error', write: (line) => lines.push(line) });
  return {
    sandboxes,
    lines,
    sessions: new Sessions({ store, sandboxes, log }),
    next: () => new Sessions({ store, sandboxes, log }),
    writable: (yes: boolean) => store.db.exec(`PRAGMA query_only = ${yes ? 'OFF' : 'ON'}`),
    stored: (id: string) => store.documents<CodeSessionRow>('code-interpreter-session').get(scope, id),
  };
}

test.each<[string, string, (sandboxes: FakeSandboxes, id: string) => void]>([
  ['crashes', 'it crashed', (sandboxes, id) => sandboxes.crash(id, 'it crashed')],
  ['reaches the end of its time', 'its time to live of 0.2 s was over', () => {}],
])('a session that %s while the store fails is TERMINATED all the same', async (_, ending, end) => {
  const { sandboxes, sessions, writable, stored, lines } = setUp();
  const { sessionId } = await sessions.start(scope, { interpreter, timeoutSeconds: 0.2 });
  writable(false);
  end(sandboxes, sessionId);
  await until(() => sessions.live === 0);
  const ended = { status: 'TERMINATED', ending };
  expect(stored(sessionId)?.status).toBe('READY');
  expect(sessions.get(scope, interpreter, sessionId)).toMatchObject(ended);
  const listed = (status: string) => sessions.list(scope, interpreter, { maxResults: 9, status }).items;
  expect(listed('READY')).toEqual([]);
  expect(listed('TERMINATED')).toMatchObject([ended]);
  expect(() => sessions.running(scope, interpreter, sessionId)).toThrow(ending);
  expect(lines).toEqual([expect.stringMatching(/cannot be stored yet.*read-only/)]);
  expect(lines[0]).toContain(sessionId);

  writable(true);
  const other = await sessions.start(scope, { interpreter });
  expect(stored(sessionId)).toMatchObject(ended);
  expect(sessions.get(scope, interpreter, sessionId)).toMatchObject(ended);
  await sessions.stop(scope, interpreter, other.sessionId);
});

test('a session can be stopped while the store fails, and the next engine ends its row', async () => {
  const { sandboxes, sessions, next, writable, stored } = setUp();
  const { sessionId } = await sessions.start(scope, { interpreter });
  writable(false);
  expect(await sessions.stop(scope, interpreter, sessionId)).toMatchObject({
    status: 'TERMINATED',
    ending: 'it was stopped',
  });
  expect(sandboxes.open.size).toBe(0);
  const ended = { status: 'TERMINATED', ending: expect.stringContaining('without warning') };
  expect(next().get(scope, interpreter, sessionId)).toMatchObject(ended);
  expect(stored(sessionId)?.status).toBe('READY');
  writable(true);
  next();
  expect(stored(sessionId)).toMatchObject(ended);
});

test('a sandbox that does not close is told to the log, where nobody waits for it', async () => {
  const { sandboxes, sessions, lines } = setUp();
  sandboxes.closing = async () => {
    throw new Error('stuck');
  };
  const { sessionId } = await sessions.start(scope, { interpreter });
  sandboxes.crash(sessionId, 'it crashed');
  await until(() => lines.length > 0);
  expect(lines).toEqual([expect.stringMatching(new RegExp(`${sessionId} did not close.*stuck`))]);
});
