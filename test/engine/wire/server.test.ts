import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import {
  AccessDeniedException,
  GetCodeInterpreterSessionCommand,
  StartCodeInterpreterSessionCommand,
  ValidationException,
} from '@aws-sdk/client-bedrock-agentcore';
import { ListTagsForResourceCommand, UntagResourceCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Call } from '../../../src/engine/service.ts';
import { readBody } from '../../../src/engine/wire/body.ts';
import { sendError } from '../../../src/engine/wire/response.ts';
import { noAuth } from '../../../src/engine/wire/signature.ts';
import { TIMEOUT_HEADER } from '../../../src/engine/wire/timeout-header.ts';
import { bytesOf, exchange, type RawRequest, signed } from '../../support/signed-http.ts';
import { ACCOUNT, REGION, startWire, type TestHandler } from '../../support/wire.ts';

const START = '/code-interpreters/aws.codeinterpreter.v1/sessions/start';
const MAX_BODY = 64 * 1024;

let called: { input: Record<string, unknown>; call: Call } | undefined;
const record: TestHandler = async (input, call) => {
  called = { input, call };
  return {};
};
const handlers = {
  StartCodeInterpreterSession: record,
  GetCodeInterpreterSession: record,
  CreateEvent: record,
  InvokeCodeInterpreter: record,
  ListTagsForResource: record,
  UntagResource: record,
  ListGateways: record,
};
let wire: Awaited<ReturnType<typeof startWire>>;

beforeAll(async () => {
  wire = await startWire(handlers, { maxBodyBytes: MAX_BODY });
});

afterAll(() => wire.close());

async function ask(
  parts: Partial<RawRequest>,
  change: (request: RawRequest) => RawRequest = (request) => request,
) {
  called = undefined;
  return exchange(wire.port, bytesOf(change(await signed(wire.port, parts))));
}

const put = (body: string, headers: Record<string, string> = {}) =>
  ask({ method: 'PUT', target: START, body, headers });

function without(name: string) {
  return ({ headers: { [name]: _, ...headers }, ...request }: RawRequest) => ({ ...request, headers });
}

