import type { Cdp, CdpEvent } from '../../../browser/cdp.ts';
import type { Dialog, Tab } from './messages.ts';

/** A picture of the tab that is shown. */
export interface Picture {
  jpeg: Buffer;
  /** The size of the page in it, in CSS pixels. */
  width: number;
  height: number;
}

export interface TabsListener {
  /** Tabs, dialogs or what is shown have changed. */
  onChange(): void;
  onPicture(picture: Picture): void;
}

interface Attached extends Tab {
  sessionId: string;
  dialog?: Dialog | undefined;
  /** It does not answer. */
  silent?: boolean;
}

interface TargetInfo {
  targetId: string;
  type: string;
  title: string;
  url: string;
}

interface Attachment {
  sessionId: string;
  targetInfo: TargetInfo;
}

interface Frame {
  data: string;
  sessionId: number;
  metadata: { deviceWidth: number; deviceHeight: number };
}

interface DialogOpening {
  type: Dialog['kind'];
  message: string;
  defaultPrompt?: string;
}

const QUALITY = 75;
/** How often is looked at what nobody tells of, in milliseconds: a title that comes later, another tab in front. */
const LOOK_MS = 1_000;
const SILENCE_MS = 2_000;

/** Parts of the browser's own surface say that they are pages, too. */
const isTab = ({ type, url }: Pick<TargetInfo, 'type' | 'url'>) =>
  type === 'page' && !/^chrome:\/\/[\w-]+\.top-chrome\//.test(url);

/** The tabs of a browser, one of which is shown. Follows what happens in it: a new tab, one that comes to the front. */
export class Tabs {
  readonly #cdp: Cdp;
  readonly #byFront: () => Promise<readonly string[]>;
  readonly #listener: TabsListener;
  readonly #tabs = new Map<string, Attached>();
  #shown: Attached | undefined;
  /** The tab that came to the front last. */
  #front: string | undefined;
  #follows = true;
  #watch: NodeJS.Timeout | undefined;

