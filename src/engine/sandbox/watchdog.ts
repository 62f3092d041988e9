import {
  descendants,
  inodeMemory,
  mappedMemory,
  proportionalMemory,
  residentMemory,
  socketMemory,
} from './memory.ts';

const BUSY_MS = 50;
const NEAR_MS = 20;
const IDLE_MS = 1000;
/** On every so many polls everything is measured, on the others what can grow fastest. */
const THOROUGH_EVERY = 10;
/** How long what exceeds the limit may take to go away. */
const EXCESS_GRACE_MS = 2000;
/** Below this part of the limit an excess is over: there is room to go on. */
const ROOMY = 3 / 4;

export interface Watched {
  /** The process above all others. */
  root: number;
  /** The places that live in memory, as the processes see them. */
  folders: readonly string[];
  limitBytes: number;
  /** Called when more than the limit comes into use: ends every process. */
  onExcess(): void;
  /** Called when that did not help for long. */
  onLastingExcess(): void;
}

/** Watches the memory of a tree of processes, from outside of it. */
export class Watchdog {
  readonly #watched: Watched;
  #timer: NodeJS.Timeout | undefined;
  #busy = 0;
  #polls = 0;
  #slow = 0;
  #excessSince: number | undefined;

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#schedule(IDLE_MS);
  }

  /** Polls often until the function returned is called. */
  watchClosely(): () => void {
    if (this.#busy++ === 0 && this.#timer) this.#schedule(BUSY_MS);
    return () => {
      this.#busy--;
    };
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#poll(), ms).unref();
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
    else if (used < ROOMY * limitBytes) this.#excessSince = undefined;
    // Others wait for this process too, so what took long is not done again at once.
    const pause = Math.min(performance.now() - begun, IDLE_MS);
    if (this.#timer) this.#schedule(Math.max(pause, this.#pace(used)));
  }

  #exceeded(): void {
    this.#polls = 0;
    const now = performance.now();
    if (this.#excessSince === undefined) {
      this.#excessSince = now;
      this.#watched.onExcess();
    } else if (now - this.#excessSince > EXCESS_GRACE_MS) {
      this.#watched.onLastingExcess();
    }
  }

  #pace(used: number): number {
    if (used > this.#watched.limitBytes / 2) return NEAR_MS;
    return this.#busy > 0 ? BUSY_MS : IDLE_MS;
  }
}
