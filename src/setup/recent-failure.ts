import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../platform/make-folders.ts';
import { defaultDataDir } from '../platform/paths.ts';

const REMEMBERED_MS = 60 * 60_000;

const note = () => join(defaultDataDir(), 'system-packages-not-installed');

/** Whether installing system packages failed, or was declined, within the last hour. */
export function failedRecently(): boolean {
  const noted = statSync(note(), { throwIfNoEntry: false })?.mtimeMs;
  return noted !== undefined && Date.now() - noted < REMEMBERED_MS;
}

/** Remembers how installing system packages went. */
export function remember({ failed }: { failed: boolean }): void {
  if (!failed) {
    rmSync(note(), { force: true });
    return;
  }
  makeFolders(defaultDataDir(), 0o700);
  writeFileSync(note(), '');
}
