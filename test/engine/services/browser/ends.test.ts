import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  GetBrowserSessionCommand,
  ListBrowserSessionsCommand,
  StartBrowserSessionCommand,
  UpdateBrowserStreamCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import { expect, test } from 'vitest';
import type { Engine } from '../../../../src/engine/index.ts';
import { describeBrowser } from '../../../support/browser.ts';
import { dataClient, started, until } from '../../../support/engine.ts';
import { interopPython } from '../../../support/interop-python.ts';
import { temporaryDir } from '../../../support/temporary.ts';
import { account, browserIdentifier, useBrowsers } from './support.ts';

describeBrowser('a browser session', () => {
  const engine = useBrowsers();
  const get = (sessionId: string) =>
    engine.data().send(new GetBrowserSessionCommand({ browserIdentifier, sessionId }));
  const use = (sessionId: string) =>
    engine.data().send(
      new UpdateBrowserStreamCommand({
        browserIdentifier,
        sessionId,
        streamUpdate: { automationStreamUpdate: { streamStatus: 'ENABLED' } },
      }),
    );
  const ended = (sessionId: string) => until(async () => (await get(sessionId)).status === 'TERMINATED');

  test.concurrent('ends with its Chromium, and says why', async () => {
    const { page, sessionId } = await engine.open();
    const cdp = await page.context().browser()?.newBrowserCDPSession();
    await cdp?.send('Browser.close');
    await ended(sessionId);
    await expect(use(sessionId)).rejects.toMatchObject({
      name: 'ConflictException',
      message: expect.stringContaining('Chromium ended'),
    });
  });

  test.concurrent('ends when its time is over', async () => {
    const input = { browserIdentifier, sessionTimeoutSeconds: 1 };
    const { sessionId = '' } = await engine.data().send(new StartBrowserSessionCommand(input));
    await ended(sessionId);
    await expect(use(sessionId)).rejects.toMatchObject({
      name: 'ConflictException',
      message: expect.stringContaining('its time to live of 1 s was over'),
    });
  });

  test.concurrent('is driven by an unmodified boto3 from its browser to its profile', async () => {
    const { endpoint, region, credentials } = engine.config();
    const { accessKeyId, secretAccessKey } = credentials as ReturnType<Engine['credentials']>;
    const script = join(import.meta.dirname, 'browser_boto3.py');
    const { stdout } = await promisify(execFile)(interopPython, [script], {
      env: {
        AWS_ENDPOINT_URL: String(endpoint),
        AWS_DEFAULT_REGION: String(region),
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      },
    });
    expect(JSON.parse(stdout)).toEqual({
      browser: ['READY', 'boto'],
      picture: [true, '89504e47'],
      typed: { keyPress: { status: 'SUCCESS' } },
      saved: true,
      after: ['TERMINATED', 'mine', { width: 800, height: 600 }, 600],
      profile: true,
      ended: true,
      listed: [true],
      browsers: ['boto'],
      deleted: 'DELETING',
    });
  });
});

describeBrowser('sessions of an engine that stops', () => {
  test('are TERMINATED for the next one', async () => {
    const dataDir = temporaryDir();
    const first = await started({ dataDir });
    await dataClient(first, account).send(new StartBrowserSessionCommand({ browserIdentifier }));
    await first.close();
    const list = new ListBrowserSessionsCommand({ browserIdentifier });
    const { items } = await dataClient(await started({ dataDir }), account).send(list);
    expect(items).toMatchObject([{ status: 'TERMINATED' }]);
  });
});
