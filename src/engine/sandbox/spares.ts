import { freemem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sandbox, SandboxProvider, SandboxSpec } from './sandbox.ts';
import { SandboxError } from './sandbox.ts';

/** What code sessions mostly import; matplotlib's own back end among it, which is otherwise found with the first figure. */
const DATA_STACK = ['numpy', 'pandas', 'matplotlib.pyplot', 'matplotlib_inline.backend_inline'];
const PRELOAD_MS = 60_000;
/** How long after somebody got a sandbox the next spare is begun, so that whoever asked has the processors first. */
const REFILL_MS = 250;
/** How long after a spare could not be had the next is tried. */
const RETRY_MS = 60_000;
/** One spare, of some 60 MB, for so many bytes of free memory. */
const MEMORY_FOR_ONE = 4 * 1024 ** 3;
const MAX_SPARES = 4;
/** Below this none is kept. */
const LEAST_MEMORY = 1024 ** 3;

/** How many spares this machine has room for. */
export function sparesFor(freeBytes: number): number {
  if (freeBytes < LEAST_MEMORY) return 0;
  return Math.min(MAX_SPARES, Math.max(1, Math.floor(freeBytes / MEMORY_FOR_ONE)));
}

export interface SpareOptions {
  /** How many to keep; 0 for none. Default: by the machine's free memory, at most 4. */
  spares?: number | undefined;
}

/**
 * Hands out sandboxes for code cells that were started before they were asked for, with the data stack imported. Spares
 * are kept from the first such sandbox on, and given up for any sandbox that could not be had otherwise.
 */
export function withSpares(
  provider: SandboxProvider,
  { spares: wanted }: SpareOptions = {},
): SandboxProvider {
  const ready: Sandbox[] = [];
  let refilling: Promise<void> | undefined;
  let starting = 0;
  let given = 0;
  const stop = new AbortController();

  const hasRoom = () => ready.length < (wanted ?? sparesFor(freemem()));

  const give = async (id: string, spec?: SandboxSpec): Promise<Sandbox> => {
    starting++;
    try {
      return ready.shift() ?? (await start(id, spec));
    } finally {
      starting--;
      given = Date.now();
      if (wanted !== 0)
        refilling ??= refill().finally(() => {
          refilling = undefined;
        });
    }
  };

  /** One after another, never while somebody waits for one or has just got one. */
  const refill = async (): Promise<void> => {
    while (hasRoom() && !stop.signal.aborted) {
      const wait = given + REFILL_MS - Date.now();
      if (starting > 0 || wait > 0) await pause(Math.max(wait, REFILL_MS));
      else if (!(await add())) await pause(RETRY_MS);
    }
  };

  const pause = (ms: number) => sleep(ms, undefined, { signal: stop.signal, ref: false }).catch(() => {});

  /** @returns whether there is one more. */
  const add = async (): Promise<boolean> => {
    let sandbox: Sandbox | undefined;
    try {
      sandbox = await provider.start('spare', { kernel: true });
      await sandbox.preload(DATA_STACK, PRELOAD_MS);
    } catch {
      await sandbox?.close();
      return false;
    }
    const spare = sandbox;
    ready.push(spare);
    void spare.ended.then(() => {
      const place = ready.indexOf(spare);
      if (place >= 0) ready.splice(place, 1);
    });
    return true;
  };

  /** @returns whether there were any. */
  const giveUp = async (): Promise<boolean> => {
    const all = ready.splice(0);
    await Promise.all(all.map((spare) => spare.close()));
    return all.length > 0;
  };

  const start = async (id: string, spec?: SandboxSpec): Promise<Sandbox> => {
    try {
      return await provider.start(id, spec);
    } catch (error) {
      const isRefused = error instanceof SandboxError && error.code === 'unavailable';
      if (!isRefused || !(await giveUp())) throw error;
      return provider.start(id, spec);
    }
  };

  return {
    probe: () => provider.probe(),
    start: (id, spec) => (isOrdinary(spec) ? give(id, spec) : start(id, spec)),
    async close() {
      stop.abort();
      await provider.close();
      await refilling;
    },
  };
}

/** Whether a sandbox is wanted for nothing but cells, as spares are. */
function isOrdinary(spec: SandboxSpec = {}): boolean {
  const { kernel, ...more } = spec;
  return kernel === true && Object.keys(more).length === 0;
}
