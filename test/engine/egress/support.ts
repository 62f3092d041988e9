import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  request,
} from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { createEgress, type EgressOptions } from '../../../src/engine/egress/index.ts';
import { createLog } from '../../../src/engine/log.ts';

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A way out, reached through a TCP port instead of a sandbox. */
export async function openEgress(options: Partial<EgressOptions> = {}) {
  const lines: string[] = [];
  const log = createLog({ write: (line) => void lines.push(line) });
  const egress = createEgress({ allowHosts: [], log, ...options });
  onTestFinished(() => egress.close());
  const port = await listen(createServer({ allowHalfOpen: true }, (socket) => egress.serve(socket)));
  return { egress, port, lines };
}

/** @returns its port. */
export async function httpServer(listener: RequestListener): Promise<number> {
  const server = createHttpServer(listener);
  onTestFinished(() => server.closeAllConnections());
  return listen(server);
}

/** @returns its port. */
export async function tcpServer(onSocket: (socket: Socket) => void): Promise<number> {
  return listen(
    createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {});
      onTestFinished(() => void socket.destroy());
      onSocket(socket);
    }),
  );
}

export async function read(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A connection to a port of this machine, that stays half open. */
export async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Sends text to a proxy and reads what it says until it ends. */
export async function say(port: number, text: string): Promise<string> {
  const socket = await dial(port);
  socket.write(text);
  return String(await read(socket));
}

/** GET of an absolute URL through a proxy. */
export async function get(
  proxy: number,
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: Buffer } = {},
): Promise<{ answer: IncomingMessage; status?: number; text: string }> {
  const outgoing = request({ port: proxy, host: '127.0.0.1', path: url, agent: false, ...options });
  outgoing.end(options.body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { answer, status: answer.statusCode, text: String(await read(answer)) };
}

/** Asks a proxy for a tunnel. @returns the connection, with what has come after the answer's head, and the head. */
export async function tunnel(proxy: number, authority: string): Promise<{ socket: Socket; status: number }> {
  const outgoing = request({
    port: proxy,
    host: '127.0.0.1',
    method: 'CONNECT',
    path: authority,
    agent: false,
  });
  outgoing.end();
  const [answer, socket, head] = (await once(outgoing, 'connect')) as [IncomingMessage, Socket, Buffer];
  onTestFinished(() => void socket.destroy());
  if (head.length > 0) socket.unshift(head);
  return { socket, status: answer.statusCode ?? 0 };
}
