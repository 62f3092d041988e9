import { connect as connectSocket } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { UsageError } from '../../src/options.ts';
import { type HttpOptions, type HttpServer, serveHttp } from '../../src/transports/http.ts';
import { contextWith } from '../support/contexts.ts';
import { callEndless, endless, running } from '../support/endless.ts';
import { ask, until } from '../support/engine.ts';
import { connect } from '../support/mcp-clients.ts';

const token = 'a-token-of-this-test-0123456789';
function serve(options: Partial<HttpOptions> = {}): Promise<HttpServer> {
  return serveHttp(contextWith([], [endless]), { host: '127.0.0.1', port: 0, token, ...options });
}

const bearer = { authorization: `Bearer ${token}` };
const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

let server: HttpServer;
let origin: string;
beforeEach(async () => {
  server = await serve({ limits: { maxBodyBytes: 100_000 } });
  origin = new URL(server.url).origin;
  return () => server.close();
});

const post = (headers: Record<string, string> = {}, body = ping, url = server.url) =>
  ask(url, { method: 'POST', headers: { ...json, ...bearer, ...headers }, body });

describe('who is let in', () => {
  test.each<[string, Record<string, string>, number]>([
    ['a client with the token', {}, 200],
    ['under the name localhost', { host: 'localhost:1' }, 200],
    ['under an IPv6 loopback name', { host: '[::1]:8620' }, 200],
    ['an unknown name', { host: 'evil.example' }, 403],
    ['a name that only begins like ours', { host: 'localhost.evil.example' }, 403],
    ['a name with a user in front', { host: 'localhost@evil.example' }, 403],
    ['a page of this machine', { origin: 'http://localhost:6274' }, 200],
    ['a foreign page', { origin: 'https://evil.example' }, 403],
    ['a page without an origin of its own', { origin: 'null' }, 403],
    ['a page of a name that only begins like ours', { origin: 'http://localhost.evil.example' }, 403],
    ['a browser extension', { origin: 'chrome-extension://abc' }, 403],
    ['a wrong token', { authorization: 'Bearer wrong' }, 401],
    ['the token with more behind it', { authorization: `Bearer ${token}x` }, 401],
    ['the token under another scheme', { authorization: `Basic ${token}` }, 401],
    ['an empty authorization', { authorization: '' }, 401],
  ])('%s: %j', async (_name, headers, status) => {
    const answer = await post(headers);
    expect(answer.status).toBe(status);
    if (status === 200)
      expect(JSON.parse(answer.text.replace(/^.*?data: /s, ''))).toMatchObject({ id: 1, result: {} });
    else expect(JSON.parse(answer.text)).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: -32000 } });
  });

  test('without a token is told what is needed', async () => {
    const answer = await ask(server.url, { method: 'POST', headers: json, body: ping });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="agentcore-mcp"');
    expect((await post({ authorization: 'Bearer wrong' })).headers['www-authenticate']).toContain(
      'invalid_token',
    );
  });

  test('may be widened by hosts and origins', async () => {
    const wide = await serve({ allowedHosts: ['mcp.example'], allowedOrigins: ['https://app.example'] });
    onTestFinished(() => wide.close());
    expect((await post({ host: 'MCP.example:443' }, ping, wide.url)).status).toBe(200);
    expect((await post({ origin: 'https://app.example' }, ping, wide.url)).status).toBe(200);
    expect((await post({ origin: 'http://app.example' }, ping, wide.url)).status).toBe(403);
    expect((await post({ origin: 'https://app.example:8443' }, ping, wide.url)).status).toBe(403);
  });

  test('is everybody under any name, where the user says so', async () => {
    const open = await serve({ allowedHosts: ['*'] });
    onTestFinished(() => open.close());
    expect((await post({ host: 'whatever.example' }, ping, open.url)).status).toBe(200);
  });

  test.each(['0.0.0.0', '::', '192.168.1.1', 'example.com'])(
    'is nobody on %s without a token',
    async (host) => {
      await expect(serve({ host, token: undefined })).rejects.toThrow(UsageError);
    },
  );

  test('is everybody on this machine where there is no token', async () => {
    const open = await serve({ token: undefined });
    onTestFinished(() => open.close());
    expect((await ask(open.url, { method: 'POST', headers: json, body: ping })).status).toBe(200);
    expect(
      (
        await ask(open.url, {
          method: 'POST',
          headers: { ...json, origin: 'https://evil.example' },
          body: ping,
        })
      ).status,
    ).toBe(403);
  });
});

