import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Browser } from './browser.ts';

const ANSWER_MS = 5_000;

/**
 * The ids of pages, the one first that was brought to the front last. Nothing else tells: an emulated focus, as automation
 * has it, makes every page say of itself that it is visible.
 * @throws Error where the browser does not answer in five seconds.
 */
export async function pagesByFront(browser: Pick<Browser, 'connect'>): Promise<string[]> {
  const stream = await browser.connect();
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { createConnection: () => stream, headers: { host: 'localhost' } };
    request({ ...options, path: '/json/list', signal: AbortSignal.timeout(ANSWER_MS) }, resolve)
      .on('error', reject)
      .end();
  });
  const targets = (await json(answer)) as { id: string; type: string }[];
  return targets.filter(({ type }) => type === 'page').map(({ id }) => id);
}
