import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as FirstClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as FirstStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as FirstHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { onTestFinished } from 'vitest';

export const binary = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** The clients that are out there: the 1.x SDK's, and the 2.x SDK's in both eras. */
export const clientKinds = ['1.x', '2.x legacy', '2.x modern'] as const;
export type ClientKind = (typeof clientKinds)[number];

/** Where the server under test is: a command to spawn, or a URL and its token. */
export type Target = { args: string[]; env?: Record<string, string> } | { url: string; token: string };

const info = { name: 'test-client', version: '1.0.0' };

/** What all the clients can do alike. */
export type AnyClient = Pick<
  Client,
  | 'callTool'
  | 'close'
  | 'complete'
  | 'getInstructions'
  | 'listResourceTemplates'
  | 'listTools'
  | 'readResource'
>;

/** A connected client, closed after the test. */
export async function connect(kind: ClientKind, target: Target): Promise<AnyClient> {
  if (kind === '1.x') {
    const client = new FirstClient(info);
    await client.connect(firstTransport(target));
    onTestFinished(() => client.close());
    return client as unknown as AnyClient;
  }
  const versionNegotiation = kind === '2.x modern' ? { mode: { pin: '2026-07-28' } } : undefined;
  const client = new Client(info, { versionNegotiation });
  await client.connect(secondTransport(target));
  onTestFinished(() => client.close());
  return client;
}

function firstTransport(target: Target) {
  if ('url' in target)
    return new FirstHttp(new URL(target.url), { requestInit: authorization(target.token) });
  return new FirstStdio(command(target));
}

function secondTransport(target: Target) {
  if ('url' in target)
    return new StreamableHTTPClientTransport(new URL(target.url), {
      requestInit: authorization(target.token),
    });
  return new StdioClientTransport(command(target));
}

function command({ args, env }: Extract<Target, { args: string[] }>) {
  return {
    command: process.execPath,
    args: [binary, ...args],
    env: { ...(process.env as Record<string, string>), ...env },
    stderr: 'ignore' as const,
  };
}

function authorization(token: string) {
  return { headers: { Authorization: `Bearer ${token}` } };
}
