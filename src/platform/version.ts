import { readFileSync } from 'node:fs';

/** The version of this program, from its package. */
export const programVersion: string = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
).version;

/** Negative when `a` is older than `b`, positive when newer; a pre-release is older than its release. */
export function compareVersions(a: string, b: string): number {
  const [coreA, preA] = split(a);
  const [coreB, preB] = split(b);
  const byNumber = new Intl.Collator('en', { numeric: true }).compare;
  return byNumber(coreA, coreB) || Number(preB !== '') - Number(preA !== '') || byNumber(preA, preB);
}

function split(version: string): [core: string, preRelease: string] {
  const dash = version.indexOf('-');
  return dash < 0 ? [version, ''] : [version.slice(0, dash), version.slice(dash + 1)];
}
