import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** A path as people write it: `~` is their home, and what is not absolute is seen from `cwd`. */
export function absolute(given: string, cwd: string): string {
  return /^~(?=[/\\]|$)/.test(given) ? join(homedir(), given.slice(1)) : resolve(cwd, given);
}

/** The folder in which this user's programs keep their data, by the platform's own custom. */
function userDataHome(env: NodeJS.ProcessEnv): string {
  switch (process.platform) {
    case 'darwin':
      return join(homedir(), 'Library', 'Application Support');
    case 'win32':
      return env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local');
    default:
      return env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share');
  }
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
