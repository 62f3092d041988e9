import { once } from 'node:events';
import { createServer, type RequestListener, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  askToStop,
  handshakePath,
  introduce,
  proofHeader,
  shutdownPath,
} from '../../../src/engine/process/handshake.ts';
import { openKeys } from '../../../src/engine/process/keys.ts';
import { readRecord, writeRecord } from '../../../src/engine/process/record.ts';
import { findEngine } from '../../../src/engine/process.ts';
import { ask, ensured, liveService, started } from '../../support/engine.ts';
import { temporaryDir } from '../../support/temporary.ts';

const nonce = 'ab'.repeat(32);

/** Somebody else's program on a port that a client may believe to be the engine's. */
async function squatter(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function engineWithKeys(live = { count: 0 }) {
  const engine = await started({ dataDir: temporaryDir(), services: liveService(live) });
  return { engine, keys: openKeys(engine.dataDir) };
}

test('an engine introduces itself with versions, generation and what is live', async () => {
  const live = { count: 3 };
  const { engine, keys } = await engineWithKeys(live);
  const { url, version, storeVersion, generation, pid, startedAt } = engine;
  expect(await introduce(url, keys)).toEqual({
    url,
    version,
    storeVersion,
    generation,
    pid,
    startedAt,
    live: 3,
    embedder: expect.stringContaining('Universal Sentence Encoder'),
  });
  expect(version).toMatch(/^\d+\.\d+\.\d+/);
  expect(storeVersion).toBeGreaterThan(0);
  expect(generation).toMatch(/^[0-9a-f]{12}$/);
});

test('every start has a generation of its own', async () => {
  const dataDir = temporaryDir();
  const first = await started({ dataDir, services: liveService() });
  await first.close();
  const second = await started({ dataDir, services: liveService() });
  expect(second.generation).not.toBe(first.generation);
});

test('an engine of another data directory is not believed', async () => {
  const { engine } = await engineWithKeys();
  expect(await introduce(engine.url, openKeys(temporaryDir()))).toBeUndefined();
});

test('a squatter is not believed: neither bare words, nor an old answer, nor a relayed one', async () => {
  const { engine, keys } = await engineWithKeys();
  const recorded = await ask(`${engine.url}${handshakePath}?nonce=${nonce}`);
  expect(
    keys.verify(
      String(recorded.headers[proofHeader]),
      'handshake',
      nonce,
      new URL(engine.url).port,
      recorded.text,
    ),
  ).toBe(true);

  const bare = await squatter((_, response) => response.end(recorded.text));
  const replaying = await squatter((_, response) => {
    response.setHeader(proofHeader, String(recorded.headers[proofHeader])).end(recorded.text);
  });
  const relaying = await squatter((asked, response) => {
    request(`${engine.url}${asked.url}`, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    }).end();
  });
  expect(await introduce(engine.url, keys), 'the engine itself').toBeDefined();
  for (const url of [bare, replaying, relaying]) expect(await introduce(url, keys)).toBeUndefined();

  writeRecord(engine.dataDir, { ...engine, url: relaying });
  expect(await findEngine(engine.dataDir)).toBeUndefined();
});

test('who never answers, answers without end or talks nonsense cannot hold a client up', async () => {
  const keys = openKeys(temporaryDir());
  const silent = await squatter(() => {});
  const endless = await squatter((_, response) => {
    const more = () => {
      while (response.write('x'.repeat(10_000)));
      response.once('drain', more);
    };
    more();
  });
  const cutOff = await squatter((_, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('{');
    setTimeout(() => response.destroy(), 20);
  });
  for (const url of [silent, endless, cutOff, 'http://127.0.0.1:1']) {
    expect(await introduce(url, keys, { timeoutMs: 500 })).toBeUndefined();
  }
});

test('a stale record whose port a squatter took leads to a real engine', { timeout: 60_000 }, async () => {
  const dataDir = temporaryDir();
  let visits = 0;
  const url = await squatter((_, response) => {
    visits++;
    response.end('{}');
  });
  writeRecord(dataDir, { url, version: '9.9.9', storeVersion: 1, generation: 'old', pid: 1, startedAt: '' });
  const engine = await ensured(dataDir);
  expect(visits).toBeGreaterThan(0);
  expect(engine.url).not.toBe(url);
  expect(await findEngine(dataDir)).toMatchObject({ generation: engine.generation });
});