describe('web pages', () => {
  const page = 'https://app.example';
  const preflight = (url: string, from: string) =>
    ask(url, { method: 'OPTIONS', headers: { origin: from, 'access-control-request-method': 'POST' } });

  test('on the list may ask and read', async () => {
    const wide = await serve({ allowedOrigins: [page] });
    onTestFinished(() => wide.close());
    const asked = await preflight(wide.url, page);
    expect(asked.status).toBe(204);
    expect(asked.headers).toMatchObject({ 'access-control-allow-origin': page, vary: 'Origin' });
    expect(asked.headers['access-control-allow-headers']).toContain('Authorization');
    expect(asked.headers['access-control-allow-methods']).toBe('GET, POST, DELETE');
    expect(asked.headers['access-control-expose-headers']).toContain('Mcp-Session-Id');
    expect((await post({ origin: page }, ping, wide.url)).headers['access-control-allow-origin']).toBe(page);
    expect((await preflight(wide.url, 'http://localhost:3000')).headers).not.toHaveProperty(
      'access-control-allow-origin',
    );
  });

  test('not on the list get no CORS headers', async () => {
    for (const from of ['https://evil.example', 'http://localhost:3000']) {
      const { headers, status } = await preflight(server.url, from);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
});

describe('what is served', () => {
  test.each<[string, string, number]>([
    ['GET', '/healthz', 200],
    ['HEAD', '/healthz', 200],
    ['POST', '/healthz', 405],
    ['GET', '/mcp', 405],
    ['DELETE', '/mcp', 405],
    ['PUT', '/mcp', 405],
    ['POST', '/', 404],
    ['POST', '/mcp/..', 404],
    ['POST', '//mcp', 404],
  ])('%s %s: %i', async (method, path, status) => {
    const answer = await ask(origin + path, { method, headers: { ...json, ...bearer } });
    expect(answer.status).toBe(status);
    if (status === 405) expect(answer.headers.allow).toBe(path === '/healthz' ? 'GET' : 'POST');
  });

  test('health is told without a token, and nothing else with it', async () => {
    expect(await ask(`${origin}/healthz`)).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    expect((await ask(`${origin}/healthz`, { headers: { host: 'evil.example' } })).status).toBe(403);
  });

  test('a session header of a platform in front is no hindrance', async () => {
    const platform = {
      'mcp-session-id': 'x'.repeat(40),
      'x-amzn-bedrock-agentcore-runtime-session-id': 'y'.repeat(40),
    };
    expect((await post(platform)).status).toBe(200);
  });
});

describe('bodies', () => {
  const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } };

  test.each<[string, string, number, number]>([
    ['a batch', `[${ping}]`, 400, -32600],
    ['an empty batch', '[]', 400, -32600],
    ['a batch that cancels itself', `[${callEndless()},${JSON.stringify(cancel)}]`, 400, -32600],
    ['a batch behind white space', ` \n\t[${ping}]`, 400, -32600],
    ['a batch behind a byte order mark', `\ufeff[${ping}]`, 400, -32600],
    ['no JSON', '{"jsonrpc":', 400, -32700],
    ['nothing', '', 400, -32700],
    ['a bare value', '42', 400, -32600],
    ['null', 'null', 400, -32600],
    ['more than the limit', callEndless(7, { padding: 'x'.repeat(100_000) }), 413, -32000],
    ['far more than the limit', callEndless(7, { padding: 'x'.repeat(900_000) }), 413, -32000],
  ])('%s', async (_name, body, status, code) => {
    const answer = await post({}, body);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({ jsonrpc: '2.0', id: null, error: { code } });
  });

  test('invalid UTF-8 is no JSON', async () => {
    const answer = await fetch(server.url, {
      method: 'POST',
      headers: { ...json, ...bearer },
      body: Buffer.from([0x22, 0xff, 0xfe, 0x22]),
    });
    expect(answer.status).toBe(400);
  });

  test('of another media type are refused', async () => {
    expect((await post({ 'content-type': 'text/plain' })).status).toBe(415);
  });

  test('nested as deep as the limit allows end nothing', async () => {
    const deep = `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":${'['.repeat(45_000)}${']'.repeat(45_000)}}}`;
    expect((await post({}, deep)).status).toBeGreaterThanOrEqual(200);
    expect((await post()).status).toBe(200);
  });

  test('files have room', async () => {
    const roomy = await serve();
    onTestFinished(() => roomy.close());
    const text = 'x'.repeat(20 * 1024 * 1024);
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: { _meta: { text } } });
    expect((await post({}, body, roomy.url)).status).toBe(200);
  });
});

