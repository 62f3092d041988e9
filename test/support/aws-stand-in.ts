import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';

const SERVICES = ['BEDROCK_AGENTCORE', 'BEDROCK_AGENTCORE_CONTROL', 'STS', 'CLOUDWATCH_LOGS', 'S3'];

/** An environment in which AWS is at this address, and nothing else is said about it; until `vi.unstubAllEnvs()`. */
export function stubAws(url: string): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  for (const service of SERVICES) vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, url);
}

/** The same, with the keys of a user. */
export function stubAwsUser(url: string): void {
  stubAws(url);
  stubKeys();
}

export function stubKeys(): void {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLEEXAMPLE00');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'not-a-real-secret-but-as-long-as-one-is');
}

/** A request as it arrived. */
export interface Captured {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** An answer in AWS's wire form. */
export interface Recorded {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

/** An answer of AWS, from test/fixtures/aws-errors. */
export function recorded(name: string): Recorded {
  const file = fileURLToPath(new URL(`../fixtures/aws-errors/${name}.json`, import.meta.url));
  return JSON.parse(readFileSync(file, 'utf8')) as Recorded;
}

export const json = (body: unknown): Recorded => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

/** What STS answers to GetCallerIdentity. */
export const callerIdentity = (account: string): Recorded => ({
  status: 200,
  headers: { 'content-type': 'text/xml' },
  body: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::${account}:user/ana</Arn><UserId>AIDAEXAMPLE</UserId><Account>${account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
});

/**
 * A real HTTP server where AWS would be: keeps each request, and answers what it was told last, by host path. Without an
 * answer it breaks the connection.
 */
export async function startStandIn() {
  const requests: Captured[] = [];
  let answer: (request: Captured) => Recorded | undefined = () => json({});
  let upgrade: (request: Captured, socket: Duplex) => void = (_request, socket) => socket.destroy();
  const server = createServer(async (message, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const request: Captured = {
      method: message.method ?? '',
      path: message.url ?? '',
      headers: message.headers,
      body: Buffer.concat(chunks).toString(),
    };
    requests.push(request);
    const answered = answer(request);
    if (!answered) return void message.socket.destroy();
    const { status, headers, body } = answered;
    response.writeHead(status, headers).end(body);
  });
  const upgraded: Duplex[] = [];
  server.on('upgrade', ({ method = '', url: path = '', headers }, socket) => {
    const request: Captured = { method, path, headers, body: '' };
    requests.push(request);
    upgraded.push(socket);
    upgrade(request, socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer(next: Recorded | ((request: Captured) => Recorded | undefined)) {
      requests.length = 0;
      answer = typeof next === 'function' ? next : () => next;
    },
    /** Takes the connections that want to be WebSockets. */
    onUpgrade(next: typeof upgrade) {
      upgrade = next;
    },
    async close() {
      for (const socket of upgraded) socket.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
