import { z } from 'zod';
import { LET_GO_MS } from '../agentcore/tasks.ts';
import { completeConfig } from '../config.ts';
import { configTable } from '../config-table.ts';
import { readOptions, UsageError } from '../options.ts';
import { nearest } from '../platform/nearest.ts';
import { ownCommand } from '../platform/own-command.ts';
import { programVersion } from '../platform/version.ts';
import { redact } from '../secrets.ts';
import { print, say } from './command.ts';
import { commands, serve } from './commands.ts';

const usageExit = 2;

/** Runs the program with its arguments and sets the exit code. Whatever goes wrong is said in one sentence, not as a stack. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    process.exitCode = await dispatch(argv);
  } catch (error) {
    const usage = isUsage(error);
    say(`agentcore-mcp: ${redact(error instanceof Error ? error.message : String(error))}`);
    if (process.env.AGENTCORE_MCP_LOG_LEVEL === 'debug' && !usage) say(redact((error as Error).stack ?? ''));
    process.exitCode = usage ? usageExit : 1;
  }
  // Something forgotten, a connection perhaps, does not hold up the end of the process.
  setTimeout(() => process.exit(), LET_GO_MS).unref();
}

/** A tool's name is a word of the command line too. By name: a stdio server starts without loading the tools. */
const isUsage = (error: unknown): error is Error =>
  error instanceof Error && ['UsageError', 'UnknownToolError'].includes(error.name);

async function dispatch(argv: readonly string[]): Promise<number> {
  const [first = '', ...rest] = argv;
  const named = first !== '' && !first.startsWith('-');
  const asksForHelp = argv.some((word) => word === '--help' || word === '-h') || first === 'help';
  if (argv.some((word) => word === '--version' || word === '-v')) return done(programVersion);
  if (asksForHelp) {
    const { commandHelp } = await import('./help.ts');
    return done(await commandHelp((first === 'help' ? rest[0] : named && first) || ''));
  }
  if (named) return invoke(first, rest);
  const late = argv.find((word) => commands.some(({ name }) => name === word));
  return invoke(serve.name, argv).catch((error) => {
    if (!late || !isUsage(error)) throw error;
    throw new UsageError(`${error.message}\nThe command comes first: ${ownCommand(`${late} ...`)}`);
  });
}

async function invoke(name: string, argv: readonly string[]): Promise<number> {
  const listed = commands.find((command) => command.name === name);
  if (!listed) throw unknownCommand(name);
  const { command } = await listed.load();
  const table = z.object({ ...configTable.shape, ...command.options.shape });
  const { values, positionals } = readOptions(table, argv, process.env);
  const surplus = positionals[command.mostArgs ?? 0];
  if (surplus !== undefined)
    throw new UsageError(`Unexpected argument "${surplus}". Options begin with --; --help lists them.`);
  return command.run({ config: completeConfig(values), options: values, args: positionals });
}

function unknownCommand(name: string): UsageError {
  const names = commands.map((command) => command.name);
  const meant = nearest(name, names);
  return new UsageError(
    `Unknown command "${name}". ${meant ? `Did you mean ${meant}?` : `Commands: ${names.join(', ')}.`} --help explains them.`,
  );
}

function done(text: string): number {
  print(text);
  return 0;
}
