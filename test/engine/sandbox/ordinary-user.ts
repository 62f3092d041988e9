import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { managedEnvironment } from '../../../src/engine/sandbox/index.ts';

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
const ORDINARY_USER = '65533';

/**
 * A command that runs as an ordinary user: the same one, or where this process is root, with what drops to one before
 * it. Folders which that user cannot enter, such as root's home, are replaced by ones that hold only the project, Node
 * and Python.
 */
export function asOrdinaryUser(command: readonly string[]): string[] {
  if (process.getuid?.() !== 0) return [...command];
  const needed = [PROJECT, dirname(process.execPath), managedEnvironment(), pythonBase()].map((path) =>
    realpathSync(path),
  );
  const hidden = needed.flatMap((path) => {
    const closed = outermostClosed(path);
    return closed === undefined ? [] : [{ path, closed }];
  });
  const replaced = new Set(hidden.map(({ closed }) => closed));
  const folders = new Set(hidden.flatMap(({ path, closed }) => [closed, ...foldersBetween(closed, path)]));
  return [
    ...['bwrap', '--dev-bind', '/', '/', ...[...replaced].flatMap((folder) => ['--tmpfs', folder])],
    ...hidden.flatMap(({ path }) => ['--ro-bind', path, path]),
    ...[...folders].flatMap((folder) => ['--chmod', '0755', folder]),
    ...['--die-with-parent', 'setpriv', '--reuid', ORDINARY_USER, '--regid', ORDINARY_USER, '--clear-groups'],
    ...command,
  ];
}

/** Whether the project and the Python environment can be read by an ordinary user that way. */
export function ordinaryUserCanRun(): boolean {
  const probe = `import(${JSON.stringify(join(PROJECT, 'src/engine/sandbox/index.ts'))})`;
  try {
    for (const command of [
      [process.execPath, '-e', probe],
      [join(managedEnvironment(), 'bin', 'python'), '-c', ''],
    ]) {
      const [program, ...rest] = asOrdinaryUser(command);
      execFileSync(program as string, rest, { stdio: 'pipe' });
    }
    return true;
  } catch {
    return false;
  }
}

/** The outermost folder above a path that only its owner may enter. */
function outermostClosed(path: string): string | undefined {
  const above = dirname(path);
  if (above === path) return undefined;
  return outermostClosed(above) ?? ((statSync(above).mode & 0o001) === 0 ? above : undefined);
}

function foldersBetween(outer: string, path: string): string[] {
  const names = relative(outer, dirname(path)).split('/').filter(Boolean);
  return names.map((_, index) => join(outer, ...names.slice(0, index + 1)));
}

function pythonBase(): string {
  const [, home] =
    /^home = (.*)$/m.exec(readFileSync(join(managedEnvironment(), 'pyvenv.cfg'), 'utf8')) ?? [];
  return dirname(home as string);
}
