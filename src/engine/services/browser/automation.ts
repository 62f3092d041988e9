import type { Duplex } from 'node:stream';
import type { Browser } from '../../browser/browser.ts';

/** Who may drive a browser over the DevTools protocol: automation, until a person takes control. */
export class Automation {
  readonly #browser: Browser;
  readonly #streams = new Set<Duplex>();
  readonly #listeners = new Set<() => void>();
  #enabled = true;

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  /** Disabled, it ends the streams there are. */
  set enabled(enabled: boolean) {
    this.#enabled = enabled;
    if (!enabled) for (const stream of this.#streams) stream.destroy();
    for (const listener of this.#listeners) listener();
  }

  /** Hears when it is enabled or disabled, also anew. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** A connection to the browser that lasts as long as automation is enabled. */
  async open(): Promise<Duplex> {
    const stream = await this.#browser.connect();
    this.#streams.add(stream);
    stream.once('close', () => this.#streams.delete(stream));
    if (!this.#enabled) stream.destroy();
    return stream;
  }
}
