import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { onPath } from '../../platform/on-path.ts';
import type { Mount } from './mounts.ts';
import { managedEnvironment } from './python.ts';
import type { Installation } from './python-installation.ts';
import { emptyEnvironment, inspectPython, place } from './python-installation.ts';
import { SandboxError } from './sandbox.ts';

/** The runtimes that AgentCore names, e.g. `PYTHON_3_13`. */
export type RuntimeName =
  | 'PYTHON_3_10'
  | 'PYTHON_3_11'
  | 'PYTHON_3_12'
  | 'PYTHON_3_13'
  | 'PYTHON_3_14'
  | 'NODE_22';

/** An interpreter of this machine for agents: it sees its standard library and the agent's own packages, no others. */
export interface Interpreter {
  language: 'python' | 'node';
  /** E.g. `3.11.7`. */
  version: string;
  /** On this machine; for what runs outside of sandboxes, such as pip. */
  hostExecutable: string;
  /** Inside a sandbox that has {@link mounts}. Its folder holds nothing but this interpreter, so it can lead a PATH. */
  executable: string;
  mounts: readonly Mount[];
}

/** Where a sandbox finds the interpreter of its agent, whichever it is. */
const PYTHON = '/opt/agent-python';
const NODE = '/opt/agent-node';

const MINORS = [10, 11, 12, 13, 14];
/** Where pyenv and uv keep versions, below the home directory. */
const VERSION_FOLDERS = ['.pyenv/versions', '.local/share/uv/python'];
const USABLE_VERSION = /^(cpython-)?3\.1[0-4]\./;
const OLDEST = { python: [3, 10], node: [22, 0] } as const;
/** What of a version makes a runtime: of Python the first two numbers, of Node the first. */
const PARTS = { python: 2, node: 1 } as const;
/** How long findings hold: the user may be installing what was missing. */
const FRESH_MS = 60_000;

const findings = new Map<Interpreter['language'], { found: Promise<Interpreter[]>; until: number }>();

/**
 * The interpreter for a runtime: the same version, or else the nearest newer one, or else the nearest older one. Node and
 * Python of the machine are looked for once in a while, not for each call.
 * @throws SandboxError `unavailable` where there is none, or with `strict` none of that very version, saying what there is.
 */
export async function findInterpreter(
  runtime: RuntimeName,
  options: { strict?: boolean } = {},
): Promise<Interpreter> {
  const language = runtime.startsWith('PYTHON') ? 'python' : 'node';
  const wanted = runtime.split('_').slice(1).map(Number);
  const there = (await find(language)).sort((a, b) => compare(numbers(a.version), numbers(b.version)));
  const isWanted = ({ version }: Interpreter) =>
    compare(numbers(version).slice(0, PARTS[language]), wanted) === 0;
  const exact = there.findLast(isWanted);
  if (exact) return exact;
  const newer = there.find(({ version }) => compare(numbers(version), wanted) > 0);
  const nearest = newer ?? there.at(-1);
  if (nearest && !options.strict) return nearest;
  throw new SandboxError('unavailable', `${runtime} needs ${describeLack(language, wanted, there)}`);
}

function describeLack(
  language: Interpreter['language'],
  wanted: number[],
  there: readonly Interpreter[],
): string {
  const name = `${language === 'python' ? 'Python' : 'Node.js'} ${wanted.join('.')}`;
  if (there.length === 0) return `${name}, and this machine has none that is new enough. Install it.`;
  const versions = [...new Set(there.map(({ version }) => version))].join(', ');
  return `exactly ${name}, and this machine has ${versions}. Install it, or allow the nearest version.`;
}

function find(language: Interpreter['language']): Promise<Interpreter[]> {
  let finding = findings.get(language);
  if (!finding || finding.until < Date.now()) {
    finding = { found: look(language), until: Date.now() + FRESH_MS };
    findings.set(language, finding);
  }
  return finding.found;
}

async function look(language: Interpreter['language']): Promise<Interpreter[]> {
  const found = language === 'python' ? await findPythons() : await findNodes();
  const oldest = OLDEST[language];
  return found.filter(({ version }) => compare(numbers(version), oldest) >= 0);
}

async function findPythons(): Promise<Interpreter[]> {
  // What is on the search path may be a script that looks for the real one, and needs that for it.
  const { PATH, HOME } = process.env;
  const looks = await Promise.allSettled(
    [...pythonPrograms()].map((program) => inspectPython(program, { PATH, HOME })),
  );
  const found = looks.flatMap((look) => (look.status === 'fulfilled' ? [look.value] : []));
  return found.filter(isFirstOfItsKind).map((installation) => {
    const placed = place(installation, join(PYTHON, 'base'));
    return {
      language: 'python',
      version: placed.version,
      hostExecutable: installation.baseExecutable,
      executable: join(PYTHON, 'bin', 'python'),
      mounts: [...placed.mounts, ...emptyEnvironment(PYTHON, placed)],
    };
  });
}

/** The managed environment's, those on the search path, and those that version managers keep beside it. */
function pythonPrograms(): Set<string> {
  const named = [...MINORS.map((minor) => `python3.${minor}`), 'python3'];
  const onSearchPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => named.flatMap((name) => onPath(name, { PATH: folder }) ?? []));
  const kept = VERSION_FOLDERS.map((folder) => join(homedir(), folder)).flatMap((folder) =>
    namesIn(folder).flatMap((name) =>
      USABLE_VERSION.test(name) ? join(folder, name, 'bin', 'python3') : [],
    ),
  );
  return new Set([join(managedEnvironment(), 'bin', 'python'), ...onSearchPath, ...kept]);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const isFirstOfItsKind = (one: Installation, index: number, all: readonly Installation[]) =>
  all.findIndex(({ baseExecutable }) => baseExecutable === one.baseExecutable) === index;

async function findNodes(): Promise<Interpreter[]> {
  const programs = new Set([process.execPath, onPath('node') ?? process.execPath]);
  const looks = await Promise.allSettled([...programs].map(inspectNode));
  return looks.flatMap((look) => (look.status === 'fulfilled' ? [look.value] : []));
}

async function inspectNode(program: string): Promise<Interpreter> {
  const ask = promisify(execFile)(program, ['-p', 'process.version + " " + process.execPath'], {
    env: {},
    timeout: 30_000,
  });
  const [version, path] = (await ask).stdout.trim().split(/ (.*)/) as [string, string];
  const hostExecutable = await realpath(path);
  const executable = join(NODE, 'bin', 'node');
  return {
    language: 'node',
    version: version.slice(1),
    hostExecutable,
    executable,
    mounts: [{ kind: 'bind', source: hostExecutable, target: executable }],
  };
}

const numbers = (version: string) => version.split('.').map(Number);

function compare(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((number, index) => number !== (b[index] ?? 0));
  return differing < 0 ? 0 : (a[differing] as number) - (b[differing] ?? 0);
}
