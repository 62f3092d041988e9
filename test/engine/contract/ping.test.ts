import { expect, test } from 'vitest';
import { type Health, ping } from '../../../src/engine/contract/index.ts';
import { clientOfHttp } from './support.ts';

const strict = { deadlineMs: 20_000, lenient: false };

async function healthOf(body: string): Promise<Health> {
  const { client } = await clientOfHttp((_request, response) => void response.end(body));
  return ping(client, strict);
}

test.each<[string, Health]>([
  [
    '{"status":"Healthy","time_of_last_update":1700000000}',
    { status: 'Healthy', lastUpdate: 1_700_000_000_000 },
  ],
  [
    '{"status":"HealthyBusy","time_of_last_update":1700000000123}',
    { status: 'HealthyBusy', lastUpdate: 1_700_000_000_123 },
  ],
  ['{"status":"healthy"}', { status: 'Healthy' }],
  ['{"status":7,"time_of_last_update":"soon"}', { status: 'Healthy' }],
  ['pong', { status: 'Healthy' }],
  ['null', { status: 'Healthy' }],
  ['', { status: 'Healthy' }],
  ['x'.repeat(200_000), { status: 'Healthy' }],
])('%.60s', async (body, health) => {
  expect(await healthOf(body)).toEqual(health);
});

test('another status than 200 is healthy only for those who take any', async () => {
  const { client } = await clientOfHttp((_request, response) => void response.writeHead(404).end('{}'));
  await expect(ping(client, strict)).rejects.toMatchObject({ name: 'UnhealthyError', status: 404 });
  expect(await ping(client, { ...strict, lenient: true })).toEqual({ status: 'Healthy' });
});

test('the deadline is for all of the answer', async () => {
  const { client } = await clientOfHttp((request, response) => {
    if (request.headers.host) response.write('{"status":');
  });
  await expect(ping(client, { deadlineMs: 100, lenient: true })).rejects.toMatchObject({
    code: 'unanswered',
    message: 'did not answer GET /ping within 0.1 s',
  });
});
