import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { type Duplex, duplexPair, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { onTestFinished } from 'vitest';
import { ContractClient } from '../../../src/engine/contract/index.ts';

/** A client whose connections are no sockets, as those into a sandbox need not be, and how many it has opened. */
export async function clientOf(server: Server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const opened = { count: 0 };
  const client = new ContractClient(async () => {
    opened.count++;
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return relayed(socket);
  }, 8080);
  onTestFinished(() => {
    client.close();
    server.close();
  });
  return { client, opened };
}

/** A client of an HTTP server. */
export function clientOfHttp(listener: RequestListener) {
  return clientOf(createServer(listener));
}

/** A client of a server that does with each connection what it is told, once something has come. */
export function clientOfJunk(answer: (socket: Socket) => void) {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {}).once('data', () => answer(socket));
  });
  return clientOf(server);
}

function relayed(socket: Socket): Duplex {
  const [ours, theirs] = duplexPair();
  for (const way of [pipeline(theirs, socket), pipeline(socket, theirs)])
    way.catch(() => {
      ours.destroy();
      socket.destroy();
    });
  return ours;
}

export async function textOf(body: Readable): Promise<string> {
  let text = '';
  for await (const chunk of body) text += chunk;
  return text;
}