describe('who is let in', () => {
  test('a signed request, with account and region from its signature', async () => {
    expect((await put('{"name":"x"}')).status).toBe(200);
    expect(called).toMatchObject({ input: { name: 'x' }, call: { account: ACCOUNT, region: REGION } });
  });

  test.each<[string, number, string, (request: RawRequest) => RawRequest]>([
    ['no signature', 403, 'MissingAuthenticationTokenException', without('authorization')],
    [
      'a body changed after signing',
      403,
      'InvalidSignatureException',
      (r) => ({ ...r, body: '{"name":"y"}' }),
    ],
    [
      'a body changed after signing, with its hash',
      403,
      'InvalidSignatureException',
      (r) => ({ ...without('x-amz-content-sha256')(r), body: '{"name":"y"}' }),
    ],
    [
      'a path changed after signing',
      403,
      'InvalidSignatureException',
      (r) => ({ ...r, target: START.replace('v1', 'v2') }),
    ],
    [
      'a foreign Host',
      403,
      'AccessDeniedException',
      (r) => ({ ...r, headers: { ...r.headers, host: 'evil.example' } }),
    ],
    [
      'an Origin',
      403,
      'AccessDeniedException',
      (r) => ({ ...r, headers: { ...r.headers, origin: 'http://127.0.0.1' } }),
    ],
    [
      'a browser that hides its origin',
      403,
      'AccessDeniedException',
      (r) => ({ ...r, headers: { ...r.headers, 'Sec-Fetch-Site': 'same-origin' } }),
    ],
  ])('not with %s', async (_, status, code, change) => {
    const answer = await ask({ method: 'PUT', target: START, body: '{"name":"x"}' }, change);
    expect(answer).toMatchObject({ status, headers: { 'x-amzn-errortype': code } });
    expect(answer.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
    expect(called).toBeUndefined();
  });

  test('without authentication still no browser and no foreign Host', async () => {
    const open = await startWire(handlers, {
      authenticate: noAuth({ account: '000000000000', region: 'us-east-1' }),
    });
    const request = { method: 'PUT', target: START, body: '', headers: { host: `127.0.0.1:${open.port}` } };
    const send = (headers: object) =>
      exchange(
        open.port,
        bytesOf({ ...request, headers: { ...request.headers, 'content-length': '0', ...headers } }),
      );
    expect((await send({})).status).toBe(200);
    expect(called?.call).toMatchObject({ account: '000000000000', region: 'us-east-1' });
    expect((await send({ origin: 'null' })).status).toBe(403);
    expect((await send({ host: 'localhost:1' })).status).toBe(403);
    await open.close();
  });
});

describe('paths', () => {
  const arn = 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/name-0123456789';

  test('labels are split before they are decoded', async () => {
    await wire.clients.control.send(new ListTagsForResourceCommand({ resourceArn: arn }));
    expect(called?.input).toEqual({ resourceArn: arn });
  });

  test('lists in the query keep their order and repetitions', async () => {
    const tagKeys = ['b', 'a c', 'a+b', 'b'];
    await wire.clients.control.send(new UntagResourceCommand({ resourceArn: arn, tagKeys }));
    expect(called?.input.tagKeys).toEqual(tagKeys);
  });

  test.each(['/gateways', '/gateways/'])('%s: a trailing slash makes no difference', async (target) => {
    expect((await ask({ method: 'GET', target })).status).toBe(200);
  });

  test.each([
    ['GET', '/'],
    ['GET', '/no/such/path'],
    ['GET', '//gateways'],
    ['GET', '/gateways/..'],
    ['GET', `${START}`],
    ['HEAD', '/gateways/'],
    ['OPTIONS', '/gateways/'],
    ['OPTIONS', '*'],
    ['PROPFIND', '/gateways/'],
    ['GET', 'http://127.0.0.1/gateways/'],
    ['POST', '/memories//events'],
    ['GET', '/__proto__/constructor'],
  ])('%s %s is no operation', async (method, target) => {
    const answer = await exchange(
      wire.port,
      bytesOf({ ...(await signed(wire.port, { method, target })), target }),
    );
    expect(answer.status).toBeOneOf([404, 403]);
    if (target.startsWith('/') && !target.startsWith('//')) {
      expect(answer.headers['x-amzn-errortype']).toBe('UnknownOperationException');
    }
  });

  test.each(['/gateways/%/', '/gateways/%zz/', '/gateways/%ff/', '/gateways/%c3%28/'])(
    '%s is refused',
    async (target) => {
      const answer = await ask({
        method: 'GET',
        target: target.replace('/gateways/', '/memories/').concat('details'),
      });
      expect(answer).toMatchObject({ status: 400, headers: { 'x-amzn-errortype': 'ValidationException' } });
    },
  );
});

describe('bodies', () => {
  test.each(['', '{}', '{"name":null}', ' {"unknown":1,"__proto__":{"name":"x"}} ', '\ufeff{}', 'null'])(
    '%j counts as no members',
    async (body) => {
      expect((await put(body)).status).toBe(200);
      expect(called?.input).toEqual({ codeInterpreterIdentifier: 'aws.codeinterpreter.v1' });
    },
  );

  test.each([
    ['[]', /object/],
    ['"x"', /object/],
    ['{', /JSON/],
    ["{'name':'x'}", /JSON/],
    ['{"name":1}', /name must be a string, is of type number/],
    ['{"sessionTimeoutSeconds":"1"}', /sessionTimeoutSeconds must be a number, is of type string/],
    ['{"sessionTimeoutSeconds":1e999}', /sessionTimeoutSeconds must be a number/],
    ['{"sessionTimeoutSeconds":1.5}', /sessionTimeoutSeconds must be a whole number, is 1.5/],
    ['{"certificates":{}}', /certificates must be a list/],
    ['{"certificates":[null]}', /certificates\[0\] must be an object, is null/],
    [
      '{"certificates":[{"location":{}}]}',
      /certificates\[0\]\.location must have exactly one member of secretsManager/,
    ],
    [
      '{"certificates":[{"location":{"elsewhere":1}}]}',
      /exactly one member of secretsManager[^;]*, has "elsewhere"/,
    ],
    [`${'['.repeat(30_000)}`, /JSON/],
    [
      `{"certificates":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
      /certificates\[0\] must be an object, is a list/,
    ],
  ])('%s is refused', async (body, message) => {
    const answer = await put(body);
    expect(answer).toMatchObject({ status: 400, headers: { 'x-amzn-errortype': 'ValidationException' } });
    expect(JSON.parse(answer.body).message).toMatch(message);
    expect(called).toBeUndefined();
  });

  test('bytes that are no UTF-8 are refused', async () => {
    const answer = await ask({
      method: 'PUT',
      target: START,
      body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]),
    });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({
      message: 'The body is not UTF-8.',
      reason: 'CannotParse',
    });
  });

  test('free JSON nested too deep, and __proto__ as a key in it, are refused', async () => {
    const event = (blob: string) =>
      ask({
        target: '/memories/memory-0123456789/events',
        body: `{"actorId":"a","sessionId":"s","eventTimestamp":1,"payload":[{"blob":${blob}}]}`,
      });
    expect((await event(`${'['.repeat(100)}${']'.repeat(100)}`)).status).toBe(201);
    const deep = await event(`${'['.repeat(20_000)}${']'.repeat(20_000)}`);
    expect(deep.status).toBe(400);
    expect(JSON.parse(deep.body).message).toContain('nested deeper than 128 levels');
    const proto = await event('{"a":{"__proto__":{"b":1}}}');
    expect(proto.status).toBe(400);
    expect(JSON.parse(proto.body).fieldList[0].name).toBe('payload[0].blob["a"]["__proto__"]');
  });

  test.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/jsonx', 415],
    ['application/json; charset=utf-8', 200],
    ['Application/JSON', 200],
  ])('content type %s', async (type, status) => {
    expect((await put('{"name":"x"}', { 'content-type': type })).status).toBe(status);
  });

  test('more than the cap is refused, said so beforehand or not', async () => {
    const body = 'x'.repeat(MAX_BODY + 1);
    expect(await put(body)).toMatchObject({
      status: 413,
      headers: { 'x-amzn-errortype': 'RequestEntityTooLargeException' },
    });
    const chunked = await ask(
      {
        method: 'PUT',
        target: START,
        headers: { 'transfer-encoding': 'chunked', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
      },
      (request) => ({ ...request, body: `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` }),
    );
    expect(chunked.status).toBe(413);
    expect(called).toBeUndefined();
  });

  test('callers whose signature waits for the body cannot fill the memory, nor keep out the others', async () => {
    const { headers } = await signed(wire.port, { method: 'PUT', target: START, body: 'x' });
    const { 'x-amz-content-sha256': _, ...rest } = headers;
    const authorization = String(rest.authorization)
      .replace('x-amz-content-sha256;', '')
      .replace(/[0-9a-f]{64}$/, '0'.repeat(64));
    const head = { ...rest, authorization, 'content-length': String(MAX_BODY) };
    const unfinished = bytesOf({
      method: 'PUT',
      target: START,
      headers: head,
      body: 'x'.repeat(MAX_BODY - 1),
    });
    const strangers = Array.from({ length: 4 }, () => connect(wire.port, '127.0.0.1'));
    for (const stranger of strangers) stranger.on('error', () => {}).write(unfinished);
    const answers = await Promise.race(strangers.map((stranger) => once(stranger, 'data')));
    expect(String(answers[0])).toMatch(/^HTTP\/1.1 503 .*ServiceUnavailableException/s);
    expect((await put('{"name":"x"}')).status).toBe(200);

    for (const stranger of strangers) stranger.destroy();
    await Promise.all(strangers.map((stranger) => stranger.closed || once(stranger, 'close')));
    const small = bytesOf({
      method: 'PUT',
      target: START,
      headers: { ...head, 'content-length': '1' },
      body: 'x',
    });
    await expect.poll(async () => (await exchange(wire.port, small)).status).toBe(403);
  });

  test('a body that breaks off never reaches a handler', async () => {
    const request = bytesOf(await signed(wire.port, { method: 'PUT', target: START, body: '{"name":"x"}' }));
    called = undefined;
    const socket = connect(wire.port, '127.0.0.1', () => socket.write(request.subarray(0, -3)));
    await once(wire.server, 'request');
    socket.destroy();
    await once(socket, 'close');
    expect(called).toBeUndefined();
    expect((await ask({ method: 'GET', target: '/gateways/' })).status).toBe(200);
  });
});

test('a body that stands still is given up', async () => {
  const server = createServer((request, response) => {
    readBody(request, MAX_BODY, { idleMs: 50 }).catch((error) =>
      sendError(response, undefined, error, () => {}),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1', () =>
    socket.write('PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n1'),
  );
  const [chunk] = await once(socket, 'data');
  expect(String(chunk)).toMatch(/^HTTP\/1.1 408 .*x-amzn-errortype: RequestTimeoutException/s);
  socket.destroy();
  server.close();
});

describe('inputs that break the model', () => {
  test('are answered with the fields, typed in the client', async () => {
    const failure = await wire.clients.data
      .send(
        new StartCodeInterpreterSessionCommand({
          codeInterpreterIdentifier: 'aws.codeinterpreter.v1',
          name: '',
          sessionTimeoutSeconds: 28_801,
          clientToken: 'short',
        }),
      )
      .catch((error) => error);
    expect(failure).toBeInstanceOf(ValidationException);
    expect(failure).toMatchObject({
      reason: 'FieldValidationFailed',
      fieldList: [
        { name: 'name', message: 'must have at least 1 character, has 0' },
        { name: 'sessionTimeoutSeconds', message: 'must be at most 28800, is 28801' },
        { name: 'clientToken', message: 'must have at least 33 characters, has 5' },
      ],
    });
  });

  test('a missing query parameter is named', async () => {
    const failure = await wire.clients.data
      .send(new GetCodeInterpreterSessionCommand({ codeInterpreterIdentifier: 'x' } as never))
      .catch((error) => error);
    expect(failure.fieldList).toEqual([{ name: 'sessionId', message: 'is required' }]);
  });

  test.each([
    ['/gateways/?maxResults=ten', 'maxResults must be a number'],
    ['/gateways/?maxResults=1&maxResults=2', 'maxResults must be given once'],
    ['/gateways/?maxResults=0', 'maxResults must be at least 1, is 0'],
    ['/gateways/?maxResults=1.5', 'maxResults must be a whole number, is 1.5'],
  ])('%s', async (target, message) => {
    const answer = await ask({ method: 'GET', target });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body).message).toContain(message);
  });
});

describe('time limit', () => {
  test('the header reaches the handler', async () => {
    await put('{}', { [TIMEOUT_HEADER]: '1500' });
    expect(called?.call.timeoutMs).toBe(1500);
    await put('{}');
    expect(called?.call).not.toHaveProperty('timeoutMs');
  });

  test.each(['0', '-1', '1.5', 'soon', '', '99999999999'])('%j is refused', async (value) => {
    expect((await put('{}', { [TIMEOUT_HEADER]: value })).status).toBe(400);
    expect(called).toBeUndefined();
  });
});

test.each([true, false])('a handler knows whether a call comes from inside a sandbox: %s', async (inner) => {
  const seen: Call[] = [];
  const { clients, close } = await startWire(
    { ListTagsForResource: async (_, call) => void seen.push(call) },
    { isInner: () => inner },
  );
  const resourceArn = `arn:aws:bedrock-agentcore:${REGION}:${ACCOUNT}:runtime/agent-abcdefghij`;
  await clients.control.send(new ListTagsForResourceCommand({ resourceArn }));
  expect(seen.map((call) => call.inner)).toEqual([inner || undefined]);
  await close();
});

test('the clients know refusals by class', async () => {
  const foreign = await startWire(handlers, { hosts: () => [] });
  const failure = await foreign.clients.data
    .send(new StartCodeInterpreterSessionCommand({ codeInterpreterIdentifier: 'aws.codeinterpreter.v1' }))
    .catch((error) => error);
  expect(failure).toBeInstanceOf(AccessDeniedException);
  await foreign.close();
});
