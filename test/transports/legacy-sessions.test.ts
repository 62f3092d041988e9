import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Server } from '@modelcontextprotocol/server';
import { describe, expect, onTestFinished, test } from 'vitest';
import { buildServer } from '../../src/server.ts';
import { type HttpLimits, type HttpServer, listen } from '../../src/transports/http.ts';
import { contextWith } from '../support/contexts.ts';
import { callEndless, endless, running } from '../support/endless.ts';
import { ask, until } from '../support/engine.ts';

const token = 'a-token-of-this-test-0123456789';
const bearer = { authorization: `Bearer ${token}` };
const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
});
const cancel = (requestId: number) =>
  JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } });

async function serve(limits: Partial<HttpLimits> = {}, made: Server[] = []): Promise<HttpServer> {
  const context = contextWith([], [endless]);
  const factory = () => {
    const server = buildServer(context);
    made.push(server);
    return server;
  };
  const server = await listen(factory, { host: '127.0.0.1', port: 0, token, limits });
  onTestFinished(() => server.close());
  return server;
}

function post({ url }: HttpServer, body: string, headers: Record<string, string> = {}) {
  return ask(url, { method: 'POST', headers: { ...json, ...bearer, ...headers }, body });
}

/** A client with a session, down to the HTTP requests. */
class RawClient {
  readonly #server: HttpServer;
  readonly headers: Record<string, string>;

