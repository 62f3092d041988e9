import { renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { managedEnvironment, requirementsFile } from '../engine/sandbox/python.ts';
import { draftOf, removeAbandoned } from '../platform/drafts.ts';
import { makeFolders } from '../platform/make-folders.ts';
import { defaultDataDir } from '../platform/paths.ts';
import { failureOf, outputOf } from './programs.ts';
import { signOfLife } from './sign-of-life.ts';

/** The name of an environment in the making: its place and something random. */
const DRAFT = /^[0-9a-f]{12}\.[0-9a-f]{8}$/;

const hasPackages = `
import sys
from importlib.util import find_spec
sys.exit(not all(map(find_spec, ['IPython', 'numpy', 'pandas', 'matplotlib'])))
`;

/** Whether the environment in a folder still runs; the Python it was made from may have been updated away. */
export async function environmentRuns(folder = managedEnvironment()): Promise<boolean> {
  return (await outputOf(join(folder, 'bin', 'python'), ['-I', '-c', hasPackages])) !== undefined;
}

/**
 * Makes the managed Python environment, unless it is there and runs. It is made beside its place and moved there when it
 * is complete: what lies in its place is never half of one, however this ends.
 * @returns whether it is there now. What went wrong was said.
 */
export async function makeEnvironment(
  python: { path: string; version: string },
  say: (line: string) => void,
) {
  const place = managedEnvironment();
  // Also those of other versions.
  removeAbandoned(dirname(place), DRAFT);
  if (await environmentRuns(place)) return true;
  // A home of its own may be shared with other users, to read; the data directory is nobody else's.
  if (place.startsWith(defaultDataDir())) makeFolders(defaultDataDir(), 0o700);
  makeFolders(dirname(place), 0o755);
  const draft = draftOf(place);
  try {
    say(`Making the Python environment of code sessions, with Python ${python.version}: ${place}`);
    const failure = (await makeVenv(python.path, draft)) ?? (await installPackages(draft, say));
    if (failure !== undefined) {
      say(
        `Code sessions are off: the Python environment could not be made. The last that was said:\n${failure}`,
      );
      return false;
    }
    await moveIntoPlace(draft, place);
    say('The Python environment is ready.');
    return true;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** pip stays out of the way of settings that would install elsewhere, and otherwise follows the user's. */
export function pythonEnv(): NodeJS.ProcessEnv {
  const { PYTHONHOME, PYTHONPATH, PIP_TARGET, PIP_PREFIX, PIP_USER, ...env } = process.env;
  return env;
}

const makeVenv = (python: string, folder: string) =>
  failureOf(python, ['-m', 'venv', folder], { env: pythonEnv() });

async function installPackages(folder: string, say: (line: string) => void): Promise<string | undefined> {
  say('Installing IPython, numpy, pandas, matplotlib and what they need (about 80 MB to download) ...');
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--progress-bar', 'off'];
  const what = ['--only-binary', ':all:', '--requirement', requirementsFile];
  return signOfLife(say, (doing) => {
    const onLine = (line: string) => {
      const done = doingOf(line);
      if (done !== undefined) doing(done);
    };
    return failureOf(join(folder, 'bin', 'python'), [...pip, ...what], { env: pythonEnv(), onLine });
  });
}

/** What pip does, from a line it prints: the packages come with whole addresses and long lists. */
function doingOf(line: string): string | undefined {
  const [, verb, what = ''] = /^\s*(Collecting|Downloading|Installing) (\S+)/.exec(line) ?? [];
  if (!verb) return undefined;
  return verb === 'Installing'
    ? 'installing the packages'
    : `${verb.toLowerCase()} ${what.split('/').at(-1)}`;
}

/** Unless another set-up was faster: its environment may already be in use. */
async function moveIntoPlace(draft: string, place: string): Promise<void> {
  if (await environmentRuns(place)) return;
  rmSync(place, { recursive: true, force: true });
  renameSync(draft, place);
}