test('web pages and foreign hosts get nothing from the engine, on its own routes either', async () => {
  const { engine } = await engineWithKeys();
  const { port } = new URL(engine.url);
  const handshake = `${engine.url}${handshakePath}?nonce=${nonce}`;
  expect((await ask(handshake)).status).toBe(200);
  expect((await ask(handshake, { headers: { host: `localhost:${port}` } })).status).toBe(200);
  const foreign: Record<string, string>[] = [
    { origin: 'https://example.com' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { host: 'evil.example' },
    { host: `evil.example:${port}` },
    { host: '127.0.0.1' },
  ];
  for (const headers of foreign) {
    for (const [method, path] of [
      ['GET', `${handshakePath}?nonce=${nonce}`],
      ['POST', shutdownPath],
      ['POST', '/code-interpreters'],
    ]) {
      const answer = await ask(`${engine.url}${path}`, { method, headers });
      expect(answer.status, JSON.stringify({ headers, path })).toBe(403);
      expect(answer.headers[proofHeader]).toBeUndefined();
    }
  }
});

test.each(['', '?nonce=', `?nonce=${'ab'.repeat(31)}`, `?nonce=${'zz'.repeat(32)}`, `?x=1&nonce=${nonce}`])(
  'a handshake with "%s" is answered with an error',
  async (query) => {
    const { engine } = await engineWithKeys();
    expect((await ask(`${engine.url}${handshakePath}${query}`)).status).toBe(400);
  },
);

test('only who can read the master key stops an engine', async () => {
  const { engine, keys } = await engineWithKeys();
  const body = JSON.stringify({ ifIdle: false });
  const stop = (proof: string, sent = body) =>
    ask(`${engine.url}${shutdownPath}`, { method: 'POST', body: sent, headers: { [proofHeader]: proof } });
  const refused = [
    stop(''),
    stop('00'.repeat(32)),
    stop(keys.prove('handshake', engine.generation, body)),
    stop(keys.prove('shutdown', 'another generation', body)),
    stop(keys.prove('shutdown', engine.generation, JSON.stringify({ ifIdle: true }))),
    stop(openKeys(temporaryDir()).prove('shutdown', engine.generation, body)),
  ];
  for (const answer of await Promise.all(refused)) expect(answer.status).toBe(403);
  expect((await stop(keys.prove('shutdown', engine.generation, body), 'x'.repeat(5_000))).status).toBe(413);
  expect(await introduce(engine.url, keys)).toBeDefined();

  expect(await askToStop(engine, keys, { ifIdle: false })).toEqual({ stopping: true, live: 0 });
  expect(await engine.ended).toBe('asked to stop');
  expect(readRecord(engine.dataDir)).toBeUndefined();
  expect(await introduce(engine.url, keys)).toBeUndefined();
});

test('a request for shutdown whose body stands still is given up', async () => {
  const { engine } = await engineWithKeys();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { port, host } = new URL(engine.url);
  const socket = connect(Number(port), '127.0.0.1', () =>
    socket.write(`POST ${shutdownPath} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\n\r\n1`),
  );
  onTestFinished(() => void socket.destroy());
  const answered = once(socket, 'data');
  await expect.poll(() => vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(String(await answered)).toMatch(/^HTTP\/1.1 408 /);
});

test('an engine asked to stop if idle goes on while it has sessions', async () => {
  const live = { count: 2 };
  const { engine, keys } = await engineWithKeys(live);
  expect(await askToStop(engine, keys, { ifIdle: true })).toEqual({ stopping: false, live: 2 });
  expect(await introduce(engine.url, keys)).toMatchObject({ live: 2 });
  live.count = 0;
  expect(await askToStop(engine, keys, { ifIdle: true })).toEqual({ stopping: true, live: 0 });
  await engine.ended;
});
