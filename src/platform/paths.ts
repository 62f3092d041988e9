import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** A path as people write it: `~` is their home, and what is not absolute is seen from `cwd`. */
export function absolute(given: string, cwd: string): string {
  return /^~(?=[/\\]|$)/.test(given) ? join(homedir(), given.slice(1)) : resolve(cwd, given);
}

/** A folder of this user's for all programs, by the platform's own custom. */
function userFolder(
  onMac: string,
  onWindows: string | undefined,
  given: string | undefined,
  other: string,
): string {
  switch (process.platform) {
    case 'darwin':
      return join(homedir(), 'Library', onMac);
    case 'win32':
      return onWindows ?? join(homedir(), 'AppData', 'Local');
    default:
      return given ?? join(homedir(), other);
  }
}

/** Where programs keep their data. */
const userDataHome = (env: NodeJS.ProcessEnv) =>
  userFolder('Application Support', env.LOCALAPPDATA, env.XDG_DATA_HOME, join('.local', 'share'));

/** Where programs keep what they can make again. A relative path in the variable counts as none, as XDG says. */
export function userCacheHome(env: NodeJS.ProcessEnv): string {
  const { XDG_CACHE_HOME: given = '' } = env;
  return userFolder('Caches', env.LOCALAPPDATA, isAbsolute(given) ? given : undefined, '.cache');
}

/** Where the product keeps everything unless told otherwise. */
export function defaultDataDir(env: NodeJS.ProcessEnv = process.env): string {
  return join(userDataHome(env), 'agentcore-mcp');
}

/**
 * Where the managed Python environments are. They belong to the user, not to one data directory, so that a new data
 * directory does not install them again. `AGENTCORE_MCP_PYTHON_HOME` moves them; it is seen from `cwd`.
 */
export function pythonHome(env: NodeJS.ProcessEnv = process.env, cwd = process.cwd()): string {
  const given = env.AGENTCORE_MCP_PYTHON_HOME;
  return given ? absolute(given, cwd) : join(defaultDataDir(env), 'python');
}
