import { readFileSync } from 'node:fs';
import { GetBrowserSessionCommand, StartBrowserSessionCommand } from '@aws-sdk/client-bedrock-agentcore';
import { expect, test } from 'vitest';
import { stopEngine } from '../../../src/engine/process.ts';
import { descendants } from '../../../src/engine/sandbox/memory.ts';
import { describeBrowser } from '../../support/browser.ts';
import { dataClient, ensured, until } from '../../support/engine.ts';
import { temporaryDir } from '../../support/temporary.ts';

const browserIdentifier = 'aws.browser.v1';

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}

const isChromium = (pid: number) => commandOf(pid).includes('--user-data-dir=');

/** An engine process with a browser session and a spare browser, and their processes. */
async function running(dataDir: string) {
  const engine = await ensured(dataDir, { spares: 1 });
  const { sessionId } = await dataClient(engine).send(new StartBrowserSessionCommand({ browserIdentifier }));
  const pids = await until(() => {
    const found = descendants(engine.pid).filter(isChromium);
    const isWhole = (pid: number) => !commandOf(pid).includes('--type=');
    return found.filter(isWhole).length === 2 ? found : undefined;
  });
  return { engine, sessionId, pids };
}

describeBrowser('of its browsers an engine leaves nothing', () => {
  test('when it is killed, and when it is stopped; the next one says that they ended', async () => {
    const dataDir = temporaryDir();
    const { engine, sessionId, pids } = await running(dataDir);
    process.kill(engine.pid, 'SIGKILL');
    await until(() => !pids.some(isChromium));

    const next = await running(dataDir);
    const { status } = await dataClient(next.engine).send(
      new GetBrowserSessionCommand({ browserIdentifier, sessionId }),
    );
    expect(status).toBe('TERMINATED');
    await stopEngine(dataDir);
    expect(next.pids.filter(isChromium)).toEqual([]);
  });
});
