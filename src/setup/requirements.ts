import { oldestBubblewrap } from '../engine/sandbox/diagnosis.ts';
import { onPath } from '../platform/on-path.ts';
import { outputOf } from './programs.ts';

/** The CPython versions that the pinned packages have wheels for: 3.x. */
const pythonMinors = { oldest: 10, newest: 14 };

/** What the machine has to bring; `missing` says what is wrong with what was found. */
export type Found = { works: true; path: string; version: string } | { works: false; missing: string };

export async function findBubblewrap(): Promise<Found> {
  const path = onPath('bwrap');
  if (!path) return { works: false, missing: 'bubblewrap is not installed' };
  const [, major, minor] = /(\d+)\.(\d+)/.exec((await outputOf(path, ['--version'])) ?? '') ?? [];
  const version = `${major}.${minor}`;
  const recent = Number(major) > oldestBubblewrap[0] || Number(minor) >= oldestBubblewrap[1];
  if (recent) return { works: true, path, version };
  return {
    works: false,
    missing: `bubblewrap ${oldestBubblewrap.join('.')} or newer is needed; ${path} is ${version}`,
  };
}

/** Prints the interpreter behind whatever started it, a pyenv shim for example; fails where no environment can be made. */
const introduction = `
import sys, ensurepip, venv
print(sys.version_info[0], sys.version_info[1], getattr(sys, '_base_executable', None) or sys.executable, sep='\\n')
`;

/** The newest Python on the search path that the pinned packages and an environment of their own are possible with. */
export async function findPython(): Promise<Found> {
  const { oldest, newest } = pythonMinors;
  const named = Array.from({ length: newest - oldest + 1 }, (_, step) => `python3.${newest - step}`);
  for (const name of [...named, 'python3']) {
    const command = onPath(name);
    const [major, minor, path] = ((command && (await outputOf(command, ['-c', introduction]))) || '').split(
      '\n',
    );
    if (path && major === '3' && Number(minor) >= oldest && Number(minor) <= newest) {
      return { works: true, path, version: `${major}.${minor}` };
    }
  }
  return { works: false, missing: `no Python 3.${oldest} to 3.${newest} with its venv module was found` };
}
