import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';

export function dot(a: Float32Array | undefined, b: Float32Array | undefined): number {
  if (!a || a.length !== b?.length) throw new Error('There are no two vectors of one length.');
  return a.reduce((sum, value, at) => sum + value * (b[at] as number), 0);
}

export interface Asked {
  path: string;
  headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: whatever a client sends.
  body: any;
}

export type Reply =
  | { status?: number; json: unknown }
  | { text: string }
  /** Half an answer, and then the connection breaks. */
  | 'cut off'
  | 'silence';

/** A small HTTP server, or as Bedrock's SDK wants it HTTP/2, that keeps what it is asked and answers as it is told. */
export async function startServer({ models = [], http2 = false }: { models?: string[]; http2?: boolean }) {
  const requests: Asked[] = [];
  let answer: (request: Asked, number: number) => Reply = () => 'silence';
  const onRequest = async (message: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    response.setHeader('content-type', 'application/json');
    if (message.method === 'GET')
      return void response.end(JSON.stringify({ data: models.map((id) => ({ id })) }));
    const body = JSON.parse(Buffer.concat(chunks).toString());
    const path = decodeURIComponent(message.url ?? '');
    requests.push({ path, headers: message.headers, body });
    const reply = answer(requests.at(-1) as Asked, requests.length);
    if (reply === 'silence') return;
    if (reply === 'cut off') {
      response.writeHead(200, { 'content-length': 1000 });
      return void response.write('{"data":[', () => response.destroy());
    }
    if ('text' in reply) return void response.end(reply.text);
    response.writeHead(reply.status ?? 200).end(JSON.stringify(reply.json));
  };
  const server = http2 ? createHttp2Server() : createServer();
  server.on('request', onRequest);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    /** From now on; the requests before are forgotten. */
    answer(next: (request: Asked, number: number) => Reply) {
      requests.length = 0;
      answer = next;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
