import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { get, httpServer, openEgress, read, say, tcpServer, tunnel } from './support.ts';

const allowHosts = ['127.0.0.1'];

/** A proxy that leads every tunnel to one port, tells what it was asked, and whose answers name who asked. */
async function upstreamProxy(to: number) {
  const asked: unknown[] = [];
  const proxy = createServer(({ method, url, headers }, response) => {
    asked.push([method, url, headers['proxy-authorization'], headers.host]);
    response.end('from the proxy');
  });
  proxy.on('connect', async ({ url, headers }, client) => {
    asked.push(['CONNECT', url, headers['proxy-authorization'], headers.host]);
    const { socket } = await tunnel((await openEgress({ allowHosts })).port, `127.0.0.1:${to}`);
    client.write('HTTP/1.1 200 OK\r\n\r\n');
    client.pipe(socket).pipe(client);
  });
  proxy.listen(0, '127.0.0.1');
  onTestFinished(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  await once(proxy, 'listening');
  return { asked, port: (proxy.address() as AddressInfo).port };
}

test('a proxy gets what is for its hosts, with its password', async () => {
  const echo = await tcpServer((socket) => void socket.pipe(socket));
  const direct = await httpServer((_, response) => void response.end('direct'));
  const proxy = await upstreamProxy(echo);
  const authorization = 'Basic dXNlcjpwYXNz';
  const upstream = (host: string) =>
    host === 'far.test' ? { host: '127.0.0.1', port: proxy.port, authorization } : undefined;
  const { port } = await openEgress({ allowHosts, upstream });

  expect((await get(port, 'http://far.test/a?b')).text).toBe('from the proxy');
  const { socket, status } = await tunnel(port, 'far.test:443');
  expect(status).toBe(200);
  socket.end('through');
  expect(String(await read(socket))).toBe('through');
  expect(proxy.asked).toEqual([
    ['GET', 'http://far.test/a?b', authorization, 'far.test'],
    ['CONNECT', 'far.test:443', authorization, 'far.test:443'],
  ]);
  expect((await get(port, `http://127.0.0.1:${direct}/`)).text).toBe('direct');
});

test('a proxy at a private address must be opened', async () => {
  const upstream = () => ({ host: '127.0.0.1', port: 3128 });
  const { port } = await openEgress({ upstream });
  expect(await say(port, 'CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(
    /^HTTP\/1.1 403 .*127\.0\.0\.1:3128/,
  );
});

test('what is closed stays closed behind a proxy', async () => {
  const upstream = () => ({ host: '127.0.0.1', port: 3128 });
  const { port } = await openEgress({ allowHosts, blockHosts: ['*.closed.test'], upstream });
  for (const host of ['169.254.169.254', 'a.closed.test'])
    expect((await get(port, `http://${host}/`)).status).toBe(403);
});

test.each([
  ['refuses', 'HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n', /it answered 407 Who are you/],
  ['speaks no HTTP', 'SSH-2.0\r\n', /does not lead to far\.test:443/],
  ['says nothing', '', /did not answer within 0\.2 seconds/],
])('a proxy that %s is told of', async (_, answer, words) => {
  const silent = await tcpServer((socket) => void socket.write(answer));
  const upstream = () => ({ host: '127.0.0.1', port: silent });
  const { port } = await openEgress({ allowHosts, upstream, connectMs: 200 });
  expect(await say(port, 'CONNECT far.test:443 HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(words);
});
