import { setTimeout as sleep } from 'node:timers/promises';
import type { Frame, Page, Request } from 'playwright-core';
import type { Limits } from './tab.ts';

/** For what a page that has its content still loads. */
const LOAD_MS = 2_000;
/** For what a page fetches after a step. */
const FETCH_MS = 3_000;
const awaited = ['document', 'stylesheet', 'script', 'xhr', 'fetch'];

/** Two pictures of the page, or a tenth of a second where it draws none: what a step set off has begun by then. */
const drawn =
  'new Promise((done) => { setTimeout(done, 100); requestAnimationFrame(() => requestAnimationFrame(done)); })';
/** Until nothing has changed in the page for a moment; at most half a second. */
const calmed = `new Promise((done) => {
  let timer = setTimeout(done, 40);
  new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(done, 40); })
    .observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  setTimeout(done, 500);
})`;

/** Does something in a page and waits for what it sets off there: a new page, or what the page asks its servers for. */
export async function settling<T>(page: Page, limits: Limits, work: () => Promise<T>): Promise<T> {
  const requests: Request[] = [];
  const arrival = Promise.withResolvers<void>();
  const heard = (request: Request) => requests.push(request);
  const arrived = (frame: Frame) => frame === page.mainFrame() && arrival.resolve();
  const failed = (request: Request) => isPageOf(page, request) && arrival.resolve();
  page.on('request', heard).on('framenavigated', arrived).on('requestfailed', failed);
  try {
    const result = await work();
    await page.evaluate(drawn).catch(() => {});
    if (requests.some((request) => isPageOf(page, request))) {
      await within(limits.timeout, arrival.promise);
      await loaded(page, limits);
    } else if (requests.length > 0) {
      const answers = requests.filter((request) => awaited.includes(request.resourceType())).map(ended);
      await within(FETCH_MS, Promise.all(answers));
      if (answers.length > 0) await page.evaluate(drawn).catch(() => {});
    }
    return result;
  } finally {
    page.off('request', heard).off('framenavigated', arrived).off('requestfailed', failed);
  }
}

/** Waits for a page's content, then a little for the rest. @returns whether its content is all there. */
export async function loaded(page: Page, limits: Limits): Promise<boolean> {
  const has = (state: 'domcontentloaded' | 'load', timeout: number) =>
    page.waitForLoadState(state, { ...limits, timeout }).then(
      () => true,
      () => false,
    );
  if (!(await has('domcontentloaded', limits.timeout))) return false;
  await has('load', Math.min(LOAD_MS, limits.timeout));
  return true;
}

/** Waits until the page has stopped changing, as far as it does. */
export async function calm(page: Page): Promise<void> {
  await page.evaluate(calmed).catch(() => {});
}

function isPageOf(page: Page, request: Request): boolean {
  return request.isNavigationRequest() && request.frame() === page.mainFrame();
}

async function ended(request: Request): Promise<void> {
  const response = await request.response().catch(() => null);
  await response?.finished().catch(() => {});
}

function within(ms: number, work: Promise<unknown>): Promise<unknown> {
  const over = new AbortController();
  const late = sleep(ms, undefined, { signal: over.signal }).catch(() => {});
  return Promise.race([work, late]).finally(() => over.abort());
}
