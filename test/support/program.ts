import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const built = (name: string) => fileURLToPath(new URL(`../../dist/${name}`, import.meta.url));

export interface RunOptions {
  /** Besides what every program needs; none of the caller's own AWS_ or AGENTCORE_MCP_ variables is handed on. */
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  input?: string;
  /** The user to run as; the caller's own by default. */
  uid?: number;
  /** Options of Node itself. */
  node?: string[];
}

function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(AWS|AGENTCORE_MCP)_(?!PYTHON_HOME|SPARES)/.test(name)),
  );
}

/** Starts a program of `dist`; it is killed after the test if it still runs. */
export function startProgram(name: string, args: string[], { env, cwd, uid, node = [] }: RunOptions = {}) {
  const child = spawn(process.execPath, [...node, built(name), ...args], {
    cwd,
    uid,
    env: { ...plainEnvironment(), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Runs a program of `dist` to its end. */
export async function runProgram(name: string, args: string[], options: RunOptions = {}) {
  const child = startProgram(name, args, options);
  child.stdin.on('error', () => {}).end(options.input ?? '');
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: code as number | null, stdout, stderr };
}
