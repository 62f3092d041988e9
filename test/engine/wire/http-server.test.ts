import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Call } from '../../../src/engine/service.ts';
import { HttpServer } from '../../../src/engine/wire/http-server.ts';
import { noAuth } from '../../../src/engine/wire/signature.ts';
import { ACCOUNT, REGION, startWire } from '../../support/wire.ts';

let wire: Awaited<ReturnType<typeof startWire>>;
let events: (call: Call) => AsyncIterable<unknown>;
let answered: Call | undefined;

beforeAll(async () => {
  wire = await startWire(
    {
      async ListGateways(_, call) {
        answered = call;
        return { items: [] };
      },
    },
    {
      bedrock: { ConverseStream: async (_, call) => ({ stream: events(call) }) },
      authenticate: noAuth({ account: ACCOUNT, region: REGION }),
    },
  );
});

afterAll(() => wire.close());

function http2(port = wire.port): ClientHttp2Session {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  session.on('error', () => {});
  onTestFinished(() => session.destroy());
  return session;
}

test('one port speaks HTTP/1 and HTTP/2', async () => {
  const stream = http2().request({ ':path': '/gateways/' });
  const [headers] = await once(stream, 'response');
  expect(headers).toMatchObject({ ':status': 200, 'content-type': 'application/json' });
  expect(headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
  expect(await text(stream)).toBe('{"items":[]}');
  expect(await (await fetch(`${wire.config.endpoint}/no/such`)).status).toBe(404);
  expect(answered?.signal.aborted).toBe(false);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(answered?.signal.aborted).toBe(false);
});

test.each([
  ['/no/such', {}, 404],
  ['/gateways/', { origin: 'http://evil.example' }, 403],
  ['/gateways/', { ':authority': 'evil.example' }, 403],
])('over HTTP/2, too, %s with %j is refused', async (path, headers, status) => {
  const stream = http2().request({ ':path': path, ...headers });
  expect((await once(stream, 'response'))[0][':status']).toBe(status);
});

test('over HTTP/2 a client that goes away aborts its call, and no other', async () => {
  const signals: AbortSignal[] = [];
  events = async function* ({ signal }) {
    signals.push(signal);
    yield { messageStart: { role: 'assistant' } };
    await once(signal, 'abort');
  };
  const session = http2();
  const ask = async () => {
    const stream = session.request({ ':method': 'POST', ':path': '/model/some-model/converse-stream' });
    stream.on('error', () => {}).end('{}');
    await once(stream, 'data');
    return stream;
  };
  const [first] = [await ask(), await ask()];
  first.close();
  await expect.poll(() => signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  session.destroy();
  await expect.poll(() => signals.map(({ aborted }) => aborted)).toEqual([true, true]);
});

test('the first bytes may come one by one', async () => {
  const ask = async (request: string) => {
    const socket = connect(wire.port, '127.0.0.1').setNoDelay(true);
    for (const byte of request) {
      socket.write(byte);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return (await text(socket)).split('\r\n')[0];
  };
  const rest = ` /gateways/ HTTP/1.1\r\nHost: 127.0.0.1:${wire.port}\r\nConnection: close\r\n\r\n`;
  expect(await ask(`PROPFIND${rest}`)).toMatch(/404/);
  expect(await ask(`GET${rest}`)).toMatch(/200/);
});

test('a connection that says nothing and goes does no harm', async () => {
  for (const bytes of ['', 'PR', 'PRINT / HTTP/1.1\r\n', 'PRI * HTTP/2.0\r\n']) {
    const socket = connect(wire.port, '127.0.0.1');
    socket
      .on('error', () => {})
      .resume()
      .end(bytes);
    await once(socket, 'close');
  }
  expect((await fetch(`${wire.config.endpoint}/gateways/`)).status).toBe(200);
});

test('connections of any kind can be handed to it, and all of them are closed together', async () => {
  const server = new HttpServer();
  const sockets: unknown[] = [];
  server.on('request', (request, response) => {
    sockets.push(request.socket);
    response.end(request.url);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const [outside, inside] = duplexPair();
  server.emit('connection', inside);
  for (const path of ['/one', '/two']) {
    outside.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    let answer = '';
    while (!answer.endsWith(path)) answer += await once(outside, 'data');
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  }
  expect(sockets).toEqual([inside, inside]);

  // With its first bytes read already by somebody else.
  const [early, earlyInside] = duplexPair();
  earlyInside.unshift(Buffer.from('GET /early HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'));
  server.emit('connection', earlyInside);
  expect(await text(early)).toMatch(/\/early$/);
  sockets.pop();

  const [outside2, inside2] = duplexPair();
  server.emit('connection', inside2);
  const over = connectHttp2('http://x', { createConnection: () => outside2 });
  over.on('error', () => {});
  expect(await text(over.request({ ':path': '/three' }))).toBe('/three');
  expect(sockets[2]).toBe(inside2);

  const idle = connect(port, '127.0.0.1').on('error', () => {});
  await once(idle, 'connect');
  const session = http2(port);
  await once(session, 'remoteSettings');
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  expect([inside.destroyed, inside2.destroyed]).toEqual([true, true]);
});
