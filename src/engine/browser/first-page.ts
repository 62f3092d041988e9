import { setTimeout as sleep } from 'node:timers/promises';
import { BrowserError, type ViewPort } from './browser.ts';
import { type Cdp, CdpError } from './cdp.ts';

const FIRST_PAGE = 'about:blank';
const PATIENCE_MS = 20_000;
const LOOK_AGAIN_MS = 10;
const SIZE = '[innerWidth, innerHeight]';

/** The page that a browser begins with, and the window that it is in. */
export class FirstPage {
  readonly #cdp: Cdp;
  readonly #windowId: number;
  readonly #session: string;

  private constructor(cdp: Cdp, windowId: number, session: string) {
    this.#cdp = cdp;
    this.#windowId = windowId;
    this.#session = session;
  }

  /** Opens it, in the first window. @throws CdpError when it cannot be. */
  static async open(cdp: Cdp): Promise<FirstPage> {
    const { targetId } = await cdp.send('Target.createTarget', { url: FIRST_PAGE });
    const { windowId } = await cdp.send('Browser.getWindowForTarget', { targetId });
    const { sessionId } = await cdp.send('Target.attachToTarget', { targetId, flatten: true });
    return new FirstPage(cdp, windowId, sessionId);
  }

  /** Gives it its size; the frame of a window does not count. What a window has around it comes late, so it is looked at. */
  async resize({ width, height }: ViewPort): Promise<void> {
    await patiently('did not take its size', async () => {
      await this.#cdp.send('Browser.setContentsSize', { windowId: this.#windowId, width, height });
      const { result } = await this.#cdp.send(
        'Runtime.evaluate',
        { expression: SIZE, returnByValue: true },
        this.#session,
      );
      return String(result.value) === String([width, height]) || undefined;
    });
  }

  /** Leaves it to others. */
  async leave(): Promise<void> {
    await this.#cdp.send('Target.detachFromTarget', { sessionId: this.#session });
  }
}

/** Tries until something comes of it. @throws BrowserError when nothing does. */
async function patiently<T>(failure: string, attempt: () => Promise<T | undefined>): Promise<T> {
  let last = '';
  for (const begun = Date.now(); Date.now() - begun < PATIENCE_MS; await sleep(LOOK_AGAIN_MS)) {
    try {
      const result = await attempt();
      if (result !== undefined) return result;
    } catch (error) {
      if (!(error instanceof CdpError)) throw error;
      last = `: ${error.message}`;
    }
  }
  throw new BrowserError(`Chromium ${failure} within ${PATIENCE_MS / 1000} s${last}. Try again.`);
}
