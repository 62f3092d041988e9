import { expect, test } from 'vitest';
import { loopbackHosts } from '../../../src/engine/egress/index.ts';
import { get, httpServer, openEgress, tunnel } from './support.ts';

const resolve = async (name: string) => [
  { address: name.startsWith('two.') ? '127.0.0.2' : '127.0.0.1', family: 4 },
];

test('what is blocked is not reached, although it is open: by name, below a name, by address and by port', async () => {
  const port = await httpServer((_, response) => response.end('reached'));
  const { port: proxy } = await openEgress({
    allowHosts: ['127.0.0.0/8', '*.example', 'one.example'],
    blockHosts: ['one.example', '*.closed.example', '127.0.0.2', `127.0.0.1:${port + 1}`],
    travellers: 'pages',
    resolve,
  });
  for (const host of ['one.example', 'a.closed.example', 'two.example', '127.0.0.2', '[::ffff:127.0.0.2]']) {
    const { status, text } = await get(proxy, `http://${host}:${port}/`);
    expect({ status, text }).toEqual({
      status: 403,
      text: expect.stringMatching(
        /^Pages may not reach .+: it is blocked by --browser-block-hosts, or the local engine itself\.\n$/,
      ),
    });
    expect((await tunnel(proxy, `${host}:${port}`)).status).toBe(403);
  }
  expect((await get(proxy, `http://other.example:${port + 1}/`)).status).toBe(403);
  for (const host of ['other.example', 'closed.example', '127.0.0.1'])
    expect((await get(proxy, `http://${host}:${port}/`)).text).toBe('reached');
});

test('a port of this machine can be closed however it is written', async () => {
  const port = await httpServer((_, response) => response.end('reached'));
  const { port: proxy } = await openEgress({
    allowHosts: ['127.0.0.0/8', '0.0.0.0/8', '::/0', 'localhost'],
    blockHosts: loopbackHosts(port),
    travellers: 'pages',
  });
  for (const host of [
    '127.0.0.1',
    '127.1.2.3',
    'localhost',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
  ])
    expect((await get(proxy, `http://${host}:${port}/`)).status, host).toBe(403);
});

test('the last 50 refusals are kept, with what would open them', async () => {
  const { egress, port } = await openEgress({ travellers: 'pages' });
  for (let number = 0; number < 52; number++) await get(port, `http://10.0.0.${number}:8080/`);
  const refusals = egress.refusals();
  expect(refusals).toHaveLength(50);
  expect(refusals.at(-1)).toEqual({
    host: '10.0.0.51',
    port: 8080,
    reason:
      'Pages may not reach 10.0.0.51:8080: it is a private address. To open it, start with --browser-allow-hosts 10.0.0.51:8080.',
    at: expect.any(Number),
  });
});
