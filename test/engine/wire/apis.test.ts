import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as bedrock from '@aws-sdk/client-bedrock-runtime';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Call } from '../../../src/engine/service.ts';
import { noAuth } from '../../../src/engine/wire/signature.ts';
import { interopPython } from '../../support/interop-python.ts';
import { bytesOf, exchange, type signed, signedFor } from '../../support/signed-http.ts';
import { ACCOUNT, REGION, SECRET, startWire, type TestHandler } from '../../support/wire.ts';

const model = 'us.anthropic.claude-sonnet-4-20250514-v1:0';
const profile = `arn:aws:bedrock:${REGION}:${ACCOUNT}:inference-profile/${model}`;
const $metadata = {};

let wire: Awaited<ReturnType<typeof startWire>>;
/** Which handlers were called, with what. */
const calls: { name: string; input: Record<string, unknown>; call: Call }[] = [];
let s3Requests: string[] = [];

const recording = (name: string, answer: TestHandler): [string, TestHandler] => [
  name,
  async (input, call) => {
    calls.push({ name, input, call });
    return answer(input, call);
  },
];

const usage = { inputTokens: 1, outputTokens: 2, totalTokens: 3 };
const onBedrock: Record<string, TestHandler> = Object.fromEntries([
  recording('Converse', async ({ modelId }) => {
    if (modelId === 'no-such-model')
      throw new bedrock.ResourceNotFoundException({ $metadata, message: 'none' });
    return {
      output: {
        message: {
          role: 'assistant',
          content: [
            { text: 'Héllo' },
            { toolUse: { toolUseId: 't1', name: 'add', input: { a: 1, nested: [null, { deep: true }] } } },
          ],
        },
      },
      stopReason: 'tool_use',
      usage,
      metrics: { latencyMs: 5 },
    };
  }),
  recording('ConverseStream', async (_, call) => ({ stream: conversation(call) })),
  recording('InvokeModel', async ({ body }) => ({ body, contentType: 'application/json' })),
  recording('InvokeModelWithResponseStream', async () => ({
    contentType: 'application/json',
    body: (async function* () {
      yield { chunk: { bytes: Buffer.from('{"type":"message_start"}') } };
      throw new bedrock.ThrottlingException({ $metadata, message: 'slower' });
    })(),
  })),
]);

let conversation: (call: Call) => AsyncIterable<unknown>;
async function* shortConversation() {
  yield { messageStart: { role: 'assistant' } };
  yield { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'Hé' } } };
  yield { messageStop: { stopReason: 'end_turn' } };
  yield { metadata: { usage, metrics: { latencyMs: 5 } } };
}

const onLogs: Record<string, TestHandler> = Object.fromEntries([
  recording('PutLogEvents', async ({ logGroupName }) => {
    if (logGroupName === '/full') throw new logs.ServiceUnavailableException({ $metadata, message: 'full' });
    if (logGroupName !== '/agents')
      throw new logs.ResourceNotFoundException({
        $metadata,
        message: 'The specified log group does not exist.',
      });
    return { nextSequenceToken: '1' };
  }),
  recording('GetLogEvents', async () => ({
    events: [{ timestamp: 1_790_000_000_123, message: 'Héllo', ingestionTime: 1_790_000_000_456 }],
    nextForwardToken: 'f/1',
  })),
  recording('DescribeLogGroups', async () => {
    throw new Error('a fault of the handler');
  }),
]);

beforeAll(async () => {
  wire = await startWire(Object.fromEntries([recording('ListGateways', async () => ({ items: [] }))]), {
    bedrock: onBedrock,
    logs: onLogs,
    s3: (request, response) => {
      s3Requests.push(`${request.method} ${request.url}`);
      response.end('S3');
    },
  });
});

afterAll(() => wire.close());