  private constructor(server: HttpServer, id: string) {
    this.#server = server;
    this.headers = { ...bearer, 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25' };
  }

  static async open(server: HttpServer): Promise<RawClient> {
    const { status, headers } = await post(server, initialize);
    expect(status).toBe(200);
    return new RawClient(server, String(headers['mcp-session-id']));
  }

  post(body: string) {
    return post(this.#server, body, this.headers);
  }

  delete() {
    return ask(this.#server.url, { method: 'DELETE', headers: this.headers });
  }

  /** A request whose answer is read as it comes. */
  stream(body?: string) {
    const gone = new AbortController();
    onTestFinished(() => gone.abort());
    const response = fetch(this.#server.url, {
      method: body === undefined ? 'GET' : 'POST',
      headers:
        body === undefined ? { ...this.headers, accept: 'text/event-stream' } : { ...this.headers, ...json },
      signal: gone.signal,
      ...(body !== undefined && { body }),
    });
    response.catch(() => {});
    return { response, leave: () => gone.abort() };
  }

  /** Starts a call that ends only when it is cancelled. */
  async callEndless(id = 7) {
    const before = running.size;
    const call = this.stream(callEndless(id));
    await until(() => running.size === before + 1);
    const text = call.response.then((response) => response.text());
    text.catch(() => {});
    return { ...call, text };
  }

  /** Whether the server still knows the session: only then it says its id. */
  async isKnown(): Promise<boolean> {
    const { status, headers } = await this.post(ping);
    expect(status).toBe(200);
    return headers['mcp-session-id'] === this.headers['mcp-session-id'];
  }
}

describe('a session', () => {
  test('lasts from initialize to DELETE; afterwards its id is as good as none', async () => {
    const server = await serve();
    const client = await RawClient.open(server);
    expect((await client.post('{"jsonrpc":"2.0","method":"notifications/initialized"}')).status).toBe(202);
    expect(await client.isKnown()).toBe(true);
    expect((await client.delete()).status).toBe(200);
    expect(await client.isKnown()).toBe(false);
    expect((await client.delete()).status).toBe(405);
    expect((await client.stream().response).status).toBe(405);
  });

  test('has a server of its own, which is not asked by others', async () => {
    const made: Server[] = [];
    const server = await serve({}, made);
    const [first, second] = [await RawClient.open(server), await RawClient.open(server)];
    expect(first.headers).not.toEqual(second.headers);
    await first.isKnown();
    expect(made).toHaveLength(2);
    const call = await first.callEndless();
    await second.post(cancel(7));
    await second.delete();
    expect(running.size).toBe(1);
    await first.post(cancel(7));
    await call.text;
    await until(() => running.size === 0);
  });

  test('is made by every initialize, whatever id a platform in front adds', async () => {
    const server = await serve();
    const { headers } = await post(server, initialize, { 'mcp-session-id': 'x'.repeat(40) });
    expect(headers['mcp-session-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('is not made by an initialize that is refused', async () => {
    const made: Server[] = [];
    const server = await serve({ maxSessions: 1 }, made);
    const kept = await RawClient.open(server);
    await kept.callEndless();
    for (const [body, headers] of [
      [initialize, { accept: 'application/json' }],
      [initialize.replace('clientInfo', 'client'), {}],
    ] as const)
      expect((await post(server, body, headers)).headers).not.toHaveProperty('mcp-session-id');
    expect(await kept.isKnown()).toBe(true);
  });

  test('is no way around the token and the origin', async () => {
    const server = await serve();
    const client = await RawClient.open(server);
    for (const method of ['GET', 'POST', 'DELETE']) {
      const headers = { ...client.headers, ...json };
      const body = method === 'POST' ? ping : undefined;
      const asked = (more: Record<string, string>) =>
        ask(server.url, { method, headers: { ...headers, ...more }, ...(body && { body }) });
      expect((await asked({ authorization: 'Bearer wrong' })).status).toBe(401);
      expect((await asked({ origin: 'https://evil.example' })).status).toBe(403);
      expect((await asked({ host: 'evil.example' })).status).toBe(403);
    }
    expect((await client.post(`[${ping}]`)).text).toContain('-32600');
    expect(await client.isKnown()).toBe(true);
  });

  test('leaves nothing behind', async () => {
    const context = contextWith([], [endless]);
    const made: WeakRef<Server>[] = [];
    const factory = () => {
      const server = buildServer(context);
      made.push(new WeakRef(server));
      return server;
    };
    const server = await listen(factory, { host: '127.0.0.1', port: 0, token });
    onTestFinished(() => server.close());
    const visit = async () => {
      const opened = await fetch(server.url, {
        method: 'POST',
        headers: { ...json, ...bearer },
        body: initialize,
      });
      await opened.text();
      const id = opened.headers.get('mcp-session-id') ?? '';
      await fetch(server.url, { method: 'DELETE', headers: { ...bearer, 'mcp-session-id': id } });
    };
    for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 20 }, visit));
    expect(made).toHaveLength(400);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    await until(() => {
      collect();
      return made.filter((each) => each.deref()).length < 20;
    });
  });
});

describe('a call in a session', () => {
  test('is cancelled by its client, and its stream ends without an answer', async () => {
    const client = await RawClient.open(await serve());
    const call = await client.callEndless();
    expect((await client.post(cancel(7))).status).toBe(202);
    expect(await call.text).not.toContain('data: {');
    expect(running.size).toBe(0);
    const again = await client.callEndless();
    await client.post(cancel(7));
    await again.text;
  });

  test('is cancelled by nothing else', async () => {
    const client = await RawClient.open(await serve());
    await client.callEndless();
    await client.post(cancel(8));
    await client.post('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"7"}}');
    await client.post('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{}}');
    await client.post('{"jsonrpc":"2.0","method":"notifications/cancelled"}');
    await client.isKnown();
    expect(running.size).toBe(1);
  });

  test.each([
    ['its client goes away', async (_: RawClient, leave: () => void) => leave()],
    ['its session is deleted', async (client: RawClient) => void (await client.delete())],
  ])('is cancelled when %s', async (_name, end) => {
    const client = await RawClient.open(await serve());
    const { leave } = await client.callEndless();
    await end(client, leave);
    await until(() => running.size === 0);
  });

  test('has an id of its own', async () => {
    const client = await RawClient.open(await serve());
    await client.callEndless();
    const { status, text } = await client.post(callEndless());
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ id: 7, error: { code: -32600 } });
    expect(running.size).toBe(1);
  });

