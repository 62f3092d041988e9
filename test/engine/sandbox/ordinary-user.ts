import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { managedEnvironment } from '../../../src/engine/sandbox/index.ts';

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
const ORDINARY_USER = '65533';

/**
 * A command that runs as an ordinary user: the same one, or where this process is root, with what drops to one before
 * it. Root's home, which that user cannot enter, is replaced by one that holds only the project, Node and Python.
 */
export function asOrdinaryUser(command: readonly string[]): string[] {
  if (process.getuid?.() !== 0) return [...command];
  const home = homedir();
  const needed = [PROJECT, dirname(process.execPath), managedEnvironment(), pythonBase()].map((path) =>
    realpathSync(path),
  );
  const inHome = needed.filter((path) => path.startsWith(`${home}/`));
  const folders = new Set([home, ...inHome.flatMap((path) => foldersBetween(home, path))]);
  return [
    ...['bwrap', '--dev-bind', '/', '/', '--tmpfs', home],
    ...inHome.flatMap((path) => ['--ro-bind', path, path]),
    ...[...folders].flatMap((folder) => ['--chmod', '0755', folder]),
    ...['--die-with-parent', 'setpriv', '--reuid', ORDINARY_USER, '--regid', ORDINARY_USER, '--clear-groups'],
    ...command,
  ];
}

/** Whether the project and the Python environment can be read by an ordinary user that way. */
export function ordinaryUserCanRun(): boolean {
  const probe = `import(${JSON.stringify(join(PROJECT, 'src/engine/sandbox/index.ts'))})`;
  try {
    const [program, ...rest] = asOrdinaryUser([process.execPath, '-e', probe]);
    execFileSync(program as string, rest, { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

function foldersBetween(home: string, path: string): string[] {
  const names = relative(home, dirname(path)).split('/').filter(Boolean);
  return names.map((_, index) => join(home, ...names.slice(0, index + 1)));
}

function pythonBase(): string {
  const [, home] =
    /^home = (.*)$/m.exec(readFileSync(join(managedEnvironment(), 'pyvenv.cfg'), 'utf8')) ?? [];
  return dirname(home as string);
}