describe('which API is asked', () => {
  const ask = async (service: string, parts: Parameters<typeof signed>[1]) =>
    exchange(wire.port, bytesOf(await signedFor(service, wire.port, parts)));

  test.each([
    ['bedrock-agentcore', { method: 'GET', target: '/gateways/' }, 'ListGateways'],
    ['bedrock', { target: `/model/${encodeURIComponent(model)}/converse`, body: '{}' }, 'Converse'],
    [
      'logs',
      { headers: { 'x-amz-target': 'Logs_20140328.GetLogEvents' }, body: '{"logStreamName":"s"}' },
      'GetLogEvents',
    ],
  ])('is told by the credential scope: %s', async (service, parts, name) => {
    calls.length = 0;
    expect((await ask(service, parts)).status).toBe(200);
    expect(calls.map((call) => call.name)).toEqual([name]);
  });

  test.each([
    ['bedrock', { method: 'GET', target: '/gateways/' }, 'No Bedrock Runtime operation is at GET'],
    ['bedrock-agentcore', { target: '/model/x/converse', body: '{}' }, 'No AgentCore operation is at POST'],
    [
      'logs',
      { headers: { 'x-amz-target': 'Logs_20140328.NoSuch' } },
      'operation called \\"Logs_20140328.NoSuch\\"',
    ],
    ['logs', { headers: { 'x-amz-target': 'Other.GetLogEvents' } }, 'No CloudWatch Logs operation'],
    ['logs', {}, 'No CloudWatch Logs operation is at POST'],
  ])('an operation of another API is not found: %s %j', async (service, parts, message) => {
    const answer = await ask(service, parts);
    expect(answer).toMatchObject({
      status: 404,
      headers: { 'x-amzn-errortype': 'UnknownOperationException' },
    });
    expect(answer.body).toContain(message);
  });

  test('what nobody has a handler for is named', async () => {
    const target = `/guardrail/g/version/1/apply`;
    const answer = await ask('bedrock', { target, body: '{"source":"INPUT","content":[]}' });
    expect(answer).toMatchObject({ status: 501, headers: { 'x-amzn-errortype': 'NotImplementedException' } });
    expect(answer.body).toContain('ApplyGuardrail');
  });

  test('a service that is none of ours is refused with the names of those that are', async () => {
    const answer = await ask('dynamodb', {});
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body).message).toContain(
      '"dynamodb", which is not answered here; these are: bedrock-agentcore, bedrock, logs, secretsmanager, s3',
    );
  });

  test('S3 is left to what answers S3, signed or presigned', async () => {
    s3Requests = [];
    expect((await ask('s3', { method: 'PUT', target: '/bucket/key', body: 'x' })).body).toContain('S3');
    const credential = `${ACCOUNT}%2F20260101%2Fus-east-1%2Fs3%2Faws4_request`;
    const target = `/bucket/key?X-Amz-Credential=${credential}`;
    const headers = { host: `127.0.0.1:${wire.port}` };
    await exchange(wire.port, bytesOf({ method: 'GET', target, headers, body: '' }));
    expect(s3Requests).toEqual(['PUT /bucket/key', `GET ${target}`]);
  });

  test('web pages get no further than the door, to S3 neither', async () => {
    s3Requests = [];
    const request = await signedFor('s3', wire.port, { method: 'GET', target: '/bucket/key' });
    const foreign = { ...request, headers: { ...request.headers, origin: 'http://evil.example' } };
    expect((await exchange(wire.port, bytesOf(foreign))).status).toBe(403);
    expect(s3Requests).toEqual([]);
  });

  test('without any credential it is AgentCore, or what cannot be mistaken', async () => {
    const open = await startWire(
      { ListGateways: async () => ({ items: [] }) },
      { bedrock: onBedrock, logs: onLogs, authenticate: noAuth({ account: ACCOUNT, region: REGION }) },
    );
    const send = async (method: string, target: string, headers = {}, body = '') => {
      const length = { 'content-length': String(Buffer.byteLength(body)) };
      const all = { host: `127.0.0.1:${open.port}`, ...length, ...headers };
      return (await exchange(open.port, bytesOf({ method, target, headers: all, body }))).status;
    };
    expect(await send('GET', '/gateways/')).toBe(200);
    expect(await send('POST', '/model/some-model/converse', {}, '{}')).toBe(200);
    const logsHeaders = {
      'x-amz-target': 'Logs_20140328.GetLogEvents',
      'content-type': 'application/x-amz-json-1.1',
    };
    expect(await send('POST', '/', logsHeaders, '{"logStreamName":"s"}')).toBe(200);
    await open.close();
  });
});

