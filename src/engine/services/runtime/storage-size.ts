import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface StorageLimits {
  bytes: number;
  /** Files and folders. */
  files: number;
}

/** As on AWS, for what one session keeps. */
const LIMITS: StorageLimits = { bytes: 1024 ** 3, files: 200_000 };

const PAUSE_MS = 2_000;
/** How much more of the time is pause than looking. */
const PAUSE_SHARE = 20;

/** Looks at a folder again and again until it holds more than a session may keep, which `onExcess` is told, or `signal` aborts. */
export async function watchSize(
  folder: string,
  signal: AbortSignal,
  onExcess: (reason: string) => void,
  limits = LIMITS,
): Promise<void> {
  let pause = PAUSE_MS;
  for (;;) {
    await sleep(pause, undefined, { signal, ref: false }).catch(() => {});
    if (signal.aborted) return;
    const started = performance.now();
    const { bytes, files } = await sizeOf(folder, limits);
    if (bytes > limits.bytes) return onExcess(`its session storage held more than ${limits.bytes} bytes`);
    if (files > limits.files) return onExcess(`its session storage held more than ${limits.files} files`);
    pause = Math.max(PAUSE_MS, (performance.now() - started) * PAUSE_SHARE);
  }
}

/** What is on the disk; not all of it where that is already too much. What goes away meanwhile is left out. */
async function sizeOf(folder: string, limits: StorageLimits): Promise<StorageLimits> {
  let bytes = 0;
  let files = 0;
  const waiting = [folder];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const at = next;
    for (const entry of await readdir(at, { withFileTypes: true }).catch(() => [])) {
      const path = join(at, entry.name);
      files++;
      if (entry.isDirectory()) waiting.push(path);
      else
        bytes += await lstat(path).then(
          ({ blocks }) => blocks * 512,
          () => 0,
        );
      if (bytes > limits.bytes || files > limits.files) return { bytes, files };
    }
  }
  return { bytes, files };
}
