import { readFileSync } from 'node:fs';
import { StartCodeInterpreterSessionCommand } from '@aws-sdk/client-bedrock-agentcore';
import { expect, test } from 'vitest';
import type { ServiceSettings } from '../../../src/engine/process/settings.ts';
import { ensureEngine, findEngine } from '../../../src/engine/process.ts';
import { dataClient, ensured } from '../../support/engine.ts';
import { testSandbox } from '../../support/sandbox.ts';
import { temporaryDir } from '../../support/temporary.ts';

const minute = { timeout: 60_000 };
const local: ServiceSettings = {
  model: { provider: 'openai', url: 'http://127.0.0.1:1/v1', model: 'small' },
  embedding: { provider: 'openai', url: 'http://127.0.0.1:1/v1', model: 'bge-m3' },
};
const other: ServiceSettings = { agents: { allowHosts: ['db.internal'], strictRuntime: false } };

test('settings reach the engine, and its introduction says which models answer', minute, async () => {
  const engine = await ensured(temporaryDir(), local);
  expect(engine.model).toContain('small');
  expect(engine.notice).toBeUndefined();
  expect(engine.embedder).toContain('bge-m3');
});

test(
  'other settings replace an engine that nobody uses; the same ones, and none, keep it',
  minute,
  async () => {
    const dataDir = temporaryDir();
    const unset: ServiceSettings = { ...local, browser: { path: undefined } };
    const first = await ensured(dataDir, unset);
    expect((await ensureEngine({ dataDir, ...unset })).pid).toBe(first.pid);
    expect((await ensureEngine({ dataDir })).pid).toBe(first.pid);
    const second = await ensureEngine({ dataDir, ...other });
    expect(second.pid).not.toBe(first.pid);
    expect(second.model).toBeUndefined();
    expect(second.embedder).toContain('Universal Sentence Encoder');
  },
);

testSandbox('an engine with a live session is kept, and the caller told', minute, async () => {
  const dataDir = temporaryDir();
  const first = await ensured(dataDir, local);
  const start = { codeInterpreterIdentifier: 'aws.codeinterpreter.v1' };
  await dataClient(first).send(new StartCodeInterpreterSessionCommand(start));
  const found = await ensureEngine({ dataDir, ...other });
  expect(found.pid).toBe(first.pid);
  expect(found.notice).toMatch(/other settings .* has 1 live session.* --stop --data-dir /);
  expect((await findEngine(dataDir, other))?.notice).toBe(found.notice);
  expect((await findEngine(dataDir, local))?.notice).toBeUndefined();
  expect((await findEngine(dataDir))?.notice).toBeUndefined();
});

test.runIf(process.platform === 'linux')('a key is on no command line', minute, async () => {
  const apiKey = 'sk-0123456789abcdefghij';
  const { pid } = await ensured(temporaryDir(), {
    model: { provider: 'openai', url: 'http://127.0.0.1:1/v1', apiKey },
  });
  expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(apiKey);
});
