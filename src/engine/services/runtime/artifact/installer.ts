import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { onPath } from '../../../../platform/on-path.ts';
import type { Interpreter } from '../../../sandbox/interpreters.ts';
import { managedEnvironment } from '../../../sandbox/python.ts';
import { ownProcessor } from './binaries.ts';
import { pythonVersion } from './wheel-tags.ts';

const run = promisify(execFile);

const INSTALL_MS = 5 * 60_000;
const LOOK_MS = 20_000;
const KEPT_LINES = 8;
const OUTPUT_BYTES = 4 * 1024 ** 2;

/** The C libraries whose wheels are asked for where the installer cannot look at the interpreter itself. */
const MANYLINUX = ['manylinux_2_34', 'manylinux_2_28', 'manylinux_2_17', 'manylinux2014'];

/** A command that installs packages; the target and the packages go at its end. */
type Command = readonly [program: string, ...args: string[]];

/** Wheels only: building a package would run its code outside of every sandbox. */
const wheelsOnly = ['--no-deps', '--only-binary', ':all:'];
const pipInstall = [
  ...['-I', '-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--progress-bar', 'off'],
  ...['--no-compile', '--no-warn-script-location', ...wheelsOnly],
];

/**
 * Installs packages for an interpreter into a new folder, from the index that pip or uv of this machine is set to.
 * @param packages e.g. `markupsafe==3.0.2`.
 * @returns undefined when it succeeds, otherwise why it failed, in the installer's words.
 */
export async function installWheels(
  interpreter: Interpreter,
  packages: readonly string[],
  target: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const command = await findInstaller(interpreter);
  if (!command) return 'There is neither pip nor uv on this machine.';
  const [program, ...args] = command;
  try {
    await run(program, [...args, '--target', target, ...packages], {
      // Nothing lies there that an installer would take for its settings.
      cwd: dirname(target),
      env: installerEnvironment(),
      timeout: INSTALL_MS,
      killSignal: 'SIGKILL',
      maxBuffer: OUTPUT_BYTES,
      signal,
    });
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return reasonOf(error as Failure);
  }
}

/** pip of the interpreter itself, or uv, or the pip of code sessions, told what to get. */
async function findInstaller(interpreter: Interpreter): Promise<Command | undefined> {
  if (await hasPip(interpreter.hostExecutable)) return [interpreter.hostExecutable, ...pipInstall];
  const uv = onPath('uv');
  if (uv)
    return [
      uv,
      'pip',
      'install',
      '--python',
      interpreter.hostExecutable,
      '--link-mode',
      'copy',
      ...wheelsOnly,
    ];
  const managed = join(managedEnvironment(), 'bin', 'python');
  return (await isThere(managed)) ? [managed, ...pipInstall, ...wantedWheels(interpreter)] : undefined;
}

function wantedWheels({ version }: Interpreter): string[] {
  const platforms = [...MANYLINUX, 'linux'].map((platform) => `${platform}_${ownProcessor}`);
  return [
    ...['--python-version', pythonVersion(version).join('.'), '--implementation', 'cp'],
    ...platforms.flatMap((platform) => ['--platform', platform]),
  ];
}

async function hasPip(python: string): Promise<boolean> {
  return run(python, ['-I', '-m', 'pip', '--version'], { timeout: LOOK_MS }).then(
    () => true,
    () => false,
  );
}

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** The user's settings count (an index, a proxy), but not those that would install elsewhere. */
function installerEnvironment(): NodeJS.ProcessEnv {
  const { PYTHONHOME, PYTHONPATH, PIP_TARGET, PIP_PREFIX, PIP_USER, PIP_REQUIRE_VIRTUALENV, ...env } =
    process.env;
  return env;
}

type Failure = Error & { killed?: boolean; stdout?: string; stderr?: string };

function reasonOf({ killed, stdout = '', stderr = '', message }: Failure): string {
  const lines = `${stdout}\n${stderr}`
    .split('\n')
    .filter((line) => line.trim() && !line.startsWith('WARNING'));
  const tail = lines.slice(-KEPT_LINES).join('\n') || message;
  return killed ? `It took more than ${INSTALL_MS / 60_000} minutes.\n${tail}` : tail;
}
