import { expect, test } from 'vitest';
import { whyUnreachable } from '../../../src/engine/egress/index.ts';

const addresses: Record<string, string> = {
  'issuer.example': '93.184.215.14',
  'inside.example': '10.0.0.5',
  localhost: '127.0.0.1',
};
const resolve = async (name: string) => [{ address: addresses[name] ?? '192.168.1.1', family: 4 }];
const why = (url: string, allowHosts: string[] = []) => whyUnreachable(new URL(url), { allowHosts, resolve });

test('what the engine fetches for code in a sandbox is public and https', async () => {
  expect(await why('https://issuer.example/x')).toBeUndefined();
  expect(await why('http://issuer.example/x')).toContain('must be https');
  for (const url of [
    'https://inside.example/x',
    'https://127.0.0.1:8443/x',
    'https://[::ffff:127.0.0.1]/x',
    'https://169.254.169.254/x',
    'https://localhost/x',
  ])
    expect(await why(url)).toContain('Sandboxes may not reach');
  for (const url of ['http://localhost:8080/x', 'http://127.0.0.1:8080/x', 'http://[::1]/x'])
    expect(await why(url)).toContain('must be https');
});

test('or what the user has opened', async () => {
  expect(await why('http://localhost:8080/x', ['localhost:8080'])).toBeUndefined();
  expect(await why('http://127.0.0.1:8080/x', ['127.0.0.1'])).toBeUndefined();
  expect(await why('https://inside.example/x', ['10.0.0.0/8'])).toBeUndefined();
  expect(await why('http://inside.example/x', ['10.0.0.0/8'])).toContain('must be https');
  expect(await why('http://localhost:8081/x', ['localhost:8080'])).toContain('must be https');
});
