import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Of what a program prints, the end that is kept. */
const MAX_KEPT = 64 * 1024;

export interface Ran {
  /** Undefined where a signal ended it. */
  code?: number;
  /** The end of what it printed, both streams together. */
  output: string;
}

/**
 * Runs a program of this machine to its end.
 * @throws the system's error where it cannot be started, and the signal's reason once that aborts.
 */
export async function run(
  command: string,
  args: readonly string[],
  {
    cwd,
    env,
    signal,
    line,
  }: { cwd?: string; env: NodeJS.ProcessEnv; signal: AbortSignal; line?(text: string): void },
): Promise<Ran> {
  signal.throwIfAborted();
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], signal });
  let output = '';
  const ends = [child.stdout, child.stderr].map(async (stream) => {
    for await (const text of createInterface({ input: stream })) {
      output = `${output}${text}\n`.slice(-MAX_KEPT);
      line?.(text);
    }
  });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(signal.aborted ? signal.reason : error));
    child.once('close', resolve);
  });
  const code = await exit;
  await Promise.all(ends);
  return { code: code ?? undefined, output };
}
