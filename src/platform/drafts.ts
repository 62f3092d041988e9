import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ABANDONED_MS = 60 * 60_000;

/** Where a folder is made until it is complete: beside its place, with something random at the end of its name. */
export const draftOf = (place: string) => `${place}.${randomBytes(4).toString('hex')}`;

/** Removes what those have left in a folder who were killed while they made something: drafts an hour old. */
export function removeAbandoned(folder: string, isDraft: RegExp): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((name) => isDraft.test(name))) {
    const path = join(folder, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age > ABANDONED_MS) rmSync(path, { recursive: true, force: true });
  }
}
