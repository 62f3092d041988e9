import { StopCodeInterpreterSessionCommand } from '@aws-sdk/client-bedrock-agentcore';
import { expect } from 'vitest';
import { dataClient, ensured, until } from '../../../support/engine.ts';
import { testSandbox } from '../../../support/sandbox.ts';
import { temporaryDir } from '../../../support/temporary.ts';
import { identifier, invoke, startSession } from './support.ts';

const code =
  '[name for name in ("numpy", "pandas", "matplotlib.pyplot") if name in __import__("sys").modules]';

testSandbox('an engine process keeps the spares that it was told to', { timeout: 60_000 }, async () => {
  const client = dataClient(await ensured(temporaryDir(), { spares: 1 }));
  const modulesOfNew = async () => {
    const sessionId = await startSession(client);
    const { structuredContent } = await invoke(client, sessionId, 'executeCode', {
      code,
      language: 'python',
    });
    await client.send(
      new StopCodeInterpreterSessionCommand({ codeInterpreterIdentifier: identifier, sessionId }),
    );
    return structuredContent?.stdout;
  };
  expect(await modulesOfNew()).toBe('[]');
  const warm = "['numpy', 'pandas', 'matplotlib.pyplot']";
  await until(async () => (await modulesOfNew()) === warm);
});
