import type { Browser } from './browser.ts';
import type { Cdp, CdpEvent } from './cdp.ts';

/** What makes a browser known to sites: its logins above all. */
export interface BrowserState {
  /** As DevTools has them. */
  cookies: readonly Cookie[];
  /** The localStorage of each origin, e.g. `https://example.com`. */
  storage: readonly { origin: string; items: readonly (readonly [name: string, value: string])[] }[];
}

interface Cookie {
  name: string;
  session?: boolean;
  expires?: number;
}

/**
 * Reads the cookies of every site, and the localStorage of these origins.
 * @throws CdpError, BrowserError
 */
export function readState(browser: Browser, origins: Iterable<string>): Promise<BrowserState> {
  return connected(browser, async (cdp) => {
    const storage: BrowserState['storage'][number][] = [];
    await visit(cdp, origins, async (evaluate, origin) => {
      const items = JSON.parse(await evaluate('JSON.stringify(Object.entries(localStorage))'));
      if (items.length > 0) storage.push({ origin, items });
    });
    const { cookies } = await cdp.send('Storage.getCookies');
    return { cookies, storage };
  });
}

/** Puts back what was read. @throws CdpError, BrowserError */
export function restoreState(browser: Browser, { cookies, storage }: BrowserState): Promise<void> {
  return connected(browser, async (cdp) => {
    await cdp.send('Storage.setCookies', { cookies: cookies.map(asGiven) });
    const items = new Map(storage.map((one) => [one.origin, one.items]));
    await visit(cdp, items.keys(), async (evaluate, origin) => {
      const entries = JSON.stringify(items.get(origin));
      await evaluate(`for (const [name, value] of ${entries}) localStorage.setItem(name, value)`);
    });
  });
}

async function connected<T>(browser: Browser, work: (cdp: Cdp) => Promise<T>): Promise<T> {
  const cdp = await browser.cdp();
  try {
    return await work(cdp);
  } finally {
    cdp.close();
  }
}

/** One that ends with the browser has no time of its end. */
function asGiven({ session, expires, ...cookie }: Cookie): object {
  return session ? cookie : { ...cookie, expires };
}

type Evaluate = (expression: string) => Promise<string>;

/**
 * Does something in an empty document of each origin, in a page that nobody sees and that asks nothing of the network. It ends with the
 * connection.
 */
async function visit(
  cdp: Cdp,
  origins: Iterable<string>,
  work: (evaluate: Evaluate, origin: string) => Promise<void>,
): Promise<void> {
  const all = [...origins];
  if (all.length === 0) return;
  const { targetId } = await cdp.send('Target.createTarget', { url: 'about:blank', hidden: true });
  const { sessionId } = await cdp.send('Target.attachToTarget', { targetId, flatten: true });
  const off = cdp.on((event) => answerEmpty(cdp, event));
  await cdp.send('Network.setBypassServiceWorker', { bypass: true }, sessionId);
  await cdp.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] }, sessionId);
  const evaluate: Evaluate = async (expression) => {
    const { result } = await cdp.send('Runtime.evaluate', { expression }, sessionId);
    return result.value;
  };
  for (const origin of all) {
    const { errorText } = await cdp.send('Page.navigate', { url: `${origin}/` }, sessionId);
    // A policy may have closed it meanwhile.
    if (errorText === undefined) await work(evaluate, origin);
  }
  off();
  await cdp.send('Target.closeTarget', { targetId });
}

function answerEmpty(cdp: Cdp, { method, params, sessionId }: CdpEvent): void {
  if (method !== 'Fetch.requestPaused') return;
  const answer = {
    requestId: params.requestId,
    responseCode: 200,
    responseHeaders: [{ name: 'Content-Type', value: 'text/html' }],
    body: '',
  };
  cdp.send('Fetch.fulfillRequest', answer, sessionId).catch(() => {
    // The page has gone, which who works in it will find.
  });
}
