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
  /** @returns the exit code. Promises that never end keep the program running. */
  run(invocation: Invocation<Own>): Promise<number>;
}

export const noOptions = z.object({});

export function defineCommand<Own extends OptionTable>(command: Command<Own>): Command<Own> {
  return command;
}

/** Results go to stdout, everything else to stderr. */
export const print = (line: string) => void process.stdout.write(`${line}\n`);
export const say = (line: string) => void process.stderr.write(`${line}\n`);
