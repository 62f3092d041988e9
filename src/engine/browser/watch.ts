import type { Browser } from './browser.ts';
import { type Cdp, CdpError, type CdpEvent } from './cdp.ts';
import { pagesByFront } from './front.ts';

/** A page, and how to command it. */
export interface Page {
  send(method: string, params?: object): ReturnType<Cdp['send']>;
  on(listener: (event: CdpEvent) => void): () => void;
  /** Whether a dialog of its own, as of `alert`, holds it up. */
  readonly hasDialog: boolean;
}

/**
 * Follows all that is open in a browser: which pages there are, whether a dialog holds one up, and of which origins documents have
 * been there.
 */
export class Watch {
  readonly cdp: Cdp;
  readonly #browser: Browser;
  readonly #origins: Set<string>;
  /** The sessions of pages and frames, by target. */
  readonly #sessions = new Map<string, string>();
  /** The sessions whose page has a dialog. */
  readonly #dialogs = new Set<string>();

  private constructor(browser: Browser, cdp: Cdp, origins: Iterable<string>) {
    this.#browser = browser;
    this.#origins = new Set(origins);
    this.cdp = cdp;
    cdp.on((event) => this.#take(event));
  }

  /** @param origins That have been there already. @throws BrowserError, CdpError */
  static async start(browser: Browser, origins: Iterable<string> = []): Promise<Watch> {
    const watch = new Watch(browser, await browser.cdp(), origins);
    await watch.#attach();
    return watch;
  }

  /** Of http and https documents, e.g. `https://example.com`. */
  get origins(): ReadonlySet<string> {
    return this.#origins;
  }

  /** The page that is in front. @throws CdpError where there is none. */
  async activePage(): Promise<Page> {
    const { cdp } = this;
    const [targetId] = await pagesByFront(this.#browser);
    if (targetId === undefined) throw new CdpError('No page is open.');
    const sessionId = this.#sessions.get(targetId) ?? (await this.#attachTo(targetId));
    const dialogs = this.#dialogs;
    return {
      send: (method, params) => cdp.send(method, params, sessionId),
      on: (listener) => cdp.on((event) => event.sessionId === sessionId && listener(event)),
      get hasDialog() {
        return dialogs.has(sessionId);
      },
    };
  }

  /** For a page that is so new that nobody has told of it. */
  async #attachTo(targetId: string): Promise<string> {
    return (await this.cdp.send('Target.attachToTarget', { targetId, flatten: true })).sessionId;
  }

  /** The targets in a page or frame, or of the browser itself. */
  async #attach(sessionId?: string): Promise<void> {
    const how = { autoAttach: true, waitForDebuggerOnStart: false, flatten: true };
    await this.cdp.send('Target.setAutoAttach', how, sessionId);
  }

  #take({ method, params, sessionId = '' }: CdpEvent): void {
    if (method === 'Target.attachedToTarget') this.#follow(params as unknown as Attached);
    else if (method === 'Target.detachedFromTarget') this.#forget(String(params.sessionId));
    else if (method === 'Page.frameNavigated') this.#note((params.frame as Frame).securityOrigin);
    else if (method === 'Page.javascriptDialogOpening') this.#dialogs.add(sessionId);
    else if (method === 'Page.javascriptDialogClosed') this.#dialogs.delete(sessionId);
  }

  #follow({ sessionId, targetInfo: { targetId, type } }: Attached): void {
    if (type !== 'page' && type !== 'iframe') return;
    this.#sessions.set(targetId, sessionId);
    const ignore = () => {
      // It has gone already.
    };
    this.#attach(sessionId).catch(ignore);
    this.cdp.send('Page.enable', {}, sessionId).catch(ignore);
    this.cdp
      .send('Page.getFrameTree', {}, sessionId)
      .then(({ frameTree }) => this.#noteAll(frameTree))
      .catch(ignore);
  }

  #noteAll({ frame, childFrames = [] }: FrameTree): void {
    this.#note(frame.securityOrigin);
    for (const child of childFrames) this.#noteAll(child);
  }

  #note(origin: string): void {
    if (/^https?:\/\//.test(origin)) this.#origins.add(origin);
  }

  #forget(sessionId: string): void {
    this.#dialogs.delete(sessionId);
    for (const [target, session] of this.#sessions) if (session === sessionId) this.#sessions.delete(target);
  }
}

interface Attached {
  sessionId: string;
  targetInfo: { targetId: string; type: string };
}

interface Frame {
  securityOrigin: string;
}

interface FrameTree {
  frame: Frame;
  childFrames?: FrameTree[];
}
