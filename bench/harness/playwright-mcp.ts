import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { Bench } from './bench.ts';
import { type Peer, pinnedVersion } from './peers.ts';
import { plainEnvironment } from './places.ts';

const CALL_MS = 60_000;

export const playwrightMcp = `@playwright/mcp ${pinnedVersion('@playwright/mcp')}`;

/** `@playwright/mcp` over stdio, headless, with the same Chromium. Calls answer with all text that a model gets. */
export async function connectPlaywright(
  bench: Bench,
  { folder }: Extract<Peer, { folder: string }>,
  chromium: string,
) {
  const client = new Client({ name: 'bench', version: '1.0.0' });
  const cli = join(folder, 'node_modules', '@playwright', 'mcp', 'cli.js');
  const flags = ['--headless', '--isolated', '--no-sandbox', '--executable-path', chromium];
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [cli, ...flags],
    env: plainEnvironment(),
    cwd: bench.makeFolder('playwright-mcp'),
    stderr: 'ignore',
  });
  await client.connect(transport);
  bench.defer(() => client.close());
  return async (name: string, args: Record<string, unknown> = {}): Promise<string> => {
    const answer = await client.callTool({ name, arguments: args }, { timeout: CALL_MS });
    const text = textOf(answer);
    if (answer.isError) throw new Error(`${name} failed: ${text}`);
    return text;
  };
}

/** What an answer says in words. */
export function textOf({ content }: { content?: unknown }): string {
  const blocks = (content ?? []) as { type: string; text?: string }[];
  return blocks.flatMap(({ type, text }) => (type === 'text' && text ? [text] : [])).join('\n');
}
