import { readdirSync, readFileSync } from 'node:fs';

const KiB = 1024;
const BUSY_MS = 50;
const NEAR_MS = 20;
const IDLE_MS = 1000;
/** Shared memory is looked for on every so many polls: reading the maps of a process takes longer. */
const MAPS_EVERY = 10;

/** Watches the memory of a tree of processes, from outside of it. */
export class Watchdog {
  readonly #root: number;
  readonly #limit: number;
  readonly #onExcess: () => void;
  #timer: NodeJS.Timeout | undefined;
  #busy = 0;
  #polls = 0;
  #shared = 0;

  /** `onExcess` is called on every poll that finds more than `limit` bytes in the processes below `root`. */
  constructor(root: number, limit: number, onExcess: () => void) {
    this.#root = root;
    this.#limit = limit;
    this.#onExcess = onExcess;
    this.#schedule(IDLE_MS);
  }

  /** Polls often until the function returned is called. */
  watchClosely(): () => void {
    if (this.#busy++ === 0) this.#schedule(BUSY_MS);
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
    const pids = descendants(this.#root);
    if (this.#polls++ % MAPS_EVERY === 0) this.#shared = sharedMemory(pids);
    const used = this.#shared + total(pids, residentMemory);
    if (used > this.#limit && this.#shared + total(pids, proportionalMemory) > this.#limit) this.#onExcess();
    if (this.#timer) this.#schedule(this.#pace(used));
  }

  #pace(used: number): number {
    if (used > this.#limit / 2) return NEAR_MS;
    return this.#busy > 0 ? BUSY_MS : IDLE_MS;
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** A process and everything below it; processes that end meanwhile are left out. */
export function descendants(root: number): number[] {
  const found: number[] = [];
  const waiting = [root];
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    found.push(pid);
    for (const child of children(pid)) waiting.push(child);
  }
  return found;
}

function children(pid: number): number[] {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
  return threads.flatMap((thread) =>
    readOrEmpty(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  );
}

const total = (pids: readonly number[], memory: (pid: number) => number) =>
  pids.reduce((sum, pid) => sum + memory(pid), 0);

function kilobytes(text: string, fields: RegExp): number {
  return [...text.matchAll(fields)].reduce((sum, [, amount]) => sum + Number(amount), 0) * KiB;
}

/** Anonymous memory and page tables of a process, in RAM or swapped out. Counts again what a fork shares. */
function residentMemory(pid: number): number {
  return kilobytes(readOrEmpty(`/proc/${pid}/status`), /^(?:RssAnon|VmPTE|VmSwap):\s+(\d+) kB/gm);
}

/** The same, but pages shared between processes are divided among them. Slow, so it only confirms. */
function proportionalMemory(pid: number): number {
  const rollup = readOrEmpty(`/proc/${pid}/smaps_rollup`);
  if (!rollup) return residentMemory(pid);
  const pageTables = kilobytes(readOrEmpty(`/proc/${pid}/status`), /^VmPTE:\s+(\d+) kB/gm);
  return pageTables + kilobytes(rollup, /^(?:Pss_Anon|SwapPss):\s+(\d+) kB/gm);
}

/** Anonymous memory that processes share. It stays when it is no longer resident in any, so its whole size counts, once. */
function sharedMemory(pids: readonly number[]): number {
  const sizes = new Map<string, number>();
  for (const pid of pids) {
    const shared = readOrEmpty(`/proc/${pid}/maps`).matchAll(
      /^([0-9a-f]+)-([0-9a-f]+) ..... ([0-9a-f]+) (\S+ \d+) +(?:\/dev\/zero|\/SYSV|\/memfd:).*\(deleted\)$/gm,
    );
    for (const [, start, end, offset, object] of shared) {
      const reach =
        Number.parseInt(offset as string, 16) +
        Number.parseInt(end as string, 16) -
        Number.parseInt(start as string, 16);
      sizes.set(object as string, Math.max(reach, sizes.get(object as string) ?? 0));
    }
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
