import type { Mount } from '../sandbox/mounts.ts';

/** Where the extension of this number is found. */
const inside = (index: number) => `/opt/extensions/${index}`;

/** Unpacked extensions, as a browser finds them in its sandbox. */
export function extensionMounts(folders: readonly string[]): Mount[] {
  return folders.map((source, index) => ({ kind: 'bind', source, target: inside(index) }));
}

/** What makes Chromium load them. */
export function extensionSwitches(folders: readonly string[]): string[] {
  if (folders.length === 0) return [];
  return [`--load-extension=${folders.map((_, index) => inside(index)).join(',')}`];
}
