import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, Dialog, Page } from 'playwright-core';
import { answerDialog, describeDialog } from './dialogs.ts';
import { Numbers } from './identify.ts';
import { Tab } from './tab.ts';

/** A page that is busy with itself or has crashed may not follow at once. */
const BUSY_MS = 1_000;

const known = new WeakMap<Browser, Tabs>();

/** The tabs of a browser. The newest is the current one, as a person would see it, until another is chosen. */
export class Tabs {
  /** In the order in which they were opened. */
  list: readonly Tab[] = [];
  /** What to answer to the dialogs to come. */
  readonly answers: string[] = [];
  /** The dialogs that were answered so. */
  readonly answered: string[] = [];
  readonly #numbers = new Numbers();
  readonly #context: BrowserContext;
  readonly #known = new Map<Page, Tab>();
  #current: Tab | undefined;
  #appearing: Promise<unknown>;

  private constructor(context: BrowserContext) {
    this.#context = context;
    this.#appearing = Promise.all(context.pages().map((page) => this.#heed(page)));
    context.on('page', (page) => {
      this.#appearing = Promise.all([this.#appearing, this.#heed(page)]);
    });
  }

  /** Those of a connection; what was heard and seen of them lasts as long as it does. */
  static async of(connection: Browser): Promise<Tabs> {
    const [context = await connection.newContext()] = connection.contexts();
    const tabs = known.get(connection) ?? new Tabs(context);
    known.set(connection, tabs);
    await tabs.settled();
    return tabs;
  }

  /** Until what has been opened is listed. */
  async settled(): Promise<void> {
    await this.#appearing;
  }

  get current(): Tab | undefined {
    return this.#current;
  }

  /** The current tab; a new one where there is none. */
  async open(): Promise<Tab> {
    return this.#current ?? (await this.add());
  }

  async add(): Promise<Tab> {
    const page = await this.#context.newPage();
    await this.settled();
    return this.choose(this.#tabOf(page));
  }

  choose(tab: Tab): Tab {
    this.#current = tab;
    return tab;
  }

  /** Makes it the current one, in the window as well. */
  async show(tab: Tab): Promise<void> {
    this.choose(tab);
    await Promise.race([tab.page.bringToFront().catch(() => {}), sleep(BUSY_MS)]);
  }

  async close(tab: Tab): Promise<void> {
    this.#drop(tab);
    await Promise.race([tab.page.close().catch(() => {}), sleep(BUSY_MS)]);
  }

  #answer(dialog: Dialog): boolean {
    const answer = this.answers.shift();
    if (answer === undefined) return false;
    this.answered.push(`${describeDialog(dialog)}: ${answer}`);
    answerDialog(dialog, answer).catch(() => {});
    return true;
  }

  /** Listens to a page at once, and lists it where it is a tab: browsers have pages that nobody sees, too. */
  async #heed(page: Page): Promise<void> {
    const tab = this.#tabOf(page);
    if (!(await hasWindow(page)) || page.isClosed()) return;
    if (!this.list.includes(tab)) this.list = [...this.list, tab];
    this.choose(tab);
  }

  #tabOf(page: Page): Tab {
    const known = this.#known.get(page);
    if (known) return known;
    const tab = new Tab(page, this.#numbers, (dialog) => this.#answer(dialog));
    this.#known.set(page, tab);
    page.on('close', () => this.#drop(tab));
    return tab;
  }

  #drop(tab: Tab): void {
    this.#known.delete(tab.page);
    this.list = this.list.filter((other) => other !== tab);
    if (this.#current === tab) this.#current = this.list.at(-1);
  }
}

async function hasWindow(page: Page): Promise<boolean> {
  try {
    const session = await page.context().newCDPSession(page);
    await session.send('Browser.getWindowForTarget').finally(() => session.detach().catch(() => {}));
    return true;
  } catch (error) {
    return !/window not found/i.test((error as Error).message);
  }
}
