import { StartBrowserSessionCommand } from '@aws-sdk/client-bedrock-agentcore';
import { expect, test } from 'vitest';
import { automated, describeBrowser } from '../../support/browser.ts';
import { dataClient, started } from '../../support/engine.ts';

describeBrowser('the engine itself', () => {
  test('is closed to pages, also where this machine is open to them', async () => {
    const engine = await started({ browser: { allowHosts: ['127.0.0.1', 'localhost'] } });
    const { streams } = await dataClient(engine).send(
      new StartBrowserSessionCommand({ browserIdentifier: 'aws.browser.v1' }),
    );
    const client = await automated(streams?.automationStream?.streamEndpoint ?? '', engine);
    const [page] = client.contexts()[0]?.pages() ?? [];
    const { port } = new URL(engine.url);
    for (const host of ['127.0.0.1', 'localhost', '127.0.0.2']) {
      const answer = await page?.goto(`http://${host}:${port}/`);
      expect(answer?.status()).toBe(403);
      expect(await answer?.text()).toContain('blocked by --browser-block-hosts, or the local engine itself');
    }
  });
});
