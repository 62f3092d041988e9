import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Config, parseConfig, type Surroundings } from '../config.ts';
import { configTable } from '../config-table.ts';
import { optionsOf } from '../options.ts';
import { inShell } from '../platform/own-command.ts';
import { pythonHome } from '../platform/paths.ts';

/** A program that speaks MCP on its standard input and output. */
interface Launch {
  command: string;
  args: string[];
  /** What it needs besides the environment that clients start servers in. */
  env?: Record<string, string>;
}

interface Endpoint {
  url: string;
  token: string | undefined;
}

/**
 * The flags that lead to a configuration from wherever a client starts the server, besides those that say how clients
 * connect.
 */
export function flagsOf(config: Config, { env, cwd }: Surroundings): string[] {
  const plain = parseConfig([], { env: plainEnvironment(env), cwd });
  return optionsOf(configTable)
    .filter(({ group, envOnly }) => group !== 'Server' && !envOnly)
    .filter(({ key }) => key === 'workspace' || String(at(config, key)) !== String(at(plain, key)))
    .flatMap(({ flag, kind, key }) =>
      kind === 'switch' ? [`--${flag}`] : [`--${flag}`, String(at(config, key))],
    );
}

const at = (config: Config, key: string) => (config as Readonly<Record<string, unknown>>)[key];

/** Without what this shell may have and a client's environment may not. */
function plainEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(AGENTCORE_MCP_|XDG_DATA_HOME$)/.test(name)),
  );
}

/** How a client starts the server of this very installation. */
export function launchOf(config: Config, surroundings: Surroundings): Launch {
  const cli = fileURLToPath(new URL('../cli.js', import.meta.url));
  const { env, cwd } = surroundings;
  const python = pythonHome(env, cwd);
  const moved = python !== pythonHome(plainEnvironment(env), cwd);
  return {
    command: process.execPath,
    args: [cli, ...flagsOf(config, surroundings)],
    env: moved ? { AGENTCORE_MCP_PYTHON_HOME: python } : undefined,
  };
}

function claudeDesktopFile(): string {
  const file = 'claude_desktop_config.json';
  if (process.platform === 'darwin') return join(homedir(), 'Library/Application Support/Claude', file);
  if (process.platform === 'win32') return `%APPDATA%\\Claude\\${file}`;
  return join(homedir(), '.config/Claude', file);
}

const cursor = 'Cursor (~/.cursor/mcp.json)';
const kiro = 'Kiro (~/.kiro/settings/mcp.json)';
const vsCode = 'VS Code (.vscode/mcp.json)';
const claudeCode = 'Claude Code (in a shell)';

/** Ready-to-paste configuration: each client with a server of its own, or connected to the one at the endpoint. */
export function clientConfiguration(launch: Launch, endpoint: Endpoint): string {
  return [
    'A. The client starts a server of its own:',
    ...withOwnServer(launch),
    'B. The client connects to this server; works only while this `npm start` runs:',
    ...connected(endpoint),
  ].join('\n\n');
}

function withOwnServer({ command, args, env }: Launch): string[] {
  const server = { command, args, env };
  const variables = Object.entries(env ?? {}).map(([name, text]) => `--env ${inShell(`${name}=${text}`)} `);
  return [
    `Claude Desktop (${claudeDesktopFile()}), ${cursor}, ${kiro}:\n${json({ mcpServers: { agentcore: server } })}`,
    `${vsCode}:\n${json({ servers: { agentcore: { type: 'stdio', ...server } } })}`,
    `${claudeCode}:\nclaude mcp add agentcore ${variables.join('')}-- ${[command, ...args].map(inShell).join(' ')}`,
  ];
}

function connected({ url, token }: Endpoint): string[] {
  const headers = token ? { Authorization: `Bearer ${token}` } : undefined;
  const shellHeader = token ? ` --header ${inShell(`Authorization: Bearer ${token}`)}` : '';
  return [
    `${cursor}, ${kiro}:\n${json({ mcpServers: { agentcore: { url, headers } } })}`,
    `${vsCode}:\n${json({ servers: { agentcore: { type: 'http', url, headers } } })}`,
    `${claudeCode}:\nclaude mcp add --transport http agentcore ${url}${shellHeader}`,
  ];
}

const json = (value: unknown) => JSON.stringify(value, null, 2);
