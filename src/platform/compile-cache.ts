import { lstatSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { makeFolders } from './make-folders.ts';
import { userCacheHome } from './paths.ts';

/**
 * Where Node keeps what it compiled, so that the next start is faster: a folder that only this user can write to, since
 * what lies there is run. Undefined where there can be none.
 */
export function compiledCode(env: NodeJS.ProcessEnv = process.env): string | undefined {
  try {
    const folder = join(userCacheHome(env), 'agentcore-mcp', 'compiled');
    makeFolders(folder, 0o700);
    return isOursAlone(folder) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the compiled code of the modules that this process loads from now on. */
export function keepCompiledCode(): void {
  const folder = compiledCode();
  if (folder) enableCompileCache(folder);
}

/** Windows has no such owners and modes; there the folder is in the user's own profile. */
function isOursAlone(folder: string): boolean {
  if (process.getuid === undefined) return true;
  const stat = lstatSync(folder);
  return stat.isDirectory() && stat.uid === process.getuid() && (stat.mode & 0o022) === 0;
}
