import { type SpareRoom, Spares } from '../spares.ts';
import type { Sandbox, SandboxProvider, SandboxSpec } from './sandbox.ts';
import { SandboxError } from './sandbox.ts';

/** What code sessions mostly import; matplotlib's own back end among it, which is otherwise found with the first figure. */
const DATA_STACK = ['numpy', 'pandas', 'matplotlib.pyplot', 'matplotlib_inline.backend_inline'];
const PRELOAD_MS = 60_000;
/** Each takes some 60 MB. */
export const sandboxRoom: SpareRoom = { memoryForOne: 4 * 1024 ** 3, most: 4 };

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
  const startSpare = async (): Promise<Sandbox> => {
    const sandbox = await provider.start('spare', { kernel: true });
    try {
      await sandbox.preload(DATA_STACK, PRELOAD_MS);
      return sandbox;
    } catch (error) {
      await sandbox.close();
      throw error;
    }
  };

  const spares = new Spares({ start: startSpare, room: sandboxRoom, wanted });

  const start = async (id: string, spec?: SandboxSpec): Promise<Sandbox> => {
    try {
      return await provider.start(id, spec);
    } catch (error) {
      const isRefused = error instanceof SandboxError && error.code === 'unavailable';
      if (!isRefused || !(await spares.giveUp())) throw error;
      return provider.start(id, spec);
    }
  };

  return {
    probe: () => provider.probe(),
    start: (id, spec) => (isOrdinary(spec) ? spares.give(() => start(id, spec)) : start(id, spec)),
    close: () => spares.close(() => provider.close()),
  };
}

/** Whether a sandbox is wanted for nothing but cells, as spares are. */
function isOrdinary(spec: SandboxSpec = {}): boolean {
  const { kernel, ...more } = spec;
  return kernel === true && Object.keys(more).length === 0;
}
