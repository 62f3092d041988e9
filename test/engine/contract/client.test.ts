import { expect, test } from 'vitest';
import { ContractClient, type ContractError } from '../../../src/engine/contract/index.ts';
import { clientOfHttp, clientOfJunk, textOf } from './support.ts';

const get = { method: 'GET', path: '/' } as const;

async function failureOf(client: ContractClient): Promise<Pick<ContractError, 'code' | 'message'>> {
  const { code, message } = await client.request(get).then(
    () => ({ code: 'none', message: 'It answered.' }),
    (error) => error,
  );
  return { code, message };
}

test('a request arrives as it was given, and so does its answer', async () => {
  const { client } = await clientOfHttp(async (request, response) => {
    const { method, url, headers } = request;
    const body = await textOf(request);
    response.writeHead(201, { 'x-answer': 'yes' });
    response.end(JSON.stringify({ method, url, custom: headers['x-custom'], host: headers.host, body }));
  });
  const answer = await client.request({
    method: 'POST',
    path: '/invocations',
    headers: { 'x-custom': 'c' },
    body: Buffer.from('päyload'),
  });
  expect(answer.status).toBe(201);
  expect(answer.headers['x-answer']).toBe('yes');
  expect(JSON.parse(await textOf(answer.body))).toEqual({
    method: 'POST',
    url: '/invocations',
    custom: 'c',
    host: '127.0.0.1:8080',
    body: 'päyload',
  });
});

test('requests one after another share a connection, requests at once do not wait for each other', async () => {
  const { client, opened } = await clientOfHttp((_request, response) => void response.end('ok'));
  for (let i = 0; i < 5; i++) await textOf((await client.request(get)).body);
  expect(opened.count).toBe(1);
  const both = await Promise.all([client.request(get), client.request(get)]);
  expect(await Promise.all(both.map(({ body }) => textOf(body)))).toEqual(['ok', 'ok']);
  expect(opened.count).toBe(2);
});

test('an answer is given on while it is still being made', async () => {
  const goOn = Promise.withResolvers<void>();
  const { client } = await clientOfHttp(async (_request, response) => {
    response.write('data: 1\n\n');
    await goOn.promise;
    response.end('data: 2\n\n');
  });
  const { body } = await client.request(get);
  const seen: string[] = [];
  for await (const chunk of body) {
    seen.push(String(chunk));
    goOn.resolve();
  }
  expect(seen).toEqual(['data: 1\n\n', 'data: 2\n\n']);
});

test('nobody who listens, a deadline and a cancelled request are told apart', async () => {
  const refused = new ContractClient(() => Promise.reject(new Error('Nothing listens there.')), 8080);
  expect(await failureOf(refused)).toEqual({
    code: 'refused',
    message: 'cannot be reached: Nothing listens there.',
  });
  const { client } = await clientOfHttp(() => {});
  const reason = new Error('The caller has gone.');
  const gone = new AbortController();
  const asked = client.request({ ...get, signal: gone.signal });
  setTimeout(() => gone.abort(reason), 20);
  await expect(asked).rejects.toBe(reason);
  await expect(client.request({ ...get, signal: gone.signal })).rejects.toBe(reason);
});

test.each<[string, string, string, RegExp]>([
  ['nothing', '', 'broken', /closed the connection/],
  ['half a head', 'HTTP/1.1 200 OK\r\nconte', 'broken', /closed the connection/],
  ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', 'invalid', /did not answer in HTTP/],
  [
    'headers without end',
    `HTTP/1.1 200 OK\r\n${'x-more: of it\r\n'.repeat(20_000)}`,
    'invalid',
    /65536 bytes of headers/,
  ],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\na', 'invalid', /HTTP/],
  [
    'an unasked upgrade',
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    'invalid',
    /101/,
  ],
  ['with a status that is none', 'HTTP/1.1 099 X\r\n\r\n', 'invalid', /status 99, which is none/],
  ['only 103', 'HTTP/1.1 103 Early Hints\r\n\r\n', 'broken', /closed the connection/],
])('a server that answers %s', async (_name, bytes, code, message) => {
  const { client } = await clientOfJunk((socket) => void socket.end(bytes));
  expect(await failureOf(client)).toEqual({ code, message: expect.stringMatching(message) });
});

test('answers before the answer are passed over', async () => {
  const { client } = await clientOfJunk(
    (socket) =>
      void socket.end(
        'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\nhello',
      ),
  );
  const { status, body } = await client.request(get);
  expect([status, await textOf(body)]).toEqual([200, 'hello']);
});

test('an answer that breaks off fails its reader', async () => {
  const { client } = await clientOfJunk(
    (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this'),
  );
  const { body } = await client.request(get);
  await expect(textOf(body)).rejects.toThrow('aborted');
});
