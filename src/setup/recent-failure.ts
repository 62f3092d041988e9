import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../platform/make-folders.ts';
import { defaultDataDir } from '../platform/paths.ts';

const REMEMBERED_MS = 60 * 60_000;

/** What may fail. */
export type Part = 'system-packages' | 'embedding-model';

const note = (part: Part) => join(defaultDataDir(), `${part}-not-installed`);

/** Whether installing it failed, or was declined, within the last hour. */
export function failedRecently(part: Part): boolean {
  const noted = statSync(note(part), { throwIfNoEntry: false })?.mtimeMs;
  return noted !== undefined && Date.now() - noted < REMEMBERED_MS;
}

/** Remembers how installing it went. */
export function remember(part: Part, { failed }: { failed: boolean }): void {
  if (!failed) {
    rmSync(note(part), { force: true });
    return;
  }
  makeFolders(defaultDataDir(), 0o700);
  writeFileSync(note(part), '');
}
