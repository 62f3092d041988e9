import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, CDPSession } from 'playwright-core';

/** A connection that nobody has used for so long is closed; the session goes on. */
const IDLE_MS = 10 * 60_000;
/** How long one may take to prove that it holds. */
const PROOF_MS = 5_000;
/** How long a browser may take to let go of one. */
const LEAVE_MS = 2_000;

interface Held {
  browser: Browser;
  devtools: CDPSession;
  idle?: NodeJS.Timeout;
}

/** Connections to the browsers of sessions, one each, by the session's id. */
export class Connections {
  readonly #held = new Map<string, Held>();
  readonly #inUse: (id: string) => boolean;
  #closed = false;

  /** @param inUse Whether the connection of a session has to stay, however long it is used. */
  constructor(inUse: (id: string) => boolean) {
    this.#inUse = inUse;
  }

  /** The one there is, if it holds. */
  async find(id: string): Promise<Browser | undefined> {
    const held = this.#held.get(id);
    if (!held) return undefined;
    if (!(await isAlive(held))) {
      await this.drop(id);
      return undefined;
    }
    this.#used(id, held);
    return held.browser;
  }

  /** Keeps a new one until it drops or nobody needs it. */
  async keep(id: string, browser: Browser): Promise<void> {
    if (this.#closed) return leave(browser);
    const devtools = await browser.newBrowserCDPSession().catch(async (error) => {
      await leave(browser);
      throw error;
    });
    if (this.#closed) return leave(browser);
    const held: Held = { browser, devtools };
    this.#held.set(id, held);
    browser.once('disconnected', () => {
      if (this.#held.get(id) === held) this.#forget(id);
    });
    this.#used(id, held);
  }

  /** Leaves a browser, which goes on without us. */
  async drop(id: string): Promise<void> {
    const held = this.#forget(id);
    if (held) await leave(held.browser);
  }

  /** Leaves all browsers, also those that are still being connected to. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#held.keys()].map((id) => this.drop(id)));
  }

  #used(id: string, held: Held): void {
    clearTimeout(held.idle);
    const whenIdle = () => (this.#inUse(id) ? this.#used(id, held) : this.drop(id));
    held.idle = setTimeout(whenIdle, IDLE_MS).unref();
  }

  #forget(id: string): Held | undefined {
    const held = this.#held.get(id);
    this.#held.delete(id);
    clearTimeout(held?.idle);
    return held;
  }
}

/** Ends a connection, or gives up on one that does not end. */
async function leave(browser: Browser): Promise<void> {
  await Promise.race([browser.close().catch(() => {}), sleep(LEAVE_MS, undefined, { ref: false })]);
}

/** A connection that the other side has forgotten, or is about to end, looks like any other until it is used. */
function isAlive({ devtools }: Held): Promise<boolean> {
  const proof = devtools.send('Browser.getVersion').then(
    () => true,
    () => false,
  );
  return Promise.race([proof, sleep(PROOF_MS, false, { ref: false })]);
}
