import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { Bench } from './bench.ts';
import { agents, cli, plainEnvironment } from './places.ts';

const CALL_MS = 120_000;

export interface McpServer {
  client: Client;
  /** What a tool answered, as data. @throws Error when it failed. */
  call(tool: string, args: object): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** The built server over stdio, with a real client; for the engine of a data directory. */
export async function connectServer(
  bench: Bench,
  dataDir: string,
  { node = [], flags = [] }: { node?: readonly string[]; flags?: readonly string[] } = {},
): Promise<McpServer> {
  const client = new Client({ name: 'bench', version: '1.0.0' });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...node, cli, '--data-dir', dataDir, '--workspace', agents, ...flags],
    env: plainEnvironment(),
    stderr: 'ignore',
  });
  await client.connect(transport);
  bench.defer(() => client.close());
  return {
    client,
    async call(name, args) {
      const answer = await client.callTool(
        { name, arguments: args as Record<string, unknown> },
        { timeout: CALL_MS },
      );
      if (answer.isError) throw new Error(`${name} failed: ${JSON.stringify(answer.structuredContent)}`);
      return answer.structuredContent as Record<string, unknown>;
    },
    close: () => client.close(),
  };
}
