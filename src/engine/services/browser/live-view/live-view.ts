import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from '../../../browser/browser.ts';
import { pagesByFront } from '../../../browser/front.ts';
import type { Log } from '../../../log.ts';
import type { Channel } from '../../../service.ts';
import type { Automation } from '../automation.ts';
import { act } from './actions.ts';
import { readMessage, type Told, type ViewerMessage } from './messages.ts';
import { type Picture, Tabs } from './tabs.ts';
import { Viewer } from './viewer.ts';

export interface LiveViewParts {
  browser: Browser;
  automation: Automation;
  /** As UpdateBrowserStream does. @throws Error when the session has ended. */
  setAutomation(status: 'ENABLED' | 'DISABLED'): void;
  /** Resolves when the session has ended, with the reason in words. */
  ended: Promise<string>;
  log: Log;
}

/** Tells a viewer to come again; any code but 1000 does. */
const LOST = 4000;
/** How much later than its browser a session may end, in milliseconds. */
const ENDING_MS = 5_000;

/**
 * What people see of a session, and what they do in it. One of them at a time may be in control, and automation is
 * disabled then. It stays so when that person leaves: another one takes over or gives control back. While nobody looks
 * on, nothing is done.
 */
export class LiveView {
  readonly #parts: LiveViewParts;
  readonly #viewers = new Set<Viewer>();
  #controller: Viewer | undefined;
  #tabs: Tabs | undefined;
  #looking: Promise<void> | undefined;
  #last: Picture | undefined;

  constructor(parts: LiveViewParts) {
    this.#parts = parts;
    parts.automation.onChange(() => {
      if (parts.automation.enabled) this.#controller = undefined;
      this.#tell();
    });
    void parts.ended.then((reason) => {
      for (const viewer of this.#viewers) viewer.end(reason);
    });
  }

  /** @param ticket Makes one with which this viewer may come again. */
  async join(channel: Channel, ticket: () => string): Promise<void> {
    const viewer = new Viewer(channel, ticket);
    this.#viewers.add(viewer);
    channel.onMessage((message) => this.#hear(viewer, message));
    void channel.ended.then(() => this.#leave(viewer));
    try {
      this.#looking ??= this.#look();
      await this.#looking;
      if (this.#last) viewer.show(this.#last);
      this.#tell();
    } catch (error) {
      this.#parts.log.warn('A live view could not be opened', { error });
      this.#lose('The browser does not answer.');
    }
  }

  /** Looks at the browser for as long as anybody wants to see it. */
  async #look(): Promise<void> {
    const cdp = await this.#parts.browser.cdp();
    if (this.#viewers.size === 0) return cdp.close();
    const onPicture = (picture: Picture) => {
      this.#last = picture;
      for (const viewer of this.#viewers) viewer.show(picture);
    };
    const tabs = new Tabs(cdp, () => pagesByFront(this.#parts.browser), {
      onChange: () => this.#tell(),
      onPicture,
    });
    this.#tabs = tabs;
    void cdp.ended
      .then(() => sleep(ENDING_MS, undefined, { ref: false }))
      .then(() => {
        if (this.#tabs === tabs) this.#lose('The browser was lost from sight.');
      });
    await tabs.start();
  }

  #lose(reason: string): void {
    this.#lookAway();
    for (const viewer of this.#viewers) viewer.channel.close(LOST, reason);
  }

  #lookAway(): void {
    const tabs = this.#tabs;
    [this.#tabs, this.#looking, this.#last] = [undefined, undefined, undefined];
    tabs?.close();
  }

  #leave(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    if (this.#controller === viewer) this.#controller = undefined;
    if (this.#viewers.size === 0) this.#lookAway();
    else this.#tell();
  }

  #hear(viewer: Viewer, text: string | Uint8Array): void {
    const refuse = (error: unknown) => viewer.tell({ type: 'refused', reason: (error as Error).message });
    try {
      this.#do(viewer, readMessage(text)).catch(refuse);
    } catch (error) {
      refuse(error);
    }
  }

  async #do(viewer: Viewer, message: ViewerMessage): Promise<void> {
    switch (message.type) {
      case 'drawn':
        return viewer.drawn();
      case 'take':
        return this.#take(viewer);
      case 'release':
        return this.#release(viewer);
      default:
        if (this.#controller !== viewer) throw new Error('You are not in control.');
        if (this.#tabs) await act(this.#tabs, message);
    }
  }

  #take(viewer: Viewer): void {
    if (this.#controller && this.#controller !== viewer)
      throw new Error('Another person is in control, and has to give it back first.');
    this.#controller = viewer;
    if (this.#parts.automation.enabled) this.#parts.setAutomation('DISABLED');
    else this.#tell();
  }

  #release(viewer: Viewer): void {
    if (this.#controller && this.#controller !== viewer)
      throw new Error('Another person is in control; only that person gives it back.');
    this.#parts.setAutomation('ENABLED');
  }

  #tell(): void {
    const { enabled } = this.#parts.automation;
    if (!this.#tabs) return;
    this.#tabs.follows = this.#controller === undefined;
    const { all: tabs, shown } = this.#tabs;
    const controlOf = (viewer: Viewer) => {
      if (enabled) return 'automation';
      if (!this.#controller) return 'nobody';
      return this.#controller === viewer ? 'you' : 'other';
    };
    for (const viewer of this.#viewers) {
      const { id, dialog, silent = false } = shown ?? {};
      const state = { tabs, shown: id, dialog, silent, control: controlOf(viewer) } as const;
      viewer.tell({ type: 'state', ...state } satisfies Told);
    }
  }
}
