import { InvokeAgentRuntimeCommand, ResourceNotFoundException } from '@aws-sdk/client-bedrock-agentcore';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { BearerRefusal, type BearerRequest, type Call, type Service } from '../../../src/engine/service.ts';
import { noAuth } from '../../../src/engine/wire/signature.ts';
import { bytesOf, exchange, type RawRequest } from '../../support/signed-http.ts';
import { ACCOUNT, REGION, startWire } from '../../support/wire.ts';

const challenge = 'Bearer resource_metadata="http://127.0.0.1/.well-known/oauth-protected-resource"';
const target = '/runtimes/arn%3Aaws%3Aruntime%2Fjwt/invocations?qualifier=prod&qualifier=other';
const MAX_BODY = 10_000;

let asked: BearerRequest | undefined;
let called: { input: Record<string, unknown>; call: Call } | undefined;

beforeEach(() => {
  asked = undefined;
  called = undefined;
});

const bearer: Service['bearer'] = {
  async InvokeAgentRuntime(request) {
    asked = request;
    if (request.labels.agentRuntimeArn?.endsWith('missing'))
      throw new ResourceNotFoundException({ $metadata: {}, message: 'none' });
    if (request.labels.agentRuntimeArn?.endsWith('signed'))
      throw new BearerRefusal(403, 'This runtime takes signatures only.');
    if (request.token !== 'good') throw new BearerRefusal(401, 'The token is not valid.', challenge);
    return {
      scope: { account: '444455556666', region: 'eu-west-1' },
      bearer: { token: request.token, claims: { sub: 'alice' } },
    };
  },
};

const handlers = {
  InvokeAgentRuntime: async (input: Record<string, unknown>, call: Call) => {
    called = { input, call };
    return { statusCode: 200, contentType: 'application/json', response: Buffer.from('{}') };
  },
  ListGateways: async () => ({ items: [] }),
};

const wire = await startWire(handlers, { bearer, maxBodyBytes: MAX_BODY });
afterAll(() => wire.close());

function ask(parts: Partial<RawRequest>, port = wire.port) {
  const { method = 'POST', body = '{"prompt":"Hi"}', headers = {} } = parts;
  const common = { host: `127.0.0.1:${port}`, 'content-length': String(Buffer.byteLength(body)) };
  return exchange(port, bytesOf({ target, ...parts, method, body, headers: { ...common, ...headers } }));
}

const withToken = (token: string, parts: Partial<RawRequest> = {}) =>
  ask({ ...parts, headers: { authorization: `Bearer ${token}`, ...parts.headers } });

describe('a request with a token', () => {
  test('is let in where its operation takes tokens, with scope and claims from the token', async () => {
    const headers = { 'content-type': 'application/json', 'X-Custom': 'one' };
    await withToken('good', { headers });
    expect(asked).toEqual({
      operation: 'InvokeAgentRuntime',
      origin: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      labels: { agentRuntimeArn: 'arn:aws:runtime/jwt' },
      query: { qualifier: 'prod' },
      headers: expect.any(Map),
      token: 'good',
    });
    expect(asked?.headers.get('x-custom')).toEqual(['one']);
  });

  test('gives the handler the token, its claims and every header', async () => {
    const headers = { 'X-Custom': 'one' };
    const single = target.replace('&qualifier=other', '');
    expect((await withToken('good', { target: single, headers })).status).toBe(200);
    expect(called?.call).toMatchObject({
      account: '444455556666',
      region: 'eu-west-1',
      bearer: { token: 'good', claims: { sub: 'alice' } },
    });
    expect(called?.call.headers.get('x-custom')).toEqual(['one']);
    expect(String(called?.input.payload)).toBe('{"prompt":"Hi"}');
  });

  test.each([
    ['that is refused', 'bad', target, 401, 'UnauthorizedException'],
    ['where signatures are asked for', 'good', '/runtimes/signed/invocations', 403, 'AccessDeniedException'],
    ['for what is not there', 'good', '/runtimes/missing/invocations', 404, 'ResourceNotFoundException'],
    ['for another operation', 'good', '/runtimes/x/stopruntimesession', 403, 'IncompleteSignatureException'],
    ['for nothing', 'good', '/no/such/path', 403, 'IncompleteSignatureException'],
    ['for a broken path', 'good', '/runtimes/%zz/invocations', 403, 'IncompleteSignatureException'],
  ])('%s is answered before its body is read', async (_, token, target, status, code) => {
    const body = 'x'.repeat(MAX_BODY + 1);
    const answer = await withToken(token, { target, body });
    expect(answer).toMatchObject({ status, headers: { 'x-amzn-errortype': code } });
    expect(answer.headers['www-authenticate']).toBe(status === 401 ? challenge : undefined);
    expect(called).toBeUndefined();
  });

  test('has the same limit on its body as others', async () => {
    expect((await withToken('good', { body: 'x'.repeat(MAX_BODY + 1) })).status).toBe(413);
  });

  test('does not count from a web page', async () => {
    const headers = { origin: 'http://evil.example' };
    expect((await withToken('good', { headers })).status).toBe(403);
    expect(asked).toBeUndefined();
  });
});

describe('a request with neither token nor signature', () => {
  test('is told where tokens are to be had, by who takes them', async () => {
    const answer = await ask({});
    expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': challenge } });
    expect(asked?.token).toBe('');
  });

  test('is never let in', async () => {
    const careless = await startWire(handlers, {
      bearer: {
        InvokeAgentRuntime: async ({ token }) => ({
          scope: { account: ACCOUNT, region: REGION },
          bearer: { token, claims: {} },
        }),
      },
    });
    const answer = await ask({}, careless.port);
    await careless.close();
    expect(answer).toMatchObject({
      status: 403,
      headers: { 'x-amzn-errortype': 'MissingAuthenticationTokenException' },
    });
    expect(called).toBeUndefined();
  });
});

test('a signed request is asked for its signature only', async () => {
  await wire.clients.data.send(new InvokeAgentRuntimeCommand({ agentRuntimeArn: 'jwt', payload: '{}' }));
  expect(asked).toBeUndefined();
  expect(called?.call).toMatchObject({ account: ACCOUNT, region: REGION });
  expect(called?.call).not.toHaveProperty('bearer');
});

test('where nobody is asked for a signature, a token is looked at all the same', async () => {
  const open = await startWire(handlers, {
    bearer,
    authenticate: noAuth({ account: ACCOUNT, region: REGION }),
  });
  const unsigned = { target: '/runtimes/jwt/invocations' };
  expect((await ask(unsigned, open.port)).status).toBe(200);
  const headers = { authorization: 'Bearer bad' };
  expect((await ask({ ...unsigned, headers }, open.port)).status).toBe(401);
  await open.close();
});
