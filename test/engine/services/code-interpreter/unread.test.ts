import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Clock } from '../../../../src/engine/clock.ts';
import { createLog } from '../../../../src/engine/log.ts';
import { createCodeInterpreter } from '../../../../src/engine/services/code-interpreter/index.ts';
import { Idempotency } from '../../../../src/engine/services/idempotency.ts';
import { Tags } from '../../../../src/engine/services/tags.ts';
import { openStore } from '../../../../src/engine/store/sqlite.ts';
import { temporaryDir } from '../../../support/temporary.ts';
import { FakeSandboxes } from './fake-sandboxes.ts';

const call = {
  account: '000000000000',
  region: 'us-east-1',
  requestId: 'the-request',
  headers: new Map(),
  origin: 'http://127.0.0.1',
  signal: new AbortController().signal,
};

function setUp() {
  const lines: string[] = [];
  const log = createLog({ level: 'warn', write: (line) => lines.push(line) });
  const sandboxes = new FakeSandboxes();
  const store = openStore(join(temporaryDir(), 'engine.db'));
  const idempotency = new Idempotency({ store, log });
  const { handlers } = createCodeInterpreter({
    ...{ store, sandboxes, log, idempotency },
    tags: new Tags(store),
    clock: new Clock(),
    agents: { allowHosts: [], strictRuntime: false },
  });
  const invoke = () =>
    handlers.agentcore?.InvokeCodeInterpreter?.(
      {
        codeInterpreterIdentifier: 'aws.codeinterpreter.v1',
        name: 'executeCode',
        arguments: { language: 'python', code: '1' },
      },
      call,
    );
  return { lines, sandboxes, invoke };
}

test('a fault of a call whose answer nobody reads is logged, with the name of the operation', async () => {
  const { lines, invoke } = setUp();
  await invoke();
  await new Promise(setImmediate);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    {
      level: 'warn',
      message: expect.stringMatching(/^InvokeCodeInterpreter failed/),
      requestId: 'the-request',
      error: expect.stringContaining('A fake sandbox runs nothing.'),
    },
  ]);
});

test('the end of a session under a call that nobody reads is no fault', async () => {
  const { lines, sandboxes, invoke } = setUp();
  sandboxes.endsWhenUsed = true;
  await invoke();
  await new Promise(setImmediate);
  expect(lines).toEqual([]);
});
