import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ConflictException } from '@aws-sdk/client-bedrock-agentcore';
import { afterAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createLog } from '../../../src/engine/log.ts';
import {
  BearerRefusal,
  type BearerRequest,
  type Service,
  type VisitRequest,
} from '../../../src/engine/service.ts';
import { interopPython } from '../../support/interop-python.ts';
import { signerFor } from '../../support/signed-http.ts';
import { ACCOUNT, REGION, SECRET, startWire } from '../../support/wire.ts';

const path = '/runtimes/arn%3Aaws%3Aruntime%2Fname/ws';

/** An agent: echoes what it gets, and does some things on request. */
const agent = createServer((_, response) => response.writeHead(503).end('no WebSocket here'));
const sockets = new WebSocketServer({
  noServer: true,
  handleProtocols: (offered) => offered.has('v1.agent') && 'v1.agent',
});
let upgraded: IncomingMessage | undefined;
agent.on('upgrade', (request, socket, head) => {
  upgraded = request;
  if (request.url === '/refuse')
    return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
  if (request.url === '/silent') return;
  if (request.url === '/vanish') return void socket.destroy();
  sockets.handleUpgrade(request, socket, head, (webSocket) => {
    webSocket.send('welcome');
    webSocket.on('message', (message, isBinary) => {
      if (String(message) === 'leave') webSocket.close(4001, 'as told');
      else webSocket.send(message, { binary: isBinary });
    });
  });
});
agent.listen(0, '127.0.0.1');
await once(agent, 'listening');
const agentPort = (agent.address() as AddressInfo).port;

let asked: VisitRequest | undefined;
let bearerAsked: BearerRequest | undefined;
let tunnelPath = '/ws';
let tunnel: Socket | undefined;

const services: Required<Pick<Service, 'sockets' | 'bearer'>> = {
  sockets: {
    async '/runtimes/{agentRuntimeArn}/ws'(request) {
      asked = request;
      if (request.query.qualifier === 'busy') throw new ConflictException({ $metadata: {}, message: 'busy' });
      if (request.query.qualifier === 'broken') throw new Error('secret detail');
      tunnel = connect(agentPort, '127.0.0.1');
      return {
        stream: tunnel,
        path: tunnelPath,
        headers: { 'x-session': 'the-session' },
        refusal: (reason) => new ConflictException({ $metadata: {}, message: `No agent: ${reason}.` }),
        answerHeaders: { 'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id': 'the-session' },
      };
    },
  },
  bearer: {
    async '/runtimes/{agentRuntimeArn}/ws'(request) {
      bearerAsked = request;
      if (request.token !== 'good') throw new BearerRefusal(401, 'The token is not valid.', 'Bearer x="y"');
      return { scope: { account: ACCOUNT, region: REGION }, bearer: { token: 'good', claims: { sub: 'a' } } };
    },
  },
};

const logged: string[] = [];
const log = createLog({ level: 'warn', write: (line) => logged.push(line) });
const wire = await startWire({}, { ...services, log });
afterAll(async () => {
  sockets.close();
  agent.closeAllConnections();
  agent.close();
  await wire.close();
});

beforeEach(() => {
  [asked, bearerAsked, upgraded, tunnel] = [undefined, undefined, undefined, undefined];
  tunnelPath = '/ws';
  logged.length = 0;
});

const signer = signerFor('bedrock-agentcore');
const base = { method: 'GET', protocol: 'http:', hostname: '127.0.0.1', path, body: '' };
const host = () => ({ host: `127.0.0.1:${wire.port}` });

/** A URL signed in its query, as the AgentCore SDKs make it. */
async function presigned(query: Record<string, string> = {}): Promise<string> {
  const signed = await signer.presign({ ...base, headers: host(), query }, { expiresIn: 300 });
  return `ws://127.0.0.1:${wire.port}${path}?${new URLSearchParams(signed.query as Record<string, string>)}`.replaceAll(
    '+',
    '%20',
  );
}

async function signedHeaders(): Promise<Record<string, string>> {
  return (await signer.sign({ ...base, headers: host(), query: {} })).headers;
}

const url = (target = path) => `ws://127.0.0.1:${wire.port}${target}`;

