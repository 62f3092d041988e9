import { ownCommand } from '../platform/own-command.ts';
import type { Command } from './command.ts';

interface Listed {
  name: string;
  usage: string;
  summary: string;
  /** Further lines of its own help, as they are. */
  more?(): string;
  /** Commands are loaded one by one: a stdio server starts without the others. */
  load(): Promise<{ command: Command }>;
}

export const serve: Listed = {
  name: 'serve',
  usage: '[serve] [options]',
  summary: 'Serve MCP over stdio, or over HTTP with --transport http. What runs when no command is given.',
  load: () => import('./serve.ts'),
};

export const commands: readonly Listed[] = [
  serve,
  {
    name: 'call',
    usage: "call <tool> ['<arguments as JSON>'] [options]",
    summary: 'Run one tool once, as an MCP client would, and print its result as JSON.',
    more: () =>
      [
        `Example: ${ownCommand(`call run_code '{"code": "6 * 7"}'`)}`,
        'With - in place of the JSON, the arguments are read from standard input.',
        `The arguments of a tool: ${ownCommand('tools <tool>')}`,
      ].join('\n'),
    load: () => import('./call.ts'),
  },
  {
    name: 'tools',
    usage: 'tools [<name>] [options]',
    summary: 'List the tools with what each costs a model in tokens, or the arguments of one.',
    load: () => import('./tools.ts'),
  },
  {
    name: 'engine',
    usage: 'engine [--port N] [--ephemeral] [--auth sigv4|none] [--stop [--if-idle]] [options]',
    summary:
      'Run the local engine in the foreground, for SDKs and CI; prints one line of JSON when it is ready. With --stop, end the one that runs.',
    load: () => import('./engine.ts'),
  },
  {
    name: 'env',
    usage: 'env [--shell sh|fish|powershell] [options]',
    summary: 'Start the local engine and print what points AWS SDKs and the AWS CLI at it.',
    more: () => `Example: eval "$(${ownCommand('env')})"`,
    load: () => import('./env.ts'),
  },
  {
    name: 'doctor',
    usage: 'doctor [options]',
    summary: 'Say what works on this machine, and how to mend the rest.',
    load: () => import('./doctor.ts'),
  },
  {
    name: 'setup',
    usage: 'setup [--yes] [--optional]',
    summary: 'Install what code sessions need: bubblewrap, Python and a Python environment of their own.',
    load: () => import('./setup.ts'),
  },
];
