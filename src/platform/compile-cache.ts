import { mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder in which this user's programs keep what they can make again, by the platform's own custom. */
function userCacheHome(env: NodeJS.ProcessEnv): string {
  switch (process.platform) {
    case 'darwin':
      return join(homedir(), 'Library', 'Caches');
    case 'win32':
      return env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local');
    default:
      return env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  }
}

/**
 * Where Node keeps what it compiled, so that the next start is faster: a folder that only this user can write to, since
 * what lies there is run. Undefined where there can be none.
 */
export function compiledCode(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folder = join(userCacheHome(env), 'agentcore-mcp', 'compiled');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  } catch {
    return undefined;
  }
}

/** Keeps the compiled code of the modules that this process loads from now on. */
export function keepCompiledCode(): void {
  const folder = compiledCode();
  if (folder) enableCompileCache(folder);
}
