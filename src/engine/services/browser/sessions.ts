import {
  type Browser,
  BrowserError,
  type BrowserProvider,
  defaultViewPort,
  type ViewPort,
} from '../../browser/browser.ts';
import { CdpError } from '../../browser/cdp.ts';
import { restoreState } from '../../browser/state.ts';
import { Watch } from '../../browser/watch.ts';
import type { InputOf, Scope } from '../../service.ts';
import { conflict } from '../exceptions.ts';
import type { SessionRow } from '../tool-sessions/rows.ts';
import { type SessionDependencies, ToolSessions } from '../tool-sessions/sessions.ts';
import { Automation } from './automation.ts';
import type { Prepared } from './settings.ts';

const DEFAULT_TTL_SECONDS = 3600;

/** What a session was given, as Get gives it back. */
export type Given = Pick<
  InputOf<'StartBrowserSession'>,
  'extensions' | 'profileConfiguration' | 'proxyConfiguration' | 'enterprisePolicies' | 'certificates'
>;

export interface BrowserSessionRow extends SessionRow {
  browserIdentifier: string;
  viewPort: ViewPort;
  automation: 'ENABLED' | 'DISABLED';
  given: Given;
}

/** What a session is started with. */
interface Wanted {
  browser: string;
  name?: string | undefined;
  timeoutSeconds?: number | undefined;
  viewPort?: ViewPort | undefined;
  given: Given;
  /** Reads what the settings name. */
  prepare(): Promise<Prepared>;
}

/** The browser of a session, and who drives it. */
export interface BrowserMachine {
  browser: Browser;
  automation: Automation;
  /** What is open in it. */
  watch: Promise<Watch>;
  ended: Promise<string>;
  close(): Promise<void>;
}

/** Browser sessions: a Chromium each. */
export class Sessions extends ToolSessions<BrowserSessionRow, BrowserMachine> {
  readonly #browsers: BrowserProvider;

  constructor({ browsers, ...dependencies }: SessionDependencies & { browsers: BrowserProvider }) {
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
  }

  /** @throws ConflictException where this machine cannot run a browser; the message has the cure. What `prepare` throws. */
  start(
    scope: Scope,
    {
      browser,
      name,
      timeoutSeconds = DEFAULT_TTL_SECONDS,
      viewPort = defaultViewPort,
      given,
      prepare,
    }: Wanted,
  ): Promise<BrowserSessionRow> {
    return this.begin(scope, {
      resource: browser,
      timeoutSeconds,
      launch: async (sessionId) => this.#launch(sessionId, viewPort, await prepare()),
      describe: (row) => ({
        ...row,
        browserIdentifier: browser,
        name,
        viewPort,
        automation: 'ENABLED',
        given,
      }),
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

  async #launch(
    sessionId: string,
    viewPort: ViewPort,
    { state, release, ...spec }: Prepared,
  ): Promise<BrowserMachine> {
    try {
      const browser = await this.#browsers.start(sessionId, { viewPort, ...spec });
      const close = () => browser.close().finally(release);
      try {
        if (state) await restoreState(browser, state);
      } catch (error) {
        await close();
        throw error;
      }
      const watch = Watch.start(
        browser,
        state?.storage.map(({ origin }) => origin),
      );
      // Who needs it hears of it.
      watch.catch(() => {});
      return { browser, automation: new Automation(browser), watch, ended: browser.ended, close };
    } catch (error) {
      await release();
      if (error instanceof BrowserError || error instanceof CdpError) throw conflict(error.message);
      throw error;
    }
  }
}
