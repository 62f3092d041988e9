import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { duplexPair } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { dial, get, httpServer, openEgress, read, say, tcpServer, tunnel } from './support.ts';

const open = { allowHosts: ['127.0.0.1', 'localhost'] };

describe('HTTP', () => {
  test('a request goes on with what is meant for its server, and the answer comes back whole', async () => {
    const server = await httpServer(async (asked, response) => {
      const { method, url, rawHeaders } = asked;
      response.writeHead(201, 'Made it', [
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
        ['Connection', 'x-hop'],
        ['X-Hop', 'one'],
      ]);
      response.end(JSON.stringify({ method, url, rawHeaders, body: String(await read(asked)) }));
    });
    const { port } = await openEgress(open);
    const { answer, text } = await get(port, `http://localhost:${server}/a/../b;c?d=%20#e`, {
      method: 'PUT',
      headers: {
        Host: 'other.example',
        'X-End': 'kept',
        'x-HOP': 'dropped',
        Connection: 'close, X-Hop',
        'Proxy-Authorization': 'Basic eA==',
        'Proxy-Connection': 'keep-alive',
        TE: 'trailers',
        'Content-Length': '4',
      },
      body: Buffer.from('body'),
    });
    expect([answer.statusCode, answer.statusMessage]).toEqual([201, 'Made it']);
    expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(answer.headers['x-hop']).toBeUndefined();
    expect(JSON.parse(text)).toEqual({
      method: 'PUT',
      url: '/a/../b;c?d=%20',
      rawHeaders: [
        'Host',
        `localhost:${server}`,
        'X-End',
        'kept',
        'Content-Length',
        '4',
        'Connection',
        'close',
      ],
      body: 'body',
    });
  });

  test('one connection carries many requests, refused ones among them', async () => {
    const server = await httpServer((asked, response) => void response.end(asked.url));
    const { port } = await openEgress(open);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set();
    const answers: string[] = [];
    for (const url of [`http://127.0.0.1:${server}/1`, 'http://10.0.0.1/', `http://127.0.0.1:${server}/2`]) {
      const outgoing = request({ port, host: '127.0.0.1', path: url, agent, method: 'POST' }).end('body');
      const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
      sockets.add(outgoing.socket);
      answers.push(`${answer.statusCode} ${String(await read(answer)).slice(0, 10)}`);
    }
    agent.destroy();
    expect(answers).toEqual(['200 /1', '403 Sandboxes ', '200 /2']);
    expect(sockets.size).toBe(1);
  });

  test('large bodies pass both ways, chunked', async () => {
    const server = await httpServer((asked, response) => void asked.pipe(response));
    const { port } = await openEgress(open);
    const sent = randomBytes(20 * 1024 * 1024);
    const outgoing = request({
      port,
      host: '127.0.0.1',
      path: `http://127.0.0.1:${server}/`,
      method: 'POST',
    });
    outgoing.setHeader('Transfer-Encoding', 'chunked');
    outgoing.end(sent);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect((await read(answer)).equals(sent)).toBe(true);
  });

  test('an answer comes through as it is written, and its server learns that the client has gone', async () => {
    const gone = Promise.withResolvers<void>();
    const server = await httpServer((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write('data: 1\n\n');
      response.on('close', () => gone.resolve());
    });
    const { port } = await openEgress(open);
    const outgoing = request({ port, host: '127.0.0.1', path: `http://127.0.0.1:${server}/` }).end();
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect(String((await once(answer, 'data'))[0])).toBe('data: 1\n\n');
    answer.destroy();
    await gone.promise;
  });

  test('a server that answers before it has read everything is heard', async () => {
    const server = await tcpServer((socket) => {
      socket.once('data', () => {
        socket.end('HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlarge');
        socket.resume();
      });
    });
    const { port } = await openEgress(open);
    const outgoing = request({
      port,
      host: '127.0.0.1',
      path: `http://127.0.0.1:${server}/`,
      method: 'POST',
    });
    outgoing.on('error', () => {});
    outgoing.write(randomBytes(1_000_000));
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect([answer.statusCode, String(await read(answer))]).toEqual([413, 'large']);
    outgoing.destroy();
  });

  test('a server that cuts its answer cuts the client too', async () => {
    const server = await tcpServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
      setTimeout(() => socket.destroy(), 50);
    });
    const { port } = await openEgress(open);
    await expect(get(port, `http://127.0.0.1:${server}/`)).rejects.toThrow(/aborted|ECONNRESET/);
  });

  test.each([
    ['is closed at once', '', /did not answer in HTTP \(/],
    ['speaks something else', 'SSH-2.0-x\r\n', /did not answer in HTTP \(HPE_/],
  ])('a server that %s is told of with 502', async (_, said, message) => {
    const server = await tcpServer((socket) => void socket.end(said));
    const { port } = await openEgress(open);
    const { status, text } = await get(port, `http://127.0.0.1:${server}/`);
    expect([status, text]).toEqual([502, expect.stringMatching(message)]);
  });

  test.each([
    ['HTTP/1.1 099 X', 'its status line cannot be handed on'],
    ['HTTP/1.1 000 X', 'its status line cannot be handed on'],
    ['HTTP/1.1 200 O\x01K', 'its status line cannot be handed on'],
    ['HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade', 'it switched protocols'],
  ])('an answer that is none harms nobody: %j', async (head, why) => {
    const port = await tcpServer((socket) => {
      socket.once('data', () => socket.write(`${head}\r\n\r\n`));
    });
    const proxy = await openEgress(open);
    const { status, text } = await get(proxy.port, `http://127.0.0.1:${port}/`);
    expect({ status, text }).toEqual({ status: 502, text: expect.stringContaining(why) });
  });

  test('a port where nobody listens is told of with 502', async () => {
    const { port } = await openEgress(open);
    const { status, text } = await get(port, 'http://127.0.0.1:1/');
    expect([status, text]).toEqual([502, '127.0.0.1:1 cannot be reached (ECONNREFUSED).\n']);
  });

  test('a name server that never answers is given up with 504', async () => {
    const { port } = await openEgress({ resolve: () => new Promise(() => {}), connectMs: 200 });
    const { status, text } = await get(port, 'http://slow.example/');
    expect([status, text]).toEqual([504, 'slow.example:80 did not answer within 0.2 seconds.\n']);
  });
});

