import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Config, configTable, parseConfig, type Surroundings } from '../config.ts';
import { optionsOf } from '../options.ts';

/** A program that speaks MCP on its standard input and output. */
interface Launch {
  command: string;
  args: string[];
}

interface Endpoint {
  url: string;
  token: string | undefined;
}

/** The flags that lead to a configuration, besides those that say how clients connect. */
export function flagsOf(config: Config, { env, cwd }: Surroundings): string[] {
  const plain = parseConfig([], { env: { ...env, ...withoutOurs(env) }, cwd });
  return optionsOf(configTable)
    .filter(({ group, key }) => group !== 'Server' && String(at(config, key)) !== String(at(plain, key)))
    .flatMap(({ flag, kind, key }) =>
      kind === 'switch' ? [`--${flag}`] : [`--${flag}`, String(at(config, key))],
    );
}

const at = (config: Config, key: string) => (config as Readonly<Record<string, unknown>>)[key];

function withoutOurs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.keys(env).flatMap((name) => (name.startsWith('AGENTCORE_MCP_') ? [[name, undefined]] : [])),
  );
}

/** How a client starts the server of this very installation. */
export function launchOf(config: Config, surroundings: Surroundings): Launch {
  const cli = fileURLToPath(new URL('../cli.js', import.meta.url));
  return { command: process.execPath, args: [cli, ...flagsOf(config, surroundings)] };
}

const inShell = (word: string) =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

const json = (value: unknown) => JSON.stringify(value, null, 2);

function claudeDesktopFile(): string {
  const file = 'claude_desktop_config.json';
  if (process.platform === 'darwin') return join(homedir(), 'Library/Application Support/Claude', file);
  if (process.platform === 'win32') return `%APPDATA%\\Claude\\${file}`;
  return join(homedir(), '.config/Claude', file);
}

/** Ready-to-paste configuration: each client with a server of its own, or connected to the one at the endpoint. */
export function clientConfiguration(launch: Launch, { url, token }: Endpoint): string {
  const { command, args } = launch;
  const headers = token ? { Authorization: `Bearer ${token}` } : undefined;
  const shellHeader = token ? ` --header ${inShell(`Authorization: Bearer ${token}`)}` : '';
  const sections: [string, string][] = [
    [`Claude Desktop (${claudeDesktopFile()})`, json({ mcpServers: { agentcore: { command, args } } })],
    ['Cursor (~/.cursor/mcp.json)', json({ mcpServers: { agentcore: { url, headers } } })],
    ['VS Code (.vscode/mcp.json)', json({ servers: { agentcore: { type: 'http', url, headers } } })],
    [
      'Claude Code, with a server of its own, or connected to this one',
      `claude mcp add agentcore -- ${[command, ...args].map(inShell).join(' ')}\nclaude mcp add --transport http agentcore ${url}${shellHeader}`,
    ],
  ];
  const note =
    'Cursor and VS Code also take command and args as Claude Desktop does (VS Code with "type": "stdio").';
  return [...sections.map(([title, body]) => `${title}:\n${body}`), note].join('\n\n');
}
