import type { Duplex } from 'node:stream';
import type { Egress, EgressRefusal } from '../egress/index.ts';
import type { Cdp } from './cdp.ts';
import type { Policies } from './policies.ts';

/** The size of a page, in CSS pixels. */
export interface ViewPort {
  width: number;
  height: number;
}

/** What a page has unless somebody asks for another size. */
export const defaultViewPort: ViewPort = { width: 1456, height: 819 };

/** What a browser is started with. */
export interface BrowserSpec {
  viewPort: ViewPort;
  /** Its only way out. */
  egress: Egress;
  policies?: Policies | undefined;
  /** Folders of unpacked extensions, which everybody may read. */
  extensions?: readonly string[] | undefined;
}

/** A running Chromium with a profile of its own, and the way to it. It begins with one empty page. */
export interface Browser {
  readonly id: string;
  /** Resolves when it has ended for whatever reason, with that reason in words. Never rejects. */
  readonly ended: Promise<string>;
  /**
   * A connection, for its user, to Chromium's DevTools server, which speaks HTTP and WebSocket. The browser does not mind who comes and
   * goes. Waits until the first page has its size. @throws BrowserError when it has ended.
   */
  connect(): Promise<Duplex>;
  /** The path of the browser's own WebSocket on that server, e.g. `/devtools/browser/…`. */
  readonly devtoolsPath: string;
  /** A client of that WebSocket. @throws BrowserError when the browser has ended. */
  cdp(): Promise<Cdp>;
  /** What its pages were refused to reach, the newest last; the last 50 at most. */
  refusals(): readonly EgressRefusal[];
  /** Ends it and every process it has started; idempotent. Resolves when nothing is left. */
  close(): Promise<void>;
}

/** What starts browsers on this machine. */
export interface BrowserProvider {
  /** Whether browsers work here; otherwise what is missing, and the cure. */
  probe(): Promise<{ works: true } | { works: false; reason: string; cure: string }>;
  /** @throws BrowserError where {@link probe} says no, or this one does not start. */
  start(id: string, spec: BrowserSpec): Promise<Browser>;
  /** Keeps no more browsers ready. Those that were handed out stay. Idempotent. */
  close(): Promise<void>;
}

/** Why a browser does not start or is there no more, in words that say what to do next. */
export class BrowserError extends Error {
  override readonly name = 'BrowserError';
}
