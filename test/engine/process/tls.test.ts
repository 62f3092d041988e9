import { execFile } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:https';
import { type AddressInfo, connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { promisify } from 'node:util';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { startEngine } from '../../../src/engine/index.ts';
import { Authority } from '../../../src/engine/process/tls/authority.ts';
import { certify, serverExtensions } from '../../../src/engine/process/tls/certificate.ts';
import type { Service } from '../../../src/engine/service.ts';
import { ask } from '../../support/engine.ts';
import { interopPython } from '../../support/interop-python.ts';
import { temporaryDir } from '../../support/temporary.ts';

/** Answers with the origin by which it was called. */
const service: Service = {
  handlers: {
    agentcore: {
      ListCodeInterpreters: async (_, { origin }) => ({
        codeInterpreterSummaries: [
          {
            codeInterpreterId: 'id',
            codeInterpreterArn: 'arn',
            name: origin,
            status: 'READY',
            createdAt: new Date(),
          },
        ],
      }),
    },
    bedrock: {
      Converse: async (_, { origin }) => ({
        output: { message: { role: 'assistant', content: [{ text: origin }] } },
        stopReason: 'end_turn',
        usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
        metrics: { latencyMs: 1 },
      }),
    },
  },
  sockets: {
    '/browser-streams/{name}': async ({ call }) => ({ hold: (channel) => channel.send(call.origin) }),
  },
  live: () => 0,
  close: async () => {},
};

const dataDir = mkdtempSync(join(tmpdir(), 'tls Ünï '));
const engine = await startEngine({ dataDir, tls: true, auth: 'none', services: () => [service] });
afterAll(async () => {
  await engine.close();
  rmSync(dataDir, { recursive: true });
});

const { url, caFile, bundleFile } = engine.tls ?? { url: '', caFile: '', bundleFile: '' };
const port = Number(new URL(url).port);
const ca = readFileSync(caFile, 'utf8');
const alias = 'bedrock-agentcore.eu-central-1.amazonaws.com';

/** Lists over TLS, as a client does that an alias sent here by `host`. */
async function listed(host: string, more: { servername?: string; headers?: Record<string, string> } = {}) {
  const sent = request({
    ...{ host: '127.0.0.1', port, ca, agent: false, method: 'POST', path: '/code-interpreters/' },
    ...more,
    headers: { host, ...more.headers },
  });
  sent.end();
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode as number, name: JSON.parse(text).codeInterpreterSummaries?.[0].name };
}

