import {
  descendants,
  inodeMemory,
  mappedMemory,
  proportionalMemory,
  residentMemory,
  socketMemory,
} from './memory.ts';

/**
 * What runs in a sandbox: a call that is waited for, only programs beside the calls, nothing that anybody knows of, or nothing
 * at all so far.
 */
export type Attention = 'call' | 'program' | 'idle' | 'unused';

/** Pauses between two looks: while memory grows near the limit, and at most. Programs run for hours, mostly waiting. */
const GROWING_MS = 20;
const PAUSES_MS = { call: 50, program: 250, idle: 1000, unused: 10_000 } as const satisfies Record<
  Attention,
  number
>;
const IDLE_MS = PAUSES_MS.idle;
/** On every so many polls everything is measured, on the others what can grow fastest. */
const THOROUGH_EVERY = 10;
/** How long what exceeds the limit may take to go away; after as long below the limit an excess is over. */
const EXCESS_GRACE_MS = 2000;
/** Below this part of the limit it is over at once: there is room to go on. */
const ROOMY = 3 / 4;

export interface Watched {
  /** The process above all others. */
  root: number;
  /** The places that live in memory, as the processes see them. */
  folders: readonly string[];
  limitBytes: number;
}

export interface Alarms {
  /** Called when more than the limit comes into use: ends every process. */
  onExcess(): void;
  /** Called when that did not help for long. */
  onLastingExcess(): void;
}

/** Watches the memory of a tree of processes, from outside of it. Looking takes time: see {@link MemoryWatches}. */
export class Watchdog {
  readonly #watched: Watched;
  readonly #alarms: Alarms;
  #timer: NodeJS.Timeout | undefined;
  #calm: number = PAUSES_MS.unused;
  #polls = 0;
  #slow = 0;
  #lastUsed = 0;
  #pause: number = PAUSES_MS.unused;
  /** When an excess began, and when it was last seen. */
  #excess: { since: number; last: number } | undefined;

  constructor(watched: Watched, alarms: Alarms) {
    this.#watched = watched;
    this.#alarms = alarms;
    this.#schedule(PAUSES_MS.unused);
  }

  /** How soon memory may be needed. */
  attend(attention: Attention): void {
    this.#calm = PAUSES_MS[attention];
    if (this.#timer && this.#calm < this.#pause) this.#schedule(this.#calm);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#pause = ms;
    this.#timer = setTimeout(() => this.#poll(), ms);
  }

  #poll(): void {
    const { root, folders, limitBytes } = this.#watched;
    const begun = performance.now();
    const pids = descendants(root);
    const sockets = socketMemory(root);
    const resident = residentMemory(pids);
    // Of many mappings the exact look below would take longest, so that they are counted before it.
    if (this.#polls++ % THOROUGH_EVERY === 0 || this.#slow + sockets + resident > limitBytes)
      this.#slow = mappedMemory(pids) + inodeMemory(root, folders);
    const besides = this.#slow + sockets;
    const used = besides + resident;
    if (besides > limitBytes || (used > limitBytes && besides + proportionalMemory(pids) > limitBytes))
      this.#exceeded();
    else if (used < ROOMY * limitBytes || begun - (this.#excess?.last ?? begun) > EXCESS_GRACE_MS)
      this.#excess = undefined;
    // Other sandboxes wait for this one, so what took long is not done again at once.
    const took = Math.min(performance.now() - begun, IDLE_MS);
    if (this.#timer) this.#schedule(Math.max(took, this.#paceFor(used)));
  }

  #exceeded(): void {
    this.#polls = 0;
    const now = performance.now();
    if (this.#excess === undefined) this.#alarms.onExcess();
    else if (now - this.#excess.since > EXCESS_GRACE_MS) this.#alarms.onLastingExcess();
    this.#excess = { since: this.#excess?.since ?? now, last: now };
  }

  /** Near the limit it looks often while memory grows, and ever less often while it does not. */
  #paceFor(used: number): number {
    const { limitBytes } = this.#watched;
    const grown = used - this.#lastUsed > limitBytes / 1000;
    this.#lastUsed = used;
    if (used <= limitBytes / 2) return this.#calm;
    return grown || this.#excess !== undefined ? GROWING_MS : Math.min(2 * this.#pause, this.#calm);
  }
}
