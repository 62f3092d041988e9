import {
  type Browser,
  BrowserError,
  type BrowserProvider,
  defaultViewPort,
  type ViewPort,
} from '../../browser/browser.ts';
import type { Egress } from '../../egress/index.ts';
import type { Scope } from '../../service.ts';
import { conflict } from '../exceptions.ts';
import type { SessionRow } from '../tool-sessions/rows.ts';
import { type SessionDependencies, ToolSessions } from '../tool-sessions/sessions.ts';
import { Automation } from './automation.ts';

const DEFAULT_TTL_SECONDS = 3600;

export interface BrowserSessionRow extends SessionRow {
  browserIdentifier: string;
  viewPort: ViewPort;
  automation: 'ENABLED' | 'DISABLED';
}

/** What a session is started with. */
interface Wanted {
  browser: string;
  name?: string | undefined;
  timeoutSeconds?: number | undefined;
  viewPort?: ViewPort | undefined;
}

/** The browser of a session, and who drives it. */
export interface BrowserMachine {
  browser: Browser;
  automation: Automation;
  ended: Promise<string>;
  close(): Promise<void>;
}

/** Browser sessions: a Chromium each. */
export class Sessions extends ToolSessions<BrowserSessionRow, BrowserMachine> {
  readonly #browsers: BrowserProvider;
  readonly #egress: () => Egress;

  constructor({
    browsers,
    egress,
    ...dependencies
  }: SessionDependencies & { browsers: BrowserProvider; egress: () => Egress }) {
    super(
      {
        collection: 'browser-session',
        title: 'browser session',
        listing: 'ListBrowserSessions',
        resourceOf: (row) => row.browserIdentifier,
      },
      dependencies,
    );
    this.#browsers = browsers;
    this.#egress = egress;
  }

  /** @throws ConflictException where this machine cannot run a browser; the message has the cure. */
  start(
    scope: Scope,
    { browser, name, timeoutSeconds = DEFAULT_TTL_SECONDS, viewPort = defaultViewPort }: Wanted,
  ): Promise<BrowserSessionRow> {
    return this.begin(scope, {
      resource: browser,
      timeoutSeconds,
      launch: (sessionId) => this.#launch(sessionId, viewPort),
      describe: (row) => ({ ...row, browserIdentifier: browser, name, viewPort, automation: 'ENABLED' }),
    });
  }

  /** Lets automation drive the browser of a READY session, or a person alone. */
  setAutomation(
    scope: Scope,
    browser: string,
    sessionId: string,
    status: BrowserSessionRow['automation'],
  ): BrowserSessionRow {
    const { automation } = this.machine(scope, browser, sessionId);
    const row = this.change(scope, browser, sessionId, { automation: status });
    automation.enabled = status === 'ENABLED';
    return row;
  }

  async #launch(sessionId: string, viewPort: ViewPort): Promise<BrowserMachine> {
    try {
      const browser = await this.#browsers.start(sessionId, { viewPort, egress: this.#egress() });
      const { ended } = browser;
      return { browser, automation: new Automation(browser), ended, close: () => browser.close() };
    } catch (error) {
      if (error instanceof BrowserError) throw conflict(error.message);
      throw error;
    }
  }
}
