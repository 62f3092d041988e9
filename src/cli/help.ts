import { configTable } from '../config-table.ts';
import { type Option, type OptionTable, optionsOf } from '../options.ts';
import { ownCommand } from '../platform/own-command.ts';
import { commands } from './commands.ts';

const INDENT = '      ';

function wrap(text: string, indent: string, width: number): string {
  const lines = [indent];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line.trim() !== '' && line.length + word.length >= width) lines.push(indent + word);
    else lines[lines.length - 1] = line.trim() === '' ? indent + word : `${line} ${word}`;
  }
  return lines.join('\n');
}

function describe(option: Option, width: number): string {
  const { flag, env, kind, envOnly, flagOnly, choices } = option;
  const values = choices?.join('|');
  const value = { switch: '', value: ` <${values ?? 'value'}>`, list: ` <${values ?? 'a,b'},...>` }[kind];
  const name = envOnly ? env : `--${flag}${value}`;
  const twin = envOnly || flagOnly ? '' : ` [${env}]`;
  const byDefault = option.default === undefined ? '' : ` Default: ${option.default}.`;
  return `  ${name}${twin}\n${wrap(option.description + byDefault, INDENT, width)}`;
}

/** The options of a table, by group. */
export function describeTable(table: OptionTable, width = terminalWidth()): string {
  const groups = Map.groupBy(optionsOf(table), ({ group }) => group);
  const section = ([group, options]: [string, Option[]]) =>
    `${group} options\n${options.map((option) => describe(option, width)).join('\n')}`;
  return [...groups].map(section).join('\n\n');
}

const terminalWidth = () => Math.min(process.stdout.columns ?? 100, 110);

/** The help of the whole program: its commands, and the options they share. */
export function programHelp(width = terminalWidth()): string {
  const listed = commands.map(({ usage, summary }) => `  ${usage}\n${wrap(summary, INDENT, width)}`);
  return [
    'Amazon Bedrock AgentCore for MCP clients: on AWS, or on a local engine.',
    `Usage: ${ownCommand('<command> [options]')}`,
    `Commands\n${listed.join('\n')}`,
    describeTable(configTable, width),
    'A flag wins over its variable, which stands in brackets. `<command> --help` lists what is special to a command.',
  ].join('\n\n');
}

/** The help of one command, with the options that only it has. */
export async function commandHelp(name: string, width = terminalWidth()): Promise<string> {
  const listed = commands.find((command) => command.name === name);
  if (!listed) return programHelp(width);
  const { command } = await listed.load();
  const own = describeTable(command.options, width);
  return [
    `Usage: ${ownCommand(listed.usage)}`,
    wrap(listed.summary, '', width),
    ...(listed.more ? [listed.more()] : []),
    ...(own ? [own] : []),
    '--help without a command lists the options that all commands share.',
  ].join('\n\n');
}
