import { EventEmitter, once } from 'node:events';
import type { Dialog, Locator, Page, Request } from 'playwright-core';
import { redact } from '../../secrets.ts';
import { everyNode, identify, type Numbers } from './identify.ts';
import { type Line, linesOf } from './print.ts';
import { type Outline, outlineOf, type Seen } from './tree.ts';

/** How long something in a page may take. */
export interface Limits {
  /** Milliseconds. */
  timeout: number;
  signal: AbortSignal;
}

/** Older ones are forgotten. */
const MAX_KEPT = 200;
/** Characters of one. An address may hold a whole page. */
const MAX_LINE = 2_000;

/** One tab of the browser: its page, and what was heard and seen of it since this server looks at it. */
export class Tab {
  readonly page: Page;
  /** The dialog that is open, and holds up everything else. */
  dialog: Dialog | undefined;
  crashed = false;
  /** What the page wrote to its console, e.g. `error: it broke`. */
  readonly console: string[] = [];
  /** What the page asked for, e.g. `GET 200 https://example.com/`. */
  readonly requests: string[] = [];
  /** Names of files that the page began to send and nobody took. */
  readonly downloads: string[] = [];
  /** Since they were last told. */
  errors = 0;
  failures = 0;
  /** The page when it was last looked at. */
  outline: Outline[] = [];
  readonly #events = new EventEmitter();
  readonly #next: Numbers;
  /** How many documents the tab has had. */
  #document = 0;
  /** Where the tab was when its page was last looked at. */
  #looked: Place | undefined;
  /** The page as the client last saw it. */
  #shown: { lines: Line[]; place: Place } | undefined;

  constructor(page: Page, next: Numbers, answer: (dialog: Dialog) => boolean) {
    this.page = page;
    this.#next = next;
    page.on('domcontentloaded', () => this.#document++);
    page.on('dialog', (dialog) => answer(dialog) || this.#disturb({ dialog }));
    page.on('crash', () => this.#disturb({ crashed: true }));
    page.on('close', () => this.#disturb({}));
    page.on('download', (download) => keep(this.downloads, download.suggestedFilename()));
    page.on('console', (message) => {
      if (isIcon(message.location().url)) return;
      if (message.type() === 'error') this.errors++;
      keep(this.console, `${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => {
      this.errors++;
      keep(this.console, `error: ${error.message}`);
    });
    page.on('response', (response) => {
      const request = response.request();
      if (response.status() >= 400 && !isIcon(request.url())) this.failures++;
      keep(this.requests, `${request.method()} ${response.status()} ${request.url()}`);
    });
    page.on('requestfailed', (request) => this.#failed(request));
  }

  #failed(request: Request): void {
    const reason = request.failure()?.errorText ?? 'failed';
    if (reason !== 'net::ERR_ABORTED') this.failures++;
    keep(this.requests, `${request.method()} ${reason} ${request.url()}`);
  }

  #disturb(what: { dialog?: Dialog; crashed?: boolean }): void {
    Object.assign(this, what);
    this.#events.emit('disturbed');
  }

  /** Whether nothing can be done in the page now. */
  get isStuck(): boolean {
    return this.dialog !== undefined || this.crashed || this.page.isClosed();
  }

  /** Waits for some work in the page, but not where a dialog, a crash or its end holds it up. */
  async unlessStuck<T>(work: Promise<T>): Promise<T | undefined> {
    const over = new AbortController();
    const disturbed = once(this.#events, 'disturbed', { signal: over.signal }).catch(() => {});
    work.catch(() => {});
    try {
      if (this.isStuck) return undefined;
      return await Promise.race([work, disturbed.then(() => undefined)]);
    } finally {
      over.abort();
    }
  }

  /** Looks at the page: gives every element its id, the one it had where it is still there. */
  async look({ timeout, signal }: Limits): Promise<Outline[]> {
    const seen = (await this.page.ariaSnapshotJSON({ mode: 'ai', timeout, signal })) as Seen[];
    const outline = outlineOf(seen);
    const place = this.#place();
    identify(isSamePlace(place, this.#looked) ? this.outline : [], outline, this.#next);
    this.outline = outline;
    this.#looked = place;
    return outline;
  }

  /** Looks at a part of the page, of a list of options also at these. */
  async part(at: Locator, { timeout, signal }: Limits): Promise<Outline[]> {
    const seen = (await at.ariaSnapshotJSON({ mode: 'ai', timeout, signal })) as Seen[];
    const whole = await this.look({ timeout, signal });
    const nodes = outlineOf(seen);
    identify(whole, nodes, this.#next);
    const [only] = nodes;
    return nodes.length === 1 && only?.children[0]?.role === 'option' ? only.children : nodes;
  }

  /** What a ref stands for, as the page was when it was last looked at. */
  named(ref: string): Outline | undefined {
    for (const node of everyNode(this.outline)) if (node.ref === ref) return node;
    return undefined;
  }

  /** Whether a ref stands, or stood, for something in some tab. */
  wasGiven(ref: string): boolean {
    return this.#next.wasGiven(ref);
  }

  /** The ref of an element that is not shown with one. */
  refOf(node: Outline): string {
    node.ref ??= this.#next.ref();
    return node.ref;
  }

  /** The outline in lines, remembered as what the client has seen. @returns what it had seen before of the same page. */
  show(): { before: Line[] | undefined; lines: Line[] } {
    const place = this.#place();
    const before = isSamePlace(place, this.#shown?.place) ? this.#shown?.lines : undefined;
    const lines = linesOf(this.outline);
    this.#shown = { lines, place };
    return { before, lines };
  }

  /** What is shown next is seen for the first time. */
  forget(): void {
    this.#shown = undefined;
  }

  #place(): Place {
    return { document: this.#document, address: this.page.url().replace(/[?#].*$/s, '') };
  }
}

/** Where a tab is. */
interface Place {
  document: number;
  /** Without query and fragment. */
  address: string;
}

/** Whether it is the same page, also when it was loaded again or has changed its address itself. */
function isSamePlace(place: Place, other: Place | undefined): boolean {
  return other?.document === place.document || other?.address === place.address;
}

/** Browsers ask for it by themselves. */
const isIcon = (url: string) => url.endsWith('/favicon.ico');

function keep(list: string[], line: string): void {
  list.push(redact(line).slice(0, MAX_LINE));
  if (list.length > MAX_KEPT) list.shift();
}
