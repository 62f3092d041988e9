import { execFile } from 'node:child_process';
import { realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { onPath } from '../../platform/on-path.ts';
import { ownCommand } from '../../platform/own-command.ts';
import type { Mount } from './mounts.ts';
import { INSIDE } from './programs.ts';
import type { Limits } from './sandbox.ts';

/** What runs the JavaScript and TypeScript of code cells. Paths are those inside a sandbox. */
export interface JavaScript {
  mounts: Mount[];
  /** Whether there is a Deno, too. */
  deno: boolean;
  /** Why there is nothing to run it with, and the cure. */
  lack?: string;
}

const KERNEL = `${INSIDE}/kernel.mjs`;
/** Each in a folder of its own, so that it can be part of a PATH. */
const NODE = '/opt/node/bin/node';
const DENO = '/opt/deno/bin/deno';

/** What comes last on the PATH of a sandbox. */
export const javascriptPath = [NODE, DENO].map(dirname);

const NODE_OPTIONS = [
  // Without it Node ends for code that was stopped within a callback.
  '--no-force-async-hooks-checks',
  '--disable-warning=ExperimentalWarning',
  // In Node 22, for telling whose code goes on; and for the user's own modules in TypeScript.
  ...['--experimental-async-context-frame', '--experimental-transform-types'].filter((option) =>
    process.allowedNodeEnvironmentFlags.has(option),
  ),
];

/** Of the memory limit, what the heap may take; the rest is for code, buffers and threads. */
const HEAP_SHARE = 3 / 4;
/** The address space that V8 takes for code whether or not it needs it, and what many threads take; in bytes. */
const RESERVED = 1024 ** 3;
const OLDEST_DENO = 2;

const require = createRequire(import.meta.url);
const versions = new Map<string, Promise<number>>();

/** This process's own Node, what compiles cells, and the machine's Deno where there is one that is new enough. */
export async function findJavaScript(): Promise<JavaScript> {
  try {
    return await findRuntimes();
  } catch (error) {
    // An upgrade takes away what this process was started from.
    const lack = `JavaScript and TypeScript cannot run: a part of the engine was moved or removed since it started (${(error as Error).message}). Restart the engine: ${ownCommand('engine --stop')}`;
    return { mounts: [], deno: false, lack };
  }
}

async function findRuntimes(): Promise<JavaScript> {
  const bind = (source: string, target: string): Mount => ({
    kind: 'bind',
    source: realpathSync(source),
    target,
  });
  const deno = await findDeno();
  const esbuild = findEsbuild();
  return {
    mounts: [
      bind(process.execPath, NODE),
      bind(join(dirname(require.resolve('acorn')), 'acorn.mjs'), `${INSIDE}/acorn.mjs`),
      ...(esbuild ? [bind(esbuild, `${INSIDE}/esbuild`)] : []),
      ...(deno ? [bind(deno, DENO)] : []),
    ],
    deno: deno !== undefined,
  };
}

/** What runs cells of JavaScript and TypeScript, as the supervisor wants to know it. */
export function javascriptKernels({ deno, lack }: JavaScript, { memoryBytes }: Limits) {
  if (lack) return {};
  const heap = `--max-old-space-size=${Math.floor((HEAP_SHARE * memoryBytes) / 1024 ** 2)}`;
  const kernel = (name: string, command: string[]) => ({ name, command, told: true, reserved: RESERVED });
  const nodejs = kernel('Node.js', [NODE, ...NODE_OPTIONS, heap, KERNEL]);
  if (!deno) return { nodejs };
  const options = ['run', '--allow-all', '--no-prompt', '--quiet', `--v8-flags=${heap}`];
  return { nodejs, deno: kernel('Deno', [DENO, ...options, KERNEL]) };
}

/** The program itself: it is in a package of its own for each platform. */
function findEsbuild(): string | undefined {
  try {
    return createRequire(require.resolve('esbuild')).resolve(`@esbuild/linux-${process.arch}/bin/esbuild`);
  } catch {
    return undefined;
  }
}

async function findDeno(): Promise<string | undefined> {
  const deno = onPath('deno');
  if (!deno) return undefined;
  // Another may be put in its place.
  const file = `${deno} ${statSync(deno).mtimeMs}`;
  const version = versions.get(file) ?? majorVersion(deno);
  versions.set(file, version);
  return (await version) >= OLDEST_DENO ? deno : undefined;
}

/** E.g. `2`; 0 where it does not run. */
async function majorVersion(deno: string): Promise<number> {
  try {
    const { stdout } = await promisify(execFile)(deno, ['--version'], { env: {}, timeout: 30_000 });
    return Number(/^deno (\d+)/.exec(stdout)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
