import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Mount } from './mounts.ts';

const SETTINGS = '/etc/pip.conf';
const CERTIFICATES = '/etc/pip-certificates.pem';
/** What leads pip of this machine to its packages. Folders of this machine are not there inside. */
const HANDED_ON = ['index-url', 'extra-index-url', 'trusted-host', 'cert'];
/** From the weakest: what is set for everything, for `pip install`, and by variables. */
const SECTIONS = ['global', 'install', ':env:'];
/** The home directory is too small to keep downloads in, and there is nobody to be asked for a password. */
const OWN = { 'no-cache-dir': 'true', 'no-input': 'true' };

/**
 * Settings for pip in a sandbox: it asks the index that pip of this machine asks, and trusts whom that trusts. Passwords
 * stay outside.
 * @param python An interpreter that has pip.
 */
export async function pipSettings(python: string): Promise<Mount[]> {
  const { stdout } = await promisify(execFile)(python, ['-m', 'pip', 'config', 'list'], { timeout: 30_000 });
  const { cert, ...handedOn } = readSettings(stdout);
  const certificates = cert === undefined ? undefined : readOrNothing(cert);
  const settings = { ...OWN, ...handedOn, ...(certificates && { cert: CERTIFICATES }) };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
  return [
    { kind: 'file', content: `[global]\n${lines.join('')}`, target: SETTINGS },
    ...(certificates ? [{ kind: 'file', content: certificates, target: CERTIFICATES } as const] : []),
  ];
}

/** Reads lines such as `global.index-url='https://…'`; where several entries are allowed, blanks are between them. */
function readSettings(list: string): Record<string, string> {
  const lines = [...list.matchAll(/^(.+?)\.([a-z-]+)=(['"])(.*)\3$/gm)];
  const found = SECTIONS.flatMap((section) => lines.filter(([, of]) => of === section));
  const pairs = found.map(([, , name = '', , value = '']) => [name, value] as const);
  return Object.fromEntries(
    pairs
      .filter(([name]) => HANDED_ON.includes(name))
      .map(([name, value]) => [name, entriesOf(value).map(withoutPassword).join(' ')]),
  );
}

/** Where a setting has several lines, a backslash and an n are between them. */
const entriesOf = (value: string) => value.split(/(?:\s|\\n)+/).filter(Boolean);

function withoutPassword(value: string): string {
  const url = URL.parse(value);
  if (!url || (url.username === '' && url.password === '')) return value;
  return Object.assign(url, { username: '', password: '' }).href;
}

function readOrNothing(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
