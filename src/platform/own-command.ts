import { existsSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onPath } from './on-path.ts';

/** Found from the sources as well as from what is built of them. */
const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** One word of a command line that a person can paste. */
export function inShell(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return process.platform === 'win32' ? `"${word}"` : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * The command line that runs this very program here: `agentcore-mcp` where that name leads to it, otherwise its Node
 * and its file. `rest` is put behind it as it is.
 */
export function ownCommand(rest: string): string {
  const named = onPath('agentcore-mcp');
  const installed = named && existsSync(cli) && realpathSync(named) === realpathSync(cli);
  return `${installed ? 'agentcore-mcp' : [process.execPath, cli].map(inShell).join(' ')} ${rest}`;
}