describe('a client that', () => {
  const rest = (text: string, { port }: URL) =>
    new Promise<string>((resolve, reject) => {
      const socket = connectSocket(Number(port), '127.0.0.1', () => socket.write(text));
      socket.on('error', reject);
      textOf(socket).then(resolve, reject);
    });

  test('never finishes its headers is cut off', async () => {
    const hasty = await serve({ limits: { headersMs: 300, requestMs: 600 } });
    onTestFinished(() => hasty.close());
    const answer = await rest('POST /mcp HTTP/1.1\r\nHost: localhost\r\nX-Slow: ', new URL(hasty.url));
    expect(answer).toMatch(/^HTTP\/1\.1 408/);
  });

  test('never finishes its body is cut off', async () => {
    const hasty = await serve({ limits: { headersMs: 300, requestMs: 600 } });
    onTestFinished(() => hasty.close());
    const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`;
    expect(await rest(head, new URL(hasty.url))).not.toContain('200 OK');
  });

  test('goes away cancels its call', async () => {
    const gone = new AbortController();
    const before = running.size;
    const call = fetch(server.url, {
      method: 'POST',
      headers: { ...json, ...bearer },
      body: callEndless(),
      signal: gone.signal,
    });
    await until(() => running.size === before + 1);
    gone.abort();
    await expect(call).rejects.toThrow();
    await until(() => running.size === before);
  });

  test('cancels by the protocol of 2026-07-28 cancels its call', async () => {
    const client = await connect('2.x modern', { url: server.url, token });
    const gone = new AbortController();
    const before = running.size;
    const params = { name: 'endless', arguments: {} };
    const call = client.callTool(params, { signal: gone.signal });
    await until(() => running.size === before + 1);
    gone.abort();
    await expect(call).rejects.toThrow();
    await until(() => running.size === before);
  });

  test('waits for ever is let go at the deadline, and its call is cancelled', async () => {
    const brief = await serve({ limits: { exchangeMs: 500 } });
    onTestFinished(() => brief.close());
    const before = running.size;
    const answered = post({}, callEndless(), brief.url).then(
      ({ text }) => text,
      () => 'cut off',
    );
    expect(await answered).not.toContain('"result"');
    await until(() => running.size === before);
  });

  test('is one too many is asked to come back', async () => {
    const small = await serve({ limits: { maxExchanges: 2 } });
    onTestFinished(() => small.close());
    const before = running.size;
    const gone = new AbortController();
    const busy = [1, 2].map(() =>
      fetch(small.url, {
        method: 'POST',
        headers: { ...json, ...bearer },
        body: callEndless(),
        signal: gone.signal,
      }).catch(() => {}),
    );
    await until(() => running.size === before + 2);
    const refused = await post({}, ping, small.url);
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    gone.abort();
    await Promise.all(busy);
    await until(async () => (await post({}, ping, small.url)).status === 200);
  });
});

test('closing ends what runs, and the port is free again', async () => {
  const closing = await serve();
  const before = running.size;
  const call = post({}, callEndless(), closing.url).catch(() => 'cut off');
  await until(() => running.size === before + 1);
  await closing.close();
  await call;
  expect(running.size).toBe(before);
  const again = await serve({ port: Number(new URL(closing.url).port) });
  await again.close();
});

test('a port in use is named', async () => {
  const port = Number(new URL(server.url).port);
  await expect(serve({ port })).rejects.toThrow(
    `Cannot listen on 127.0.0.1 port ${port}: it is in use; choose another with --port.`,
  );
});
