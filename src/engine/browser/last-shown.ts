import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Browser } from './browser.ts';
import { CdpError } from './cdp.ts';

const ANSWER_MS = 10_000;

/**
 * The target of the page that was brought to the front last: DevTools lists the latest first.
 * @throws CdpError where no page is open or DevTools does not answer; BrowserError when the browser has ended.
 */
export async function lastShown(browser: Browser): Promise<string> {
  const stream = await browser.connect();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const fail = (error: Error) => reject(new CdpError(`The pages cannot be listed: ${error.message}`));
  const sent = request({
    createConnection: () => stream as never,
    host: '127.0.0.1',
    path: '/json/list',
    timeout: ANSWER_MS,
  });
  sent.once('timeout', () => sent.destroy(new Error('DevTools does not answer')));
  sent.once('error', fail);
  sent.once('response', async (response) => {
    try {
      const targets = (await json(response)) as { id: string; type: string }[];
      const page = targets.find(({ type }) => type === 'page');
      if (page) resolve(page.id);
      else reject(new CdpError('No page is open.'));
    } catch (error) {
      fail(error as Error);
    }
  });
  sent.end();
  return promise.finally(() => stream.destroy());
}
