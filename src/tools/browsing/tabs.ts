import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, Dialog, Page } from 'playwright-core';
import { answerDialog, describeDialog } from './dialogs.ts';
import { Tab } from './tab.ts';

const CLOSE_MS = 1_000;

const known = new WeakMap<Browser, Tabs>();

/** The tabs of a browser. The newest is the current one, as a person would see it, until another is chosen. */
export class Tabs {
  /** In the order in which they were opened. */
  list: readonly Tab[] = [];
  /** What to answer to the dialogs to come. */
  readonly answers: string[] = [];
  /** The dialogs that were answered so. */
  readonly answered: string[] = [];
  readonly #context: BrowserContext;
  #current: Tab | undefined;

  private constructor(context: BrowserContext) {
    this.#context = context;
    for (const page of context.pages()) this.#add(page);
    context.on('page', (page) => this.#add(page));
  }

  /** Those of a connection; what was heard and seen of them lasts as long as it does. */
  static async of(connection: Browser): Promise<Tabs> {
    const [context = await connection.newContext()] = connection.contexts();
    const tabs = known.get(connection) ?? new Tabs(context);
    known.set(connection, tabs);
    return tabs;
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
    return this.choose(this.list.find((tab) => tab.page === page) ?? this.#add(page));
  }

  choose(tab: Tab): Tab {
    this.#current = tab;
    return tab;
  }

  /** A page that is busy or has crashed may not be gone at once. */
  async close(tab: Tab): Promise<void> {
    this.#drop(tab);
    await Promise.race([tab.page.close().catch(() => {}), sleep(CLOSE_MS)]);
  }

  #answer(dialog: Dialog): boolean {
    const answer = this.answers.shift();
    if (answer === undefined) return false;
    this.answered.push(`${describeDialog(dialog)}: ${answer}`);
    answerDialog(dialog, answer).catch(() => {});
    return true;
  }

  #add(page: Page): Tab {
    const tab = new Tab(page, (dialog) => this.#answer(dialog));
    this.list = [...this.list, tab];
    page.on('close', () => this.#drop(tab));
    return this.choose(tab);
  }

  #drop(tab: Tab): void {
    this.list = this.list.filter((other) => other !== tab);
    if (this.#current === tab) this.#current = this.list.at(-1);
  }
}