describe('over TLS', () => {
  test.each([
    ['localhost', 'localhost'],
    ['the address', undefined],
    ['a host of AWS', alias],
  ])('Node calls the engine by %s', async (_, servername) => {
    const host = `${servername ?? '127.0.0.1'}:${port}`;
    expect(await listed(host, { servername })).toEqual({ status: 200, name: `https://${host}` });
  });

  test.each([
    ['a foreign host', 'evil.example', {}],
    ['a host of AWS at another port', alias, {}],
    ['a host of a host', `a.${alias}:${port}`, {}],
    ['a page', `localhost:${port}`, { origin: 'https://evil.example' }],
  ])('%s is refused', async (_, host, headers) => {
    expect((await listed(host, { servername: 'localhost', headers })).status).toBe(403);
  });

  test('the plain listener knows no host of AWS', async () => {
    const headers = { host: `${alias}:${new URL(engine.url).port}` };
    const answer = await ask(`${engine.url}/code-interpreters/`, { method: 'POST', headers });
    expect(answer.status).toBe(403);
  });

  test('boto3 and the ssl of Python call it', async () => {
    const script = join(import.meta.dirname, 'tls_clients.py');
    const env = {
      ...{ AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', AWS_DEFAULT_REGION: 'us-east-1' },
      ...{ AWS_CA_BUNDLE: bundleFile, SSL_CERT_FILE: bundleFile },
    };
    const { stdout } = await promisify(execFile)(interopPython, [script, url, alias], { env });
    expect(JSON.parse(stdout)).toEqual({ listed: [url], version: 'TLSv1.3' });
  });

  test('AWS clients of JavaScript call it, over HTTP/2 too', async () => {
    setDefaultCACertificates([...getCACertificates('default'), ca]);
    const client = new BedrockRuntimeClient({
      endpoint: url,
      region: 'us-east-1',
      credentials: engine.credentials(),
    });
    onTestFinished(() => client.destroy());
    const { output } = await client.send(new ConverseCommand({ modelId: 'm', messages: [] }));
    expect(output?.message?.content).toEqual([{ text: url }]);
  });

  test('a WebSocket opens, also from its own origin', async () => {
    for (const options of [{}, { origin: url }]) {
      const webSocket = new WebSocket(`${url.replace('https', 'wss')}/browser-streams/a`, { ca, ...options });
      const [message] = await once(webSocket, 'message');
      expect(String(message)).toBe(url);
      webSocket.close();
    }
  });

  test('what says nothing, or does not speak TLS, does not hold up the end of an engine', async () => {
    const other = await startEngine({ tls: true, services: () => [] });
    const otherPort = Number(new URL(other.tls?.url ?? '').port);
    const silent = connectPlain(otherPort, '127.0.0.1').on('error', () => {});
    await once(silent, 'connect');
    const plain = connectPlain(otherPort, '127.0.0.1', () => plain.write('GET / HTTP/1.1\r\n\r\n'));
    plain.on('error', () => {}).resume();
    await once(plain, 'close');
    await other.close();
    if (!silent.closed) await once(silent, 'close');
  });
});

describe('the authority', () => {
  test('is kept privately, and the same for the next engine', async () => {
    for (const file of [caFile, bundleFile, join(dataDir, 'tls', 'authority.pem')])
      expect(statSync(file).mode & 0o077).toBe(0);
    expect(new Authority(dataDir).trust()).toEqual({ caFile, bundleFile });
    expect(readFileSync(caFile, 'utf8')).toBe(ca);
  });

  test('is made anew before its time is over, and its certificates each time', () => {
    const folder = temporaryDir();
    const at = (years: number) => {
      const authority = new Authority(folder, () => Date.now() + years * 365 * 24 * 3600 * 1000);
      return { ca: readFileSync(authority.trust().caFile, 'utf8'), ...authority.identify() };
    };
    const [first, later, last] = [at(0), at(9), at(9.8)];
    expect(later.ca).toBe(first.ca);
    expect(later.key).not.toBe(first.key);
    expect(last.ca).not.toBe(first.ca);
  });

  test.each([
    ['another server', ['evil.example'], [], 'evil.example'],
    ['a service of AWS without a region', ['sts.amazonaws.com'], [], 'sts.amazonaws.com'],
    ['another address', [], ['10.0.0.1'], undefined],
  ])('cannot vouch for %s', async (_, names, addresses, servername) => {
    const text = readFileSync(join(dataDir, 'tls', 'authority.pem'), 'utf8');
    const reason = await failure(names, addresses, { servername, by: createPrivateKey(text), text });
    expect(reason).toBe('permitted subtree violation');
  });
});

/** Why a client that trusts the authority does not trust a server with a certificate by it. */
async function failure(
  names: readonly string[],
  addresses: readonly string[],
  { servername, by, text }: { servername: string | undefined; by: KeyObject; text: string },
): Promise<string> {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const [notBefore, notAfter] = [new Date(Date.now() - 1000), new Date(Date.now() + 3600_000)];
  const issuer = 'AgentCore local engine (this machine only)';
  const extensions = serverExtensions(names, addresses);
  const cert = certify({ subject: 'x', issuer, notBefore, notAfter, key, extensions }, by);
  const server = createServer({ key: key.export({ type: 'pkcs8', format: 'pem' }), cert: cert + text });
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', ca, servername });
  const [error] = await once(client, 'error').catch((error) => [error]);
  return error.message;
}