describe('CONNECT', () => {
  test('bytes pass untouched, and each end closes its own direction', async () => {
    const server = await tcpServer(async (socket) => {
      const received = await read(socket);
      socket.write(`got ${received.length}, `);
      await sleep(100);
      socket.end('bye');
    });
    const { port } = await openEgress(open);
    const { socket, status } = await tunnel(port, `localhost:${server}`);
    expect(status).toBe(200);
    socket.end(randomBytes(3_000_000));
    expect(String(await read(socket))).toBe('got 3000000, bye');
  });

  test('what came with the request itself is not lost', async () => {
    const server = await tcpServer((socket) => void socket.pipe(socket));
    const { port } = await openEgress(open);
    const socket = await dial(port);
    socket.end(`CONNECT 127.0.0.1:${server} HTTP/1.1\r\nHost: x\r\n\r\nhello`);
    expect(String(await read(socket))).toBe('HTTP/1.1 200 Connection established\r\n\r\nhello');
  });

  test('the other end learns of a connection that breaks, either way', async () => {
    const closed = Promise.withResolvers<void>();
    const server = await tcpServer((socket) => {
      socket.on('end', () => closed.resolve());
      socket.once('data', () => socket.resetAndDestroy());
    });
    const { port } = await openEgress(open);
    const first = await tunnel(port, `127.0.0.1:${server}`);
    first.socket.resetAndDestroy();
    await closed.promise;
    const second = await tunnel(port, `127.0.0.1:${server}`);
    const ended = once(
      second.socket.on('error', () => {}),
      'close',
    );
    second.socket.write('x');
    await ended;
  });

  test('a tunnel that carries nothing is closed after a while, one that does stays', async () => {
    const server = await tcpServer((socket) => void socket.pipe(socket));
    const { port } = await openEgress({ ...open, idleMs: 400 });
    const idle = await tunnel(port, `127.0.0.1:${server}`);
    const busy = await tunnel(port, `127.0.0.1:${server}`);
    idle.socket.on('error', () => {}).resume();
    busy.socket.resume();
    let over = false;
    busy.socket.on('close', () => {
      over = true;
    });
    const closed = once(idle.socket, 'close');
    for (let count = 0; count < 15; count++) {
      busy.socket.write('x');
      await sleep(100);
    }
    await closed;
    expect(over).toBe(false);
  });

  test('closing the way out ends what is open', async () => {
    const closed = Promise.withResolvers<void>();
    const server = await tcpServer((socket) => void socket.on('end', () => closed.resolve()).resume());
    const { port, egress } = await openEgress(open);
    const { socket } = await tunnel(port, `127.0.0.1:${server}`);
    const ended = once(socket.on('error', () => {}).resume(), 'close');
    egress.close();
    await Promise.all([ended, closed.promise]);
  });
});