  readonly #ofBrowser: Readonly<Record<string, (params: never) => void>> = {
    'Target.attachedToTarget': (params: Attachment) => this.#attach(params),
    'Target.detachedFromTarget': ({ sessionId }: Attachment) => this.#detach(sessionId),
    'Target.targetInfoChanged': ({ targetInfo }: Attachment) => this.#rename(targetInfo),
  };

  readonly #ofTab: Readonly<Record<string, (tab: Attached, params: never) => void>> = {
    'Page.screencastFrame': (tab, frame: Frame) => this.#picture(tab, frame),
    'Page.frameNavigated': (tab, { frame }: { frame: { parentId?: string } }) => {
      if (tab === this.#shown || !this.#follows || frame.parentId) return;
      this.#showIfVisible(tab).catch(() => {});
    },
    'Page.loadEventFired': () => void this.#look(),
    'Page.javascriptDialogOpening': (tab, { type, message, defaultPrompt = '' }: DialogOpening) => {
      this.#ask(tab, { kind: type, message, suggestion: defaultPrompt });
    },
    'Page.javascriptDialogClosed': (tab) => this.#ask(tab, undefined),
  };

  /** @param byFront Tells the ids of tabs, among others, the one first that was brought to the front last. */
  constructor(cdp: Cdp, byFront: () => Promise<readonly string[]>, listener: TabsListener) {
    this.#cdp = cdp;
    this.#byFront = byFront;
    this.#listener = listener;
    cdp.on((event) => this.#hear(event));
    void cdp.ended.then(() => this.#tabs.clear());
  }

  /** @throws CdpError where the browser has gone. */
  async start(): Promise<void> {
    this.#watch = setInterval(() => this.#look(), LOOK_MS).unref();
    await this.#cdp.send('Target.setDiscoverTargets', { discover: true });
    const attach = { autoAttach: true, waitForDebuggerOnStart: false, flatten: true };
    await this.#cdp.send('Target.setAutoAttach', attach);
    await this.#look();
  }

  get all(): Tab[] {
    return [...this.#tabs.values()].map(({ id, title, url }) => ({ id, title, url }));
  }

  get shown(): Omit<Attached, 'sessionId'> | undefined {
    return this.#shown;
  }

  /** Whether it goes where automation goes; a new tab is shown in any case. */
  set follows(follows: boolean) {
    this.#follows = follows;
  }

  /** Sends a command to the tab that is shown; nobody waits, as a page may keep it waiting. */
  tell(method: string, params: object = {}): void {
    this.ask(method, params).catch(() => {});
  }

  /** @throws CdpError where there is no tab, or it refuses. */
  async ask(method: string, params: object = {}) {
    return this.#cdp.send(method, params, this.#shown?.sessionId);
  }

  /** Brings a tab to the front and shows it. */
  async activate(id: string): Promise<void> {
    const tab = this.#tabs.get(id);
    if (!tab) return;
    await this.#cdp.send('Target.activateTarget', { targetId: id });
    this.#front = id;
    this.#show(tab);
  }

  close(): void {
    clearInterval(this.#watch);
    this.#cdp.close();
  }

  #hear({ method, params, sessionId }: CdpEvent): void {
    this.#ofBrowser[method]?.(params as never);
    const tab = sessionId === undefined ? undefined : this.#attachedAs(sessionId);
    if (tab) this.#ofTab[method]?.(tab, params as never);
  }

  #attachedAs(sessionId: string): Attached | undefined {
    return [...this.#tabs.values()].find((tab) => tab.sessionId === sessionId);
  }

  #ask(tab: Attached, dialog: Dialog | undefined): void {
    tab.dialog = dialog;
    this.#listener.onChange();
  }

  #attach({ sessionId, targetInfo }: Attachment): void {
    if (!isTab(targetInfo)) return;
    const { targetId: id, title, url } = targetInfo;
    const tab = { id, title, url, sessionId };
    this.#tabs.set(id, tab);
    this.#cdp.send('Page.enable', {}, sessionId).catch(() => {});
    this.#hearFrom(tab);
    if (this.#shown) void this.#look();
    this.#listener.onChange();
  }

  /** A dialog that was open before anybody looked on is told to nobody and can be answered by nobody; its page is silent. */
  #hearFrom(tab: Attached): void {
    const set = (silent: boolean) => {
      if (Boolean(tab.silent) === silent) return;
      tab.silent = silent;
      this.#listener.onChange();
    };
    const late = setTimeout(set, SILENCE_MS, true).unref();
    const again = () => setTimeout(() => this.#tabs.has(tab.id) && this.#hearFrom(tab), SILENCE_MS).unref();
    this.#cdp
      .send('Runtime.evaluate', { expression: '0' }, tab.sessionId)
      .then(() => set(false), again)
      .finally(() => clearTimeout(late));
  }

  #rename({ targetId, type, title, url }: TargetInfo): void {
    const tab = this.#tabs.get(targetId);
    if (!tab) return;
    if (!isTab({ type, url })) this.#forget(tab);
    else this.#describe(tab, title, url);
  }

  #describe(tab: Attached, title: string, url: string): void {
    if (tab.title === title && tab.url === url) return;
    Object.assign(tab, { title, url });
    this.#listener.onChange();
  }

  #detach(sessionId: string): void {
    const tab = this.#attachedAs(sessionId);
    if (tab) this.#forget(tab);
  }

  #forget(tab: Attached): void {
    this.#tabs.delete(tab.id);
    if (tab === this.#shown) {
      [this.#shown, this.#front] = [undefined, undefined];
      void this.#look();
    }
    this.#listener.onChange();
  }

  /** Shows the tab that has come to the front, if another one has. */
  async #look(): Promise<void> {
    const infos: Promise<{ targetInfos: TargetInfo[] }> = this.#cdp.send('Target.getTargets');
    const [{ targetInfos }, ids] = await Promise.all([
      infos.catch(() => ({ targetInfos: [] })),
      this.#byFront().catch(() => []),
    ]);
    for (const info of targetInfos) this.#rename(info);
    const front = ids.find((id) => this.#tabs.has(id));
    const tab = front === this.#front ? undefined : this.#tabs.get(front ?? '');
    if (!tab) return;
    this.#front = front;
    this.#show(tab);
  }

  /** Automation also works in tabs that it has not brought to the front, but none has pictures that is not visible. */
  async #showIfVisible(tab: Attached): Promise<void> {
    const expression = 'document.visibilityState';
    const { result } = await this.#cdp.send('Runtime.evaluate', { expression }, tab.sessionId);
    if (result.value === 'visible' && this.#tabs.has(tab.id)) this.#show(tab);
  }

  #show(tab: Attached): void {
    if (tab === this.#shown) return;
    this.tell('Page.stopScreencast');
    this.#shown = tab;
    this.tell('Page.startScreencast', { format: 'jpeg', quality: QUALITY });
    this.#listener.onChange();
  }

  #picture(tab: Attached, frame: Frame): void {
    this.#cdp.send('Page.screencastFrameAck', { sessionId: frame.sessionId }, tab.sessionId).catch(() => {});
    if (tab !== this.#shown) return;
    const { deviceWidth: width, deviceHeight: height } = frame.metadata;
    this.#listener.onPicture({ jpeg: Buffer.from(frame.data, 'base64'), width, height });
  }
}
