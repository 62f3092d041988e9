import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Browser } from './browser.ts';

const ANSWER_MS = 5_000;

/**
 * The id of the page that was brought to the front last. Only the order of this list tells it: an emulated focus, as
 * automation has it, makes every page say of itself that it is visible.
 * @throws Error where the browser does not answer in five seconds.
 */
export async function frontPage(browser: Pick<Browser, 'connect'>): Promise<string | undefined> {
  const stream = await browser.connect();
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { createConnection: () => stream, headers: { host: 'localhost' } };
    request({ ...options, path: '/json/list', signal: AbortSignal.timeout(ANSWER_MS) }, resolve)
      .on('error', reject)
      .end();
  });
  const targets = (await json(answer)) as { id: string; type: string }[];
  return targets.find(({ type }) => type === 'page')?.id;
}
