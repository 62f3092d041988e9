import type { Command } from './command.ts';

interface Listed {
  name: string;
  usage: string;
  summary: string;
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
    load: () => import('./call.ts'),
  },
  {
    name: 'tools',
    usage: 'tools [options]',
    summary: 'List the tools with what each costs a model in tokens.',
    load: () => import('./tools.ts'),
  },
  {
    name: 'engine',
    usage: 'engine [--port N] [--ephemeral] [--auth sigv4|none] [options]',
    summary:
      'Run the local engine in the foreground, for SDKs and CI. Prints one line of JSON when it is ready.',
    load: () => import('./engine.ts'),
  },
  {
    name: 'env',
    usage: 'env [--shell sh|fish|powershell] [options]',
    summary: 'Print what points AWS SDKs and the AWS CLI at the local engine: eval "$(agentcore-mcp env)".',
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
    usage: 'setup [--yes] [options]',
    summary: 'Install what code sessions need: bubblewrap, Python and a Python environment of their own.',
    load: () => import('./setup.ts'),
  },
];
