import type { Limits } from './sandbox.ts';

const MiB = 1024 ** 2;

/** What a sandbox gets unless told otherwise. */
export const DEFAULT_LIMITS: Limits = {
  memoryBytes: 2048 * MiB,
  diskBytes: 1024 * MiB,
  sharedBytes: 64 * MiB,
  processes: 256,
  outputBytes: 4 * MiB,
};
