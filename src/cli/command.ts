import { z } from 'zod';
import type { Config } from '../config.ts';
import type { OptionTable } from '../options.ts';

/** What a command was called with. */
export interface Invocation<Own extends OptionTable> {
  config: Config;
  /** The command's own options. */
  options: z.output<Own>;
  /** The words after the command's name that are no options. */
  args: readonly string[];
}

/** One thing the program can do. */
export interface Command<Own extends OptionTable = OptionTable> {
  /** Besides those of the configuration; one with the same name replaces it. */
  options: Own;
  /** How many arguments it takes at most; none unless set. */
  mostArgs?: number;
  /** @returns the exit code. Promises that never end keep the program running. */
  run(invocation: Invocation<Own>): Promise<number>;
}

export const noOptions = z.object({});

export function defineCommand<Own extends OptionTable>(command: Command<Own>): Command<Own> {
  return command;
}

/** A reader that has seen enough, as `head` has, ends the program without a word. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
}

/** Results go to stdout, everything else to stderr. */
export function print(line: string): void {
  if (!process.stdout.listeners('error').includes(endWithReader)) process.stdout.on('error', endWithReader);
  process.stdout.write(`${line}\n`);
}

/** A time as people say it: 900 is `15 minutes`. */
export function spoken(seconds: number): string {
  const [count, unit] = seconds % 60 === 0 ? [seconds / 60, 'minute'] : [seconds, 'second'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

export const say = (line: string) => void process.stderr.write(`${line}\n`);
