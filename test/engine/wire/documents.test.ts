import { ResourceNotFoundException } from '@aws-sdk/client-bedrock-agentcore';
import { afterAll, expect, test } from 'vitest';
import { ask } from '../../support/engine.ts';
import { startWire } from '../../support/wire.ts';

const wire = await startWire(
  {},
  {
    documents: {
      async '/things/{name}/about'({ labels, query, headers }) {
        if (labels.name === 'none')
          throw new ResourceNotFoundException({ $metadata: {}, message: 'There is none.' });
        return { name: labels.name, query, host: headers.get('host')?.[0] };
      },
    },
  },
);
afterAll(() => wire.close());

const host = `127.0.0.1:${wire.port}`;
const get = (path: string, options: Parameters<typeof ask>[1] = {}) => ask(`http://${host}${path}`, options);

test('a document is read by everybody, with what its path and query say', async () => {
  const { status, headers, text } = await get('/things/a%2Fb/about?as=json');
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('application/json');
  expect(JSON.parse(text)).toEqual({ name: 'a/b', query: { as: 'json' }, host });
});

test('one that is not there is a modelled error, and anything else wants a signature', async () => {
  const none = await get('/things/none/about');
  expect(none).toMatchObject({ status: 404, headers: { 'x-amzn-errortype': 'ResourceNotFoundException' } });
  for (const [path, options] of [
    ['/things/a/about', { method: 'POST', body: '{}' }],
    ['/things/%zz/about', {}],
    ['/things/a/other', {}],
  ] as const)
    expect((await get(path, options)).status, path).toBe(403);
});

test('web pages are kept out', async () => {
  expect((await get('/things/a/about', { headers: { origin: 'https://example.com' } })).status).toBe(403);
  expect((await get('/things/a/about', { headers: { host: 'example.com' } })).status).toBe(403);
});
