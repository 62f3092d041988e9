import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { silentLog } from '../../../../src/engine/log.ts';
import { findInterpreter } from '../../../../src/engine/sandbox/interpreters.ts';
import type { Sandbox, SandboxProvider } from '../../../../src/engine/sandbox/sandbox.ts';
import { Bytecode } from '../../../../src/engine/services/runtime/session-bytecode.ts';
import type { Target } from '../../../../src/engine/services/runtime/target.ts';
import { sandboxes, testSandbox } from '../../../support/sandbox.ts';
import { temporaryDir } from '../../../support/temporary.ts';

testSandbox('code that takes too long to be compiled is given up', async () => {
  const codeFolder = temporaryDir();
  const code = 'a = 1\n'.repeat(2_000_000);
  for (let i = 0; i < 12; i++) writeFileSync(join(codeFolder, `long${i}.py`), code);
  const started = Promise.withResolvers<Sandbox>();
  const watched: SandboxProvider = {
    ...sandboxes,
    async start(...spec) {
      const sandbox = await sandboxes.start(...spec);
      started.resolve(sandbox);
      return sandbox;
    },
  };
  const bytecode = new Bytecode({ sandboxes: watched, log: silentLog, deadlineMs: 500 });
  const target = {
    scope: { account: '111122223333', region: 'eu-central-1' },
    runtimeId: 'agent-abcdefghij',
    config: { version: '1', codeFolder },
  } as Target;
  bytecode.prepare(target, await findInterpreter('PYTHON_3_12'));
  const sandbox = await started.promise;
  const begun = performance.now();
  expect(await sandbox.ended).toBe('it was closed');
  expect(performance.now() - begun).toBeLessThan(10_000);
});
