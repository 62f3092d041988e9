import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What a short command printed, or undefined when it cannot be run, fails, or takes more than 20 seconds. */
export function outputOf(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: 20_000 }, (error, stdout) => resolve(error ? undefined : stdout));
  });
}

const KEPT_LINES = 15;

/**
 * Runs a long command, handing on each line it prints.
 * @returns undefined when it succeeds, otherwise the end of what it printed.
 */
export function failureOf(
  command: string,
  args: readonly string[],
  { env = process.env, onLine = () => {} }: { env?: NodeJS.ProcessEnv; onLine?: (line: string) => void } = {},
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const last: string[] = [];
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        last.push(line);
        if (last.length > KEPT_LINES) last.shift();
        onLine(line);
      });
    }
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) =>
      resolve(code === 0 ? undefined : last.join('\n') || `Nothing; its exit code is ${code}.`),
    );
  });
}
