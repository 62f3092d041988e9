import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from 'vitest';
import type { Browser } from '../../../src/engine/browser/browser.ts';
import { defaultViewPort } from '../../../src/engine/browser/browser.ts';
import type { Cdp } from '../../../src/engine/browser/cdp.ts';
import { createEgress, type EgressOptions } from '../../../src/engine/egress/index.ts';
import { silentLog } from '../../../src/engine/log.ts';
import { browsers } from '../../support/browser.ts';

/** A way out as browser sessions have it. */
export const wayOut = (options: Partial<EgressOptions> = {}) =>
  createEgress({ allowHosts: [], travellers: 'pages', log: silentLog, ...options });

/** A server on loopback for the tests of this file. @returns its port. */
export async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A page of a browser, driven over DevTools. */
export class Page {
  readonly cdp: Cdp;
  readonly targetId: string;
  readonly session: string;

  constructor(cdp: Cdp, targetId: string, session: string) {
    this.cdp = cdp;
    this.targetId = targetId;
    this.session = session;
  }

  /** The first page of a browser, or a new one. */
  static async of(cdp: Cdp, { url }: { url?: string } = {}): Promise<Page> {
    const { targetInfos } = await cdp.send('Target.getTargets');
    const { targetId } = url
      ? await cdp.send('Target.createTarget', { url })
      : targetInfos.find(({ type }: { type: string }) => type === 'page');
    const { sessionId } = await cdp.send('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page(cdp, targetId, sessionId);
    await page.send('Page.enable');
    return page;
  }

  // biome-ignore lint/suspicious/noExplicitAny: as in the client.
  send(method: string, params?: object): Promise<any> {
    return this.cdp.send(method, params, this.session);
  }

  /** The value of an expression; promises are waited for. */
  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
      userGesture: true,
    });
    return exceptionDetails ? `${exceptionDetails.exception?.description}` : result.value;
  }

  /** Goes to an address. @returns the text that is shown then, and Chromium's error if there is one. */
  async visit(url: string): Promise<{ text: string; error?: string }> {
    const loaded = new Promise<void>((resolve) => {
      const stop = this.cdp.on(({ method, sessionId }) => {
        if (method !== 'Page.loadEventFired' || sessionId !== this.session) return;
        stop();
        resolve();
      });
    });
    const { errorText } = await this.send('Page.navigate', { url });
    if (errorText !== 'net::ERR_ABORTED') await loaded;
    return { text: String(await this.evaluate('document.body.innerText')), error: errorText };
  }
}

/** One browser for all tests of a file. */
export function useBrowser(egress: () => Partial<EgressOptions> = () => ({})) {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await browsers.start('shared', { viewPort: defaultViewPort, egress: wayOut(egress()) });
    page = await Page.of(await browser.cdp());
  });
  afterAll(() => browser?.close());
  return {
    get browser() {
      return browser;
    },
    get page() {
      return page;
    },
  };
}
