import { type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { json } from 'node:stream/consumers';
import type { Browser } from './browser.ts';
import { CdpError } from './cdp.ts';

const ANSWER_MS = 5_000;

/**
 * The ids of pages, the one first that was brought to the front last. Nothing else tells: an emulated focus, as automation
 * has it, makes every page say of itself that it is visible.
 * @throws CdpError where DevTools does not answer in five seconds, BrowserError when the browser has ended.
 */
export async function pagesByFront(browser: Pick<Browser, 'connect'>): Promise<string[]> {
  const stream = await browser.connect();
  try {
    return await list(stream);
  } catch (error) {
    throw new CdpError(`The pages cannot be listed: ${(error as Error).message}`);
  } finally {
    stream.destroy();
  }
}

async function list(stream: Duplex): Promise<string[]> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { createConnection: () => stream, headers: { host: 'localhost' } };
    request({ ...options, path: '/json/list', signal: AbortSignal.timeout(ANSWER_MS) }, resolve)
      .on('error', reject)
      .end();
  });
  const targets = (await json(answer)) as { id: string; type: string }[];
  return targets.filter(({ type }) => type === 'page').map(({ id }) => id);
}