describe('what comes out of a sandbox may be anything', () => {
  test.each([
    ['junk', '\x00\x01\x02 nothing\r\n\r\n', 400, 'That is no HTTP request'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'That is no HTTP request'],
    ['a path', 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 400, 'This is a proxy'],
    ['https', 'GET https://a.b/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 400, 'This is a proxy'],
    [
      'a broken URL',
      'GET http://[::/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      400,
      'This is a proxy',
    ],
    [
      'port 0',
      'GET http://a.b:0/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      400,
      'names no host and port',
    ],
    ['CONNECT without a port', 'CONNECT a.b HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'CONNECT needs host:port'],
    ['CONNECT with a path', 'CONNECT a.b/c:80 HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'CONNECT needs host:port'],
    [
      'CONNECT with a user',
      'CONNECT a@127.0.0.1:80 HTTP/1.1\r\nHost: x\r\n\r\n',
      400,
      'CONNECT needs host:port',
    ],
    ['CONNECT beyond ports', 'CONNECT a.b:99999 HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'CONNECT needs host:port'],
    ['CONNECT to a broken address', 'CONNECT [::g]:80 HTTP/1.1\r\nHost: x\r\n\r\n', 400, ''],
    [
      'CONNECT to half an address',
      'CONNECT 1.2.3.4.5:80 HTTP/1.1\r\nHost: x\r\n\r\n',
      400,
      'CONNECT needs host:port',
    ],
    [
      'an upgrade',
      'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n\r\n',
      400,
      '',
    ],
  ])('%s', async (_, text, status, message) => {
    const { port } = await openEgress();
    const answer = await say(port, text);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain(message);
  });

  test('a body in two ways at once goes nowhere', async () => {
    let asked = 0;
    const server = await httpServer((_, response) => void response.end(`${++asked}`));
    const { port } = await openEgress(open);
    const smuggled = `GET http://127.0.0.1:${server}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
    expect(await say(port, smuggled)).toMatch(/^HTTP\/1\.1 400 /);
    expect(asked).toBe(0);
  });

  test('a client that goes away at any moment', async () => {
    const server = await tcpServer((socket) => void socket.pipe(socket));
    const { port } = await openEgress(open);
    for (const text of [
      '',
      'CONN',
      `CONNECT 127.0.0.1:${server} HTTP/1.1\r\n\r\n`,
      'GET http://10.0.0.1/ HTTP/1.1\r\n',
    ]) {
      const socket = await dial(port);
      socket.write(text);
      await sleep(10);
      socket.resetAndDestroy();
    }
    expect((await tunnel(port, `127.0.0.1:${server}`)).status).toBe(200);
  });

  test('at most 256 connections, and others again when some have ended', async () => {
    const { port } = await openEgress();
    const held = await Promise.all(Array.from({ length: 256 }, () => dial(port)));
    const ask = () => say(port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    await expect.poll(ask, { timeout: 10_000 }).toMatch(/^HTTP\/1\.1 503 .*256 connections/);
    for (const socket of held.slice(0, 10)) socket.destroy();
    await expect.poll(ask, { timeout: 10_000 }).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('streams that are no sockets do as well', async () => {
    const server = await httpServer((_, response) => void response.end('reached'));
    const { egress } = await openEgress(open);
    const [inside, outside] = duplexPair();
    egress.serve(outside);
    inside.write(`GET http://127.0.0.1:${server}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(String(await read(inside))).toMatch(/^HTTP\/1\.1 200 OK\r\n.*reached/s);
  });
});
