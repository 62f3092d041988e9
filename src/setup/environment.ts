import { randomBytes } from 'node:crypto';
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { makeFolders } from '../engine/make-folders.ts';
import { managedEnvironment, requirementsFile } from '../engine/sandbox/python.ts';
import { failureOf, outputOf } from './programs.ts';

const SIGN_OF_LIFE_MS = 10_000;
const ABANDONED_MS = 60 * 60_000;

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
  if (await environmentRuns(place)) return true;
  // Nobody else may put files there, whatever the umask.
  makeFolders(dirname(place), 0o755);
  removeAbandoned(place);
  const draft = `${place}.${randomBytes(4).toString('hex')}`;
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
function pythonEnv(): NodeJS.ProcessEnv {
  const { PYTHONHOME, PYTHONPATH, PIP_TARGET, PIP_PREFIX, PIP_USER, ...env } = process.env;
  return env;
}

const makeVenv = (python: string, folder: string) =>
  failureOf(python, ['-m', 'venv', folder], { env: pythonEnv() });

async function installPackages(folder: string, say: (line: string) => void): Promise<string | undefined> {
  say('Installing IPython, numpy, pandas, matplotlib and what they need (about 80 MB to download) ...');
  let doing = 'starting';
  const signOfLife = setInterval(() => say(`  ... ${doing}`), SIGN_OF_LIFE_MS);
  const onLine = (line: string) => {
    if (/^\s*(Collecting|Downloading|Installing)/.test(line)) doing = line.trim().slice(0, 70);
  };
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--progress-bar', 'off'];
  const what = ['--only-binary', ':all:', '--requirement', requirementsFile];
  try {
    return await failureOf(join(folder, 'bin', 'python'), [...pip, ...what], { env: pythonEnv(), onLine });
  } finally {
    clearInterval(signOfLife);
  }
}

/** Unless another set-up was faster: its environment may already be in use. */
async function moveIntoPlace(draft: string, place: string): Promise<void> {
  if (await environmentRuns(place)) return;
  rmSync(place, { recursive: true, force: true });
  renameSync(draft, place);
}

/** Drafts of set-ups that were killed. */
function removeAbandoned(place: string): void {
  for (const name of readdirSync(dirname(place))) {
    const path = join(dirname(place), name);
    const draft =
      name.startsWith(`${basename(place)}.`) && Date.now() - statSync(path).mtimeMs > ABANDONED_MS;
    if (draft) rmSync(path, { recursive: true, force: true });
  }
}