/** What a WebSocket gets first, or the status it is refused with. */
async function opened(webSocket: WebSocket) {
  onTestFinished(() => webSocket.terminate());
  const refused = Promise.withResolvers<{
    status: number;
    headers: IncomingMessage['headers'];
    text: string;
  }>();
  webSocket.on('unexpected-response', async (_, response) => {
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    refused.resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
  });
  webSocket.on('error', () => {});
  const answer = once(webSocket, 'upgrade').then(([response]) => response as IncomingMessage);
  const welcome = once(webSocket, 'message').then(([message]) => String(message));
  return Promise.race([refused.promise, Promise.all([answer, welcome])]);
}

async function accepted(webSocket: WebSocket): Promise<IncomingMessage> {
  const result = await opened(webSocket);
  if (!Array.isArray(result)) throw new Error(`Refused: ${JSON.stringify(result)}`);
  expect(result[1]).toBe('welcome');
  return result[0];
}

async function echo(webSocket: WebSocket, message: string | Buffer) {
  webSocket.send(message);
  const [answer] = await once(webSocket, 'message');
  return answer as Buffer;
}

describe('a WebSocket', () => {
  test('signed in its URL reaches the agent, with the session in the query', async () => {
    const session = 'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id';
    const webSocket = new WebSocket(await presigned({ qualifier: 'prod', [session]: 'a session' }));
    const answer = await accepted(webSocket);
    expect(String(await echo(webSocket, 'héllo'))).toBe('héllo');
    expect(asked).toMatchObject({
      labels: { agentRuntimeArn: 'arn:aws:runtime/name' },
      query: { qualifier: 'prod', [session]: 'a session' },
      call: { account: ACCOUNT, region: REGION },
    });
    expect(upgraded).toMatchObject({
      url: '/ws',
      headers: { host: 'localhost', 'x-session': 'the-session' },
    });
    expect(upgraded?.headers).not.toHaveProperty('authorization');
    expect(answer.headers).toMatchObject({
      [session.toLowerCase()]: 'the-session',
      'x-amzn-requestid': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test('signed in its headers passes large messages both ways', async () => {
    const webSocket = new WebSocket(url(), { headers: await signedHeaders() });
    await accepted(webSocket);
    const large = Buffer.alloc(5_000_000, 'x');
    expect((await echo(webSocket, large)).equals(large)).toBe(true);
  });

  test('may come from the engine itself by its Origin, as some clients say', async () => {
    await accepted(new WebSocket(await presigned(), { origin: `http://127.0.0.1:${wire.port}` }));
  });

  test('with a token in its header', async () => {
    await accepted(new WebSocket(url(), { headers: { authorization: 'Bearer good' } }));
    expect(bearerAsked).toMatchObject({
      operation: '/runtimes/{agentRuntimeArn}/ws',
      labels: { agentRuntimeArn: 'arn:aws:runtime/name' },
    });
    expect(asked?.call.bearer).toEqual({ token: 'good', claims: { sub: 'a' } });
  });

  test.each([
    ['alone', [], 'base64UrlBearerAuthorization'],
    ['beside that of the agent', ['v1.agent'], 'v1.agent'],
  ])('with a token as a subprotocol, %s', async (_, protocols, protocol) => {
    const token = `base64UrlBearerAuthorization.${Buffer.from('good').toString('base64url')}`;
    const webSocket = new WebSocket(url(), [token, 'base64UrlBearerAuthorization', ...protocols]);
    await accepted(webSocket);
    expect(webSocket.protocol).toBe(protocol);
    expect(upgraded?.headers['sec-websocket-protocol']).toBe(protocols[0]);
  });

  test('that the agent closes is closed, with code and reason', async () => {
    const webSocket = new WebSocket(await presigned());
    await accepted(webSocket);
    webSocket.send('leave');
    const [code, reason] = await once(webSocket, 'close');
    expect([code, String(reason)]).toEqual([4001, 'as told']);
    if (!tunnel?.closed) await once(tunnel as Socket, 'close');
  });

  test.each(['close', 'terminate'] as const)('that the client ends (%s) ends at the agent', async (how) => {
    const webSocket = new WebSocket(await presigned());
    await accepted(webSocket);
    webSocket[how]();
    if (!tunnel?.closed) await once(tunnel as Socket, 'close');
  });

  test('whose agent dies is closed', async () => {
    const webSocket = new WebSocket(await presigned());
    await accepted(webSocket);
    for (const client of sockets.clients) client.terminate();
    const [code] = await once(webSocket, 'close');
    expect(code).toBe(1006);
  });
});

describe('is refused', () => {
  test.each<[string, () => Promise<WebSocket>, number, string]>([
    [
      'without a signature',
      async () => new WebSocket(url('/no/such/ws')),
      403,
      'MissingAuthenticationTokenException',
    ],
    ['without a signature or a token', async () => new WebSocket(url()), 401, 'UnauthorizedException'],
    [
      'with a wrong token',
      async () => new WebSocket(url(), { headers: { authorization: 'Bearer bad' } }),
      401,
      'UnauthorizedException',
    ],
    [
      'with a wrong signature',
      async () =>
        new WebSocket(
          (await presigned()).replace(/(?<=X-Amz-Signature=)./, (digit) => (digit === '0' ? '1' : '0')),
        ),
      403,
      'InvalidSignatureException',
    ],
    [
      'with another query than was signed',
      async () => new WebSocket(`${await presigned()}&qualifier=other`),
      403,
      'InvalidSignatureException',
    ],
    [
      'from a web page, although signed',
      async () => new WebSocket(await presigned(), { origin: 'http://evil.example' }),
      403,
      'AccessDeniedException',
    ],
    [
      'from a web page, although it has a token',
      async () =>
        new WebSocket(url(), { origin: 'http://evil.example', headers: { authorization: 'Bearer good' } }),
      403,
      'AccessDeniedException',
    ],
    [
      'for a foreign Host',
      async () => new WebSocket(await presigned(), { headers: { host: 'evil.example' } }),
      403,
      'AccessDeniedException',
    ],
    [
      'by the service',
      async () => new WebSocket(await presigned({ qualifier: 'busy' })),
      409,
      'ConflictException',
    ],
    [
      'on a fault',
      async () => new WebSocket(await presigned({ qualifier: 'broken' })),
      500,
      'InternalServerException',
    ],
  ])('%s', async (_, open, status, code) => {
    const answer = await opened(await open());
    expect(answer).toMatchObject({
      status,
      headers: { 'x-amzn-errortype': code, 'x-amzn-requestid': expect.any(String) },
    });
    expect(JSON.stringify(answer)).not.toContain('secret detail');
    expect(logged.join('').includes('secret detail')).toBe(status === 500);
    expect(upgraded).toBeUndefined();
  });

  test.each([
    ['/refuse', 'it answered with status 403'],
    ['/vanish', 'socket hang up'],
    ['/silent', 'no answer for 10 seconds'],
  ])('by the agent: %s', async (where, reason) => {
    tunnelPath = where;
    const answer = await opened(new WebSocket(await presigned()));
    expect(answer).toMatchObject({ status: 409, headers: { 'x-amzn-errortype': 'ConflictException' } });
    expect(answer).toHaveProperty('text', expect.stringContaining(`No agent: ${reason}`));
    expect(tunnel?.destroyed).toBe(true);
  });

  test('where there is none, to who is let in', async () => {
    const headers = (await signer.sign({ ...base, path: '/gateways/', headers: host(), query: {} })).headers;
    expect(await opened(new WebSocket(url('/gateways/'), { headers }))).toMatchObject({
      status: 404,
      headers: { 'x-amzn-errortype': 'UnknownOperationException' },
    });
  });

  test('when it is no WebSocket', async () => {
    const headers = { ...(await signedHeaders()), connection: 'Upgrade', upgrade: 'websocket' };
    const sent = request({ port: wire.port, path, headers, agent: false }).end();
    const [answer] = await once(sent, 'response');
    expect(answer.statusCode).toBe(400);
    answer.resume();
    await once(answer, 'close');
    expect(tunnel).toBeUndefined();
  });
});

test('what botocore signs, in headers or in the URL, is let in', async () => {
  const script = join(import.meta.dirname, 'sockets_botocore.py');
  const env = {
    AWS_ACCESS_KEY_ID: ACCOUNT,
    AWS_SECRET_ACCESS_KEY: SECRET,
    AWS_DEFAULT_REGION: REGION,
  };
  const { stdout } = await promisify(execFile)(interopPython, [script, wire.config.endpoint], { env });
  expect(JSON.parse(stdout)).toEqual([
    ['welcome', 'Hi'],
    ['welcome', 'Hi'],
  ]);
});