describe('Bedrock Runtime, asked by the JavaScript client over HTTP/2', () => {
  test.each([model, profile])('Converse with %s', async (modelId) => {
    calls.length = 0;
    const image = { format: 'png' as const, source: { bytes: new Uint8Array([1, 2, 255]) } };
    const inputSchema = { json: { type: 'object', properties: { a: { type: 'number' } } } };
    const { output, stopReason } = await wire.clients.bedrock.send(
      new bedrock.ConverseCommand({
        modelId,
        messages: [{ role: 'user', content: [{ text: 'Hi' }, { image }] }],
        toolConfig: { tools: [{ toolSpec: { name: 'add', inputSchema } }] },
      }),
    );
    expect(calls[0]).toMatchObject({
      input: {
        modelId,
        messages: [{ role: 'user', content: [{ text: 'Hi' }, { image: { format: 'png' } }] }],
        toolConfig: { tools: [{ toolSpec: { name: 'add', inputSchema } }] },
      },
      call: { account: ACCOUNT, region: REGION },
    });
    const [, second] = ((calls[0]?.input.messages ?? []) as bedrock.Message[])[0]?.content ?? [];
    expect(Buffer.from(second?.image?.source?.bytes ?? [])).toEqual(Buffer.from([1, 2, 255]));
    expect(stopReason).toBe('tool_use');
    expect(output?.message?.content).toMatchObject([
      { text: 'Héllo' },
      { toolUse: { name: 'add', input: { a: 1, nested: [null, { deep: true }] } } },
    ]);
  });

  test('errors have their class', async () => {
    const send = (input: bedrock.ConverseCommandInput) =>
      wire.clients.bedrock.send(new bedrock.ConverseCommand(input)).catch((error) => error);
    const missing = await send({ modelId: 'no-such-model', messages: [] });
    expect(missing).toBeInstanceOf(bedrock.ResourceNotFoundException);
    const wrong = await send({ modelId: model, inferenceConfig: { temperature: 2 } });
    expect(wrong).toBeInstanceOf(bedrock.ValidationException);
    expect(wrong.message).toContain('inferenceConfig.temperature must be at most 1');
  });

  test('ConverseStream: each event arrives before the next one is made', async () => {
    const gate = Promise.withResolvers<void>();
    conversation = async function* () {
      yield { messageStart: { role: 'assistant' } };
      await gate.promise;
      yield { messageStop: { stopReason: 'end_turn' } };
    };
    const { stream } = await wire.clients.bedrock.send(new bedrock.ConverseStreamCommand({ modelId: model }));
    const events = (stream as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    expect((await events.next()).value).toEqual({ messageStart: { role: 'assistant' } });
    gate.resolve();
    expect((await events.next()).value).toEqual({ messageStop: { stopReason: 'end_turn' } });
    expect((await events.next()).done).toBe(true);
  });

  test('an answered call is not aborted', async () => {
    calls.length = 0;
    await wire.clients.bedrock.send(new bedrock.ConverseCommand({ modelId: model }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(calls[0]?.call.signal.aborted).toBe(false);
  });

  test('InvokeModel: bytes and headers, both ways', async () => {
    calls.length = 0;
    const body = '{"anthropic_version":"bedrock-2023-05-31"}';
    const answer = await wire.clients.bedrock.send(
      new bedrock.InvokeModelCommand({
        modelId: model,
        body,
        contentType: 'application/json',
        accept: 'application/json',
        trace: 'ENABLED',
        performanceConfigLatency: 'optimized',
      }),
    );
    expect(calls[0]?.input).toMatchObject({
      contentType: 'application/json',
      accept: 'application/json',
      trace: 'ENABLED',
      performanceConfigLatency: 'optimized',
    });
    expect(answer.body.transformToString()).toBe(body);
    expect(answer.contentType).toBe('application/json');
  });

  test('InvokeModelWithResponseStream: chunks, then an error with its class', async () => {
    const { body, contentType } = await wire.clients.bedrock.send(
      new bedrock.InvokeModelWithResponseStreamCommand({ modelId: model, body: '{}' }),
    );
    expect(contentType).toBe('application/json');
    const chunks: string[] = [];
    const failure = await (async () => {
      for await (const { chunk } of body ?? []) chunks.push(Buffer.from(chunk?.bytes ?? []).toString());
    })().catch((error) => error);
    expect(chunks).toEqual(['{"type":"message_start"}']);
    expect(failure).toBeInstanceOf(bedrock.ThrottlingException);
  });
});

describe('CloudWatch Logs, asked by the JavaScript client', () => {
  const send = (input: logs.PutLogEventsCommandInput) =>
    wire.clients.logs.send(new logs.PutLogEventsCommand(input)).catch((error) => error);

  test('times are milliseconds, both ways', async () => {
    calls.length = 0;
    const logEvents = [{ timestamp: 1_790_000_000_123, message: 'Héllo' }];
    const put = await send({ logGroupName: '/agents', logStreamName: 's', logEvents });
    expect(put).toMatchObject({ nextSequenceToken: '1' });
    expect(calls[0]?.input).toMatchObject({ logEvents });
    const got = await wire.clients.logs.send(new logs.GetLogEventsCommand({ logStreamName: 's' }));
    expect(got.events).toEqual([
      { timestamp: 1_790_000_000_123, message: 'Héllo', ingestionTime: 1_790_000_000_456 },
    ]);
  });

  test('errors have their class: modelled, of an input, and of the engine', async () => {
    const logEvents = [{ timestamp: 1, message: 'x' }];
    const missing = await send({ logGroupName: '/none', logStreamName: 's', logEvents });
    expect(missing).toBeInstanceOf(logs.ResourceNotFoundException);
    expect(missing).toMatchObject({
      message: 'The specified log group does not exist.',
      $metadata: { httpStatusCode: 400, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    const full = await send({ logGroupName: '/full', logStreamName: 's', logEvents });
    expect(full).toBeInstanceOf(logs.ServiceUnavailableException);
    expect(full.$metadata.httpStatusCode).toBe(500);
    const empty = await send({ logGroupName: '/agents', logStreamName: 's', logEvents: [] });
    expect(empty).toBeInstanceOf(logs.InvalidParameterException);
    const fault = await wire.clients.logs.send(new logs.DescribeLogGroupsCommand({})).catch((error) => error);
    expect(fault).toMatchObject({ name: 'InternalServerException', $metadata: { httpStatusCode: 500 } });
  });

  test('a refusal has the form of the API', async () => {
    const client = new logs.CloudWatchLogsClient({
      ...wire.config,
      credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'another' },
    });
    const failure = await client
      .send(new logs.GetLogEventsCommand({ logStreamName: 's' }))
      .catch((error) => error);
    client.destroy();
    expect(failure).toMatchObject({ name: 'InvalidSignatureException', $metadata: { httpStatusCode: 403 } });
  });

  test('the body is JSON 1.1 with the name of the error', async () => {
    const headers = {
      'x-amz-target': 'Logs_20140328.PutLogEvents',
      'content-type': 'application/x-amz-json-1.1',
    };
    const body = '{"logGroupName":"/none","logStreamName":"s","logEvents":[{"timestamp":1,"message":"x"}]}';
    const answer = await exchange(wire.port, bytesOf(await signedFor('logs', wire.port, { headers, body })));
    expect(answer.headers['content-type']).toBe('application/x-amz-json-1.1');
    expect(JSON.parse(answer.body)).toEqual({
      __type: 'ResourceNotFoundException',
      message: 'The specified log group does not exist.',
    });
  });
});

test('boto3 is understood, and understands', async () => {
  conversation = shortConversation;
  const script = join(import.meta.dirname, 'apis_boto3.py');
  const env = {
    AWS_ACCESS_KEY_ID: ACCOUNT,
    AWS_SECRET_ACCESS_KEY: SECRET,
    AWS_DEFAULT_REGION: REGION,
    AWS_ENDPOINT_URL: wire.config.endpoint,
  };
  const { stdout } = await promisify(execFile)(interopPython, [script, model, profile], { env });
  expect(JSON.parse(stdout)).toEqual({
    converse: ['Héllo', { a: 1, nested: [null, { deep: true }] }],
    profile: 'tool_use',
    missing: ['ResourceNotFoundException', 404],
    stream: ['messageStart', 'contentBlockDelta', 'messageStop', 'metadata'],
    invoke: [{ prompt: 'Hi' }, 'application/json'],
    chunks: ['{"type":"message_start"}', 'throttlingException'],
    events: [{ timestamp: 1_790_000_000_123, message: 'Héllo', ingestionTime: 1_790_000_000_456 }],
    group: ['ResourceNotFoundException', 400, true],
  });
});
