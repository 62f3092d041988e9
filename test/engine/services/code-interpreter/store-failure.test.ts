import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentLog } from '../../../../src/engine/log.ts';
import { createSandboxes } from '../../../../src/engine/sandbox/index.ts';
import { Sessions } from '../../../../src/engine/services/code-interpreter/sessions.ts';
import { openStore } from '../../../../src/engine/store/sqlite.ts';
import { describeSandbox } from '../../../support/sandbox.ts';
import { temporaryDir } from '../../../support/temporary.ts';

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
    const sessions = new Sessions({ store, sandboxes: createSandboxes({}), generation: 'g', log: silentLog });
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
    await expect(sessions.close()).rejects.toThrow();
    expect(running()).toBe(before);
  });
});
