import { existsSync } from 'node:fs';

/** Where Chromium itself is; what lies on the search path may be a script that starts it. */
const PLACES = ['/opt/google/chrome/chrome', '/opt/microsoft/msedge/msedge', '/usr/lib/chromium/chromium'];

/** A program that is a Chromium. */
export interface Chromium {
  path: string;
}

export function findChromium(): Chromium | undefined {
  const path = PLACES.find((place) => existsSync(place));
  return path === undefined ? undefined : { path };
}
