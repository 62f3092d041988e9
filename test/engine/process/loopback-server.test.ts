import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { Engine, EngineOptions } from '../../../src/engine/index.ts';
import { handshakePath } from '../../../src/engine/process/handshake.ts';
import { engineInside, type Service } from '../../../src/engine/service.ts';
import type { Doors } from '../../../src/engine/services/index.ts';
import { ask, started } from '../../support/engine.ts';

const agent = createServer();
const echo = new WebSocketServer({ server: agent });
echo.on('connection', (webSocket) => webSocket.on('message', (message) => webSocket.send(message)));
let agentPort = 0;

beforeAll(async () => {
  agent.listen(0, '127.0.0.1');
  await once(agent, 'listening');
  agentPort = (agent.address() as AddressInfo).port;
  return () => {
    agent.closeAllConnections();
    agent.close();
  };
});

const service: Service = {
  handlers: { agentcore: { ListGateways: async () => ({ items: [] }) } },
  sockets: {
    '/runtimes/{agentRuntimeArn}/ws': async () => ({
      stream: connect(agentPort, '127.0.0.1'),
      refusal: (reason) => new Error(reason),
      path: '/ws',
      headers: {},
    }),
  },
  live: () => 0,
  close: async () => {},
};

/** An engine, and its door for sandboxes. */
async function withDoor(options: EngineOptions = {}): Promise<{ engine: Engine; door: Doors['engine'] }> {
  let door: Doors['engine'] | undefined;
  const engine = await started({
    auth: 'none',
    services: ({ doors }) => {
      door = doors.engine;
      return [service];
    },
    ...options,
  });
  if (!door) throw new Error('The engine made no services.');
  return { engine, door };
}

/** A connection from inside a sandbox. */
function inside(door: Doors['engine']): Duplex {
  const [outer, inner] = duplexPair();
  onTestFinished(() => void outer.destroy());
  door(inner);
  return outer;
}

/** The status of one request over a connection. */
async function statusOver(connection: Duplex, path: string, host: string): Promise<number | undefined> {
  const headers = { host, connection: 'keep-alive' };
  const sent = request({ createConnection: () => connection, path, headers }).end();
  const [answer] = await once(sent, 'response');
  await text(answer);
  return answer.statusCode;
}

describe('a connection from inside a sandbox', () => {
  test('is one of the engine, under the name that sandboxes know and under its own', async () => {
    const { engine, door } = await withDoor();
    const connection = inside(door);
    connection.write(`GET /gateways/ HTTP/1.1\r\nHost: ${engineInside}\r\n\r\n`);
    expect(String((await once(connection, 'data'))[0])).toMatch(/^HTTP\/1.1 200 OK/);
    connection.write(`GET /no/such HTTP/1.1\r\nHost: ${engineInside}\r\nConnection: close\r\n\r\n`);
    expect(await text(connection)).toMatch(/HTTP\/1.1 404 /);
    expect(await statusOver(inside(door), '/gateways/', new URL(engine.url).host)).toBe(200);
    expect(await statusOver(inside(door), '/gateways/', 'example.com')).toBe(403);
    expect((await ask(`${engine.url}/gateways/`, { headers: { host: engineInside } })).status).toBe(403);
  });

  test("does not reach the engine's own routes", async () => {
    const { engine, door } = await withDoor();
    const path = `${handshakePath}?nonce=${'0'.repeat(64)}`;
    expect((await ask(`${engine.url}${path}`)).status).toBe(200);
    expect(await statusOver(inside(door), path, engineInside)).toBe(404);
  });

  test('ends with the engine, and none is taken after', async () => {
    const { engine, door } = await withDoor();
    const before = inside(door);
    await statusOver(before, '/gateways/', engineInside);
    const idle = inside(door).resume();
    await engine.close();
    if (!idle.readableEnded) await once(idle, 'end');
    await expect(statusOver(inside(door), '/gateways/', engineInside)).rejects.toThrow();
  });
});

describe('a WebSocket', () => {
  async function opened(engine: Engine): Promise<WebSocket> {
    const webSocket = new WebSocket(`${engine.url.replace('http', 'ws')}/runtimes/name/ws`);
    onTestFinished(() => webSocket.terminate());
    await once(webSocket, 'open');
    return webSocket;
  }

  test('keeps an engine that nobody else uses, until it ends', async () => {
    const { engine } = await withDoor({ idleSeconds: 0.3 });
    const webSocket = await opened(engine);
    await new Promise((resolve) => setTimeout(resolve, 900));
    webSocket.send('still there');
    expect(String((await once(webSocket, 'message'))[0])).toBe('still there');
    webSocket.close();
    expect(await engine.ended).toBe('not used for 0.3 s');
  });

  test('ends with the engine', async () => {
    const { engine } = await withDoor();
    const webSocket = await opened(engine);
    const closed = once(webSocket, 'close');
    await engine.close();
    await closed;
  });
});

test('a request to upgrade to anything else is answered as it is', async () => {
  const { engine } = await withDoor();
  const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
  expect((await ask(`${engine.url}/gateways/`, { headers })).status).toBe(200);
});
