import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentLog } from '../../../../src/engine/log.ts';
import { Sessions } from '../../../../src/engine/services/code-interpreter/sessions.ts';
import { openStore } from '../../../../src/engine/store/sqlite.ts';
import { temporaryDir } from '../../../support/temporary.ts';
import { FakeSandboxes } from './fake-sandboxes.ts';

const scope = { account: '000000000000', region: 'us-east-1' };
const interpreter = 'aws.codeinterpreter.v1';
const reason = 'the engine was reset';
const stopping = {
  name: 'InternalServerException',
  message: 'No session can start: the engine was reset. Try again.',
};

function setUp() {
  const store = openStore(join(temporaryDir(), 'engine.db'));
  const sandboxes = new FakeSandboxes();
  const sessions = new Sessions({ store, sandboxes, log: silentLog });
  return { sandboxes, sessions };
}

test('a session that is starting while its service closes is closed with it, and nothing is noted of it', async () => {
  const { sandboxes, sessions } = setUp();
  const gate = Promise.withResolvers<void>();
  sandboxes.gate = gate.promise;
  const starting = expect(sessions.start(scope, { interpreter })).rejects.toMatchObject(stopping);
  let closed = false;
  const closing = sessions.close(reason).then(() => {
    closed = true;
  });
  await new Promise(setImmediate);
  expect(closed).toBe(false);

  gate.resolve();
  await Promise.all([starting, closing]);
  expect(sandboxes.open.size).toBe(0);
  expect(sessions.live).toBe(0);
  expect(sessions.list(scope, interpreter, { maxResults: 9 }).items).toEqual([]);
});

test('a service that has closed starts no session', async () => {
  const { sandboxes, sessions } = setUp();
  await sessions.close(reason);
  await expect(sessions.start(scope, { interpreter })).rejects.toMatchObject(stopping);
  expect(sandboxes.open.size).toBe(0);
});
