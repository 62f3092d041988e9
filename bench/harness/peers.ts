import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { say } from './bench.ts';
import { root } from './places.ts';

const pins = join(root, 'bench', 'peers');
const INSTALL_MS = 600_000;

/** Where programs to compare with are, or why they are not there. */
export type Peer = { folder: string } | { missing: string };

/** Installs what a file pins, once; outside the source tree, so that it survives `npm ci`. */
function install(
  name: string,
  files: readonly string[],
  into: (folder: string) => string[][],
  { quick }: { quick: boolean },
): Peer {
  const content = files.map((file) => readFileSync(join(pins, file)));
  const version = createHash('sha256').update(Buffer.concat(content)).digest('hex').slice(0, 12);
  const folder = join(root, '.cache', `bench-${name}-${version}`);
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return { folder };
  if (quick) return { missing: 'not installed, and --quick installs nothing' };
  say(`installing what to compare with (${name}) ...`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of files) copyFileSync(join(pins, file), join(folder, basename(file)));
  for (const [command = '', ...args] of into(folder)) {
    const run = spawnSync(command, args, { cwd: folder, stdio: ['ignore', 2, 2], timeout: INSTALL_MS });
    if (run.status !== 0)
      return { missing: `${command} ${args[0]} failed: ${run.error?.message ?? `exit code ${run.status}`}` };
  }
  writeFileSync(complete, '');
  return { folder };
}

const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

/** `@playwright/mcp`, in `node_modules`. */
export const nodePeers = (options: { quick: boolean }) =>
  install('node', ['package.json', 'package-lock.json'], () => [['npm', 'ci', ...quietly]], options);

/**
 * sqlite-vec and LanceDB, in `node_modules`. Not by `npm ci`, which refuses a lock without the binaries of other platforms.
 */
export const vectorPeers = (options: { quick: boolean }) =>
  install(
    'vectors',
    ['vectors/package.json', 'vectors/package-lock.json'],
    () => [['npm', 'install', ...quietly]],
    options,
  );

/** AWS Labs' server, moto and ipykernel, as a Python environment. */
export const pythonPeers = (options: { quick: boolean }) =>
  install(
    'python',
    ['requirements.txt'],
    (folder) => [
      ['python3', '-m', 'venv', folder],
      [join(folder, 'bin', 'python'), '-m', 'pip', 'install', '--quiet', '-r', 'requirements.txt'],
    ],
    options,
  );

/** The version of a package that is pinned. */
export function pinnedVersion(name: string): string {
  const requirements = readFileSync(join(pins, 'requirements.txt'), 'utf8');
  const dependencies = ['package.json', 'vectors/package.json'].map(
    (file) => JSON.parse(readFileSync(join(pins, file), 'utf8')).dependencies,
  );
  return (
    Object.assign({}, ...dependencies)[name] ?? new RegExp(`^${name}==(.*)$`, 'm').exec(requirements)?.[1]
  );
}
