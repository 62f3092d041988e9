import { setTimeout as sleep } from 'node:timers/promises';
import type { Frame, Page, Request } from 'playwright-core';
import type { Limits } from './tab.ts';

/** For what a page that has its content still loads. */
const LOAD_MS = 2_000;
/** For what a page fetches after a step. */
const FETCH_MS = 3_000;
/** A page that has not answered by then is busy with itself. */
const BUSY_MS = 2_000;
const awaited = ['document', 'stylesheet', 'script', 'xhr', 'fetch'];

/** Once the page was drawn, or a tenth of a second where it never is: what a step set off has begun by then. */
const drawn =
  'new Promise((done) => { setTimeout(done, 100); requestAnimationFrame(() => setTimeout(done)); })';
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
  const deafen = () => page.off('request', heard).off('framenavigated', arrived).off('requestfailed', failed);
  // Some work never ends, as of a script that waits for nothing.
  limits.signal.addEventListener('abort', deafen, { once: true });
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
    limits.signal.removeEventListener('abort', deafen);
    deafen();
  }
}

/** Waits for a page's content, then a little for the rest. @returns whether its content is all there. */
export async function loaded(page: Page, { timeout, signal }: Limits): Promise<boolean> {
  // A page that comes back from the browser's memory does not say again that it is there.
  const state = await within(
    timeout,
    page.evaluate('document.readyState').catch(() => ''),
  );
  if (state === 'complete') return true;
  const has = (wanted: 'domcontentloaded' | 'load', timeout: number) =>
    page.waitForLoadState(wanted, { timeout, signal }).then(
      () => true,
      () => false,
    );
  if (state !== 'interactive' && !(await has('domcontentloaded', timeout))) return false;
  await has('load', Math.min(LOAD_MS, timeout));
  return true;
}

/** Waits until the page has stopped changing, as far as it does. @returns whether the page answers at all. */
export async function calm(page: Page): Promise<boolean> {
  return (
    (await within(
      BUSY_MS,
      page.evaluate(calmed).then(
        () => true,
        () => true,
      ),
    )) === true
  );
}

function isPageOf(page: Page, request: Request): boolean {
  return request.isNavigationRequest() && request.frame() === page.mainFrame();
}

async function ended(request: Request): Promise<void> {
  const response = await request.response().catch(() => null);
  await response?.finished().catch(() => {});
}

/** What some work comes to; undefined where it takes longer. */
function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const over = new AbortController();
  const late = sleep(ms, undefined, { signal: over.signal }).catch(() => undefined);
  return Promise.race([work, late]).finally(() => over.abort());
}
