import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  GetBrowserSessionCommand,
  StartBrowserSessionCommand,
  StopBrowserSessionCommand,
  UpdateBrowserStreamCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import { chromium } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { automated, describeBrowser, signedHeaders } from '../../../support/browser.ts';
import { dataClient, started } from '../../../support/engine.ts';

const pages = createServer((_, response) => {
  response.setHeader('content-type', 'text/html');
  response.end('<title>Hello</title><button onclick="document.title=`clicked`">Press</button>');
});
pages.listen(0, '127.0.0.1');
afterAll(() => void pages.close());
const address = () => `127.0.0.1:${(pages.address() as AddressInfo).port}`;

const browserIdentifier = 'aws.browser.v1';

describeBrowser('a browser session', () => {
  test('is driven over its automation stream by several clients in turn', async () => {
    const engine = await started({ browser: { allowHosts: [address()] } });
    const client = dataClient(engine);
    const begun = await client.send(new StartBrowserSessionCommand({ browserIdentifier, name: 'mine' }));
    const { sessionId, streams } = begun;
    const url = streams?.automationStream?.streamEndpoint ?? '';

    const first = await automated(url, engine);
    const [page] = first.contexts()[0]?.pages() ?? [];
    await page?.goto(`http://${address()}/`);
    await page?.getByRole('button', { name: 'Press' }).click();
    expect(await page?.title()).toBe('clicked');
    expect(await page?.evaluate('[innerWidth, innerHeight]')).toEqual([1456, 819]);
    await first.close();

    const second = await automated(url, engine);
    expect(await second.contexts()[0]?.pages()[0]?.title()).toBe('clicked');

    const gone = new Promise((resolve) => second.once('disconnected', resolve));
    const update = (streamStatus: 'ENABLED' | 'DISABLED') =>
      client.send(
        new UpdateBrowserStreamCommand({
          browserIdentifier,
          sessionId,
          streamUpdate: { automationStreamUpdate: { streamStatus } },
        }),
      );
    await update('DISABLED');
    await gone;
    await expect(automated(url, engine)).rejects.toThrow(/409/);
    await update('ENABLED');
    const third = await automated(url, engine);
    expect(await third.contexts()[0]?.pages()[0]?.title()).toBe('clicked');

    await client.send(new StopBrowserSessionCommand({ browserIdentifier, sessionId }));
    const after = await client.send(new GetBrowserSessionCommand({ browserIdentifier, sessionId }));
    expect(after).toMatchObject({ name: 'mine', status: 'TERMINATED', streams });
  });

  test('is refused without a signature', async () => {
    const engine = await started();
    const client = dataClient(engine);
    const { streams } = await client.send(new StartBrowserSessionCommand({ browserIdentifier }));
    const url = streams?.automationStream?.streamEndpoint ?? '';
    await expect(chromium.connectOverCDP(url)).rejects.toThrow(/403/);
    const wrong = await signedHeaders(url, { ...engine.credentials(), secretAccessKey: 'wrong' });
    await expect(chromium.connectOverCDP(url, { headers: wrong })).rejects.toThrow(/403/);
  });
});
