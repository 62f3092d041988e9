import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pythonHome } from '../../platform/paths.ts';
import { javascriptPath } from './javascript.ts';
import type { Mount } from './mounts.ts';
import { pipSettings } from './pip-settings.ts';
import { programMounts } from './programs.ts';
import type { Installation } from './python-installation.ts';
import { inspectPython, place } from './python-installation.ts';
import { ENVIRONMENT, fixedPackages, growingPackages } from './python-packages.ts';
import { SandboxError } from './sandbox.ts';

/** Every package of the environment with its version. */
export const requirementsFile = fileURLToPath(new URL('../../../python/requirements.txt', import.meta.url));

const BASE = '/opt/python';

/** A Python for code sessions. Paths are those inside a sandbox. */
export interface Python {
  /** The folder it was found in, on the host. */
  environment: string;
  /** E.g. `3.12.1`. */
  version: string;
  /** The interpreter that sees the installed packages. */
  executable: string;
  /** The interpreter without them; it starts faster. */
  baseExecutable: string;
  mounts: Mount[];
  /** The same with an environment of `bytes` that pip can install into. */
  installingMounts(bytes: number): Promise<Mount[]>;
  /** What of ours runs in a sandbox, made ready for this Python. */
  programs: Mount[];
}

/** The folder of the managed environment: named after the packages it holds, so that each set has its own. */
export function managedEnvironment(): string {
  const requirements = createHash('sha256').update(readFileSync(requirementsFile)).digest('hex');
  return join(pythonHome(), requirements.slice(0, 12));
}

/**
 * Looks at the Python environment in a folder, by default the managed one, by running its interpreter.
 * @throws SandboxError `unavailable` when there is none that runs.
 */
export async function findPython(environment = managedEnvironment()): Promise<Python> {
  const executable = join(environment, 'bin', 'python');
  const installation = await inspectPython(executable).catch(
    (error: Error & { code?: string | number; stderr?: string }) => {
      const detail =
        error.code === 'ENOENT' ? 'there is none' : error.stderr?.trim().split('\n').at(-1) || error.message;
      throw new SandboxError(
        'unavailable',
        `The Python environment ${environment} cannot be used: ${detail}.`,
      );
    },
  );
  const programs = await programMounts(installation.baseExecutable);
  return { ...describe(environment, installation), programs };
}

function describe(environment: string, installation: Installation): Omit<Python, 'programs'> {
  const placed = place(installation, BASE);
  let settings: Promise<Mount[]> | undefined;
  const executable = join(ENVIRONMENT, 'bin', 'python');
  return {
    environment,
    version: placed.version,
    executable,
    baseExecutable: placed.executable,
    mounts: [...placed.mounts, ...fixedPackages(environment, placed)],
    async installingMounts(bytes) {
      settings ??= pipSettings(join(environment, 'bin', 'python'));
      const found = await settings.catch((error: Error) => {
        settings = undefined;
        throw new SandboxError('unavailable', `pip of the Python environment fails: ${error.message}`);
      });
      return [...placed.mounts, ...growingPackages(environment, placed, bytes), ...found];
    },
  };
}

/** The environment variables with which everything in a sandbox starts. `installs`: whether pip has an index to look at. */
export function pythonEnvironment(home: string, installs = false): Record<string, string> {
  return {
    HOME: home,
    LANG: 'C.UTF-8',
    MPLBACKEND: 'agg',
    OMP_NUM_THREADS: '2',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    ...(!installs && { PIP_NO_INDEX: '1' }),
    PATH: [`${ENVIRONMENT}/bin`, '/usr/local/bin', '/usr/bin', '/bin', ...javascriptPath].join(':'),
    SHELL: '/bin/sh',
    TERM: 'dumb',
    TMPDIR: '/tmp',
    USER: 'sandbox',
    VIRTUAL_ENV: ENVIRONMENT,
  };
}