  test('ends at the deadline of all exchanges', async () => {
    const client = await RawClient.open(await serve({ exchangeMs: 500 }));
    const call = await client.callEndless();
    await expect(call.text).rejects.toThrow();
    await until(() => running.size === 0);
    expect(await client.isKnown()).toBe(true);
  });
});

describe('the stream of a session', () => {
  test('carries what the server says unasked, is the only one, and can be opened anew', async () => {
    const made: Server[] = [];
    const factory = () => {
      const server = new Server(
        { name: 's', version: '1' },
        { capabilities: { tools: { listChanged: true } } },
      );
      made.push(server);
      return server;
    };
    const server = await listen(factory, { host: '127.0.0.1', port: 0, token });
    onTestFinished(() => server.close());
    const client = await RawClient.open(server);
    const { response, leave } = client.stream();
    const { status, body } = await response;
    expect(status).toBe(200);
    expect((await client.stream().response).status).toBe(409);
    await made[0]?.sendToolListChanged();
    let told = '';
    for await (const chunk of body ?? []) {
      told += Buffer.from(chunk);
      if (told.includes('notifications/tools/list_changed')) break;
    }
    leave();
    await until(async () => (await client.stream().response).status === 200);
  });

  test('takes no place of a call, and ends with its own deadline or its session', async () => {
    const server = await serve({ maxExchanges: 1, streamMs: 500 });
    const client = await RawClient.open(server);
    const stream = await client.stream().response;
    expect(await client.isKnown()).toBe(true);
    await expect(stream.text()).rejects.toThrow();
    const again = await client.stream().response;
    expect(again.status).toBe(200);
    await client.delete();
    expect(await again.text()).not.toContain('data');
  });
});

describe('of too many sessions', () => {
  test('the one longest unused ends, rather than one that is listened to', async () => {
    const server = await serve({ maxSessions: 3 });
    const listening = await RawClient.open(server);
    await listening.stream().response;
    const unused = await RawClient.open(server);
    const used = await RawClient.open(server);
    await unused.isKnown();
    await used.isKnown();
    await RawClient.open(server);
    expect(await unused.isKnown()).toBe(false);
    expect(await listening.isKnown()).toBe(true);
    expect(await used.isKnown()).toBe(true);
  });

  test('none ends that works; the client gets on without one', async () => {
    const server = await serve({ maxSessions: 2 });
    const clients = [await RawClient.open(server), await RawClient.open(server)];
    for (const client of clients) await client.callEndless();
    const { status, headers, text } = await post(server, initialize);
    expect(status).toBe(200);
    expect(text).toContain('"protocolVersion":"2025-11-25"');
    expect(headers).not.toHaveProperty('mcp-session-id');
    expect(running.size).toBe(2);
    await clients[0]?.post(cancel(7));
    await until(async () => (await post(server, initialize)).headers['mcp-session-id']);
    expect(await clients[0]?.isKnown()).toBe(false);
    expect(await clients[1]?.isKnown()).toBe(true);
  });

  test('those ended that nobody uses', async () => {
    const made: Server[] = [];
    const server = await serve({ idleSessionMs: 300 }, made);
    const listening = await RawClient.open(server);
    const { response, leave } = listening.stream();
    await response;
    const working = await RawClient.open(server);
    await working.callEndless();
    await RawClient.open(server);
    const open = () => made.map(({ transport }) => transport !== undefined);
    await until(() => !open()[2]);
    await sleep(600);
    expect(open()).toEqual([true, true, false]);
    leave();
    await working.post(cancel(7));
    await until(() => !open().includes(true));
  });
});

test('closing the server ends all sessions, their calls and streams', async () => {
  const server = await serve();
  const client = await RawClient.open(server);
  const stream = await client.stream().response;
  await client.callEndless();
  await server.close();
  expect(running.size).toBe(0);
  await stream.text().catch(() => {});
  await expect(client.post(ping)).rejects.toThrow('ECONNREFUSED');
});
