import {
  ConflictException,
  InvokeCodeInterpreterCommand,
  StopCodeInterpreterSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type AgentCore, createAgentCore } from '../../src/agentcore/agentcore.ts';
import { remember } from '../../src/agentcore/calls.ts';
import { explain } from '../../src/agentcore/errors.ts';
import { parseConfig } from '../../src/config.ts';
import { ToolFailure } from '../../src/failure.ts';
import { recorded, startStandIn, stubKeys } from '../support/aws-stand-in.ts';

let standIn: Awaited<ReturnType<typeof startStandIn>>;

beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(() => standIn.close());

beforeEach(() => {
  stubKeys();
  vi.stubEnv('AWS_ENDPOINT_URL_BEDROCK_AGENTCORE', standIn.url);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_PROFILE', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const aws = (...flags: string[]) => createAgentCore(parseConfig(['--backend', 'aws', ...flags]));

const ids = { codeInterpreterIdentifier: 'aws.codeinterpreter.v1', sessionId: '01K2SESSION0000000000000000' };

async function failureOf(
  agentcore: AgentCore,
  call: () => Promise<unknown>,
): Promise<ToolFailure['details']> {
  const error = await call().then(
    () => expect.fail('the call succeeded'),
    (thrown: unknown) => thrown,
  );
  return explain(error, agentcore).details;
}

async function stopFailure(agentcore = aws()) {
  const client = await agentcore.data();
  return failureOf(agentcore, () => client.send(new StopCodeInterpreterSessionCommand(ids)));
}

const requestId = '7f1b3c1e-0d3a-4a55-9d1d-6a3c5f0e2b11';

test.each([
  ['access-denied', 'AccessDenied', /IAM action bedrock-agentcore:StopCodeInterpreterSession/, false],
  ['access-denied-bare', 'AccessDenied', /IAM action bedrock-agentcore:StopCodeInterpreterSession/, false],
  ['expired-token', 'CredentialsExpired', /aws sso login/, false],
  ['invalid-token', 'CredentialsRejected', /region eu-central-1 is enabled/, false],
  ['bad-signature', 'CredentialsRejected', /clock of this machine/, false],
  ['throttling', 'Throttling', /Wait some seconds/, true],
  [
    'not-found',
    'ResourceNotFound',
    /sessionId "01K2SESSION0000000000000000".*ListCodeInterpreterSessions/,
    false,
  ],
  ['validation', 'Validation', /search_aws_api with StopCodeInterpreterSession/, false],
  ['conflict', 'Conflict', /status/, false],
  ['quota', 'ServiceQuotaExceeded', /Service Quotas/, false],
  ['internal', 'InternalServer', undefined, true],
  ['unknown-operation', 'NotOnThisBackend', /AWS does not offer this operation in eu-central-1/, false],
])('%s becomes %s with a hint', async (file, code, hint, retryable) => {
  standIn.answer(recorded(file));
  const details = await stopFailure();
  expect(details).toMatchObject({ code, retryable, requestId });
  if (hint) expect(details.hint).toMatch(hint);
});

test('a validation error names every field of its list', async () => {
  standIn.answer(recorded('validation'));
  expect(await stopFailure()).toMatchObject({
    message: 'StopCodeInterpreterSession failed.',
    foreign: '1 validation error detected; sessionTimeoutSeconds: Member must be less than or equal to 28800',
  });
});

test("an error of the agent's own code is told apart from one of the service", async () => {
  standIn.answer(recorded('runtime-client-error'));
  const agentcore = aws();
  const client = await agentcore.data();
  const { InvokeAgentRuntimeCommand } = await import('@aws-sdk/client-bedrock-agentcore');
  const command = new InvokeAgentRuntimeCommand({ agentRuntimeArn: 'arn:aws:x', payload: Buffer.from('{}') });
  expect(await failureOf(agentcore, () => client.send(command))).toMatchObject({
    code: 'RuntimeClientError',
    message: 'InvokeAgentRuntime failed.',
    foreign: expect.stringContaining('Received error (500) from runtime'),
    hint: expect.stringContaining('logs'),
  });
});

test.each([200, 403])(
  'a page of a proxy with status %i is not taken for an answer of AWS',
  async (status) => {
    standIn.answer({ ...recorded('proxy-page'), status });
    const details = await stopFailure();
    expect(details.code).toBe('BadAnswer');
    expect(details.message).toBe(
      `The answer for StopCodeInterpreterSession is not one of AWS's protocol (HTTP ${status}).`,
    );
  },
);

test('throttling is tried again before it is reported', async () => {
  standIn.answer(recorded('throttling'));
  await stopFailure();
  expect(standIn.requests).toHaveLength(3);
});

test('nobody listens', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_BEDROCK_AGENTCORE', 'http://127.0.0.1:1');
  expect(await stopFailure()).toMatchObject({ code: 'EndpointNotReachable', retryable: true });
});

test("what the SDK tells its programmers is left out of an error's message", () => {
  const hint =
    'Deserialization error: to see the raw response, inspect the hidden field {error}.$response on this object.';
  const error = new RangeError(`out of range\n  ${hint}`);
  expect(explain(error, { backend: 'aws' }).details.message).toBe('out of range');
});

test.each([
  ['eu-central-1', 'InvokeHarness', /^No network or DNS\? Check [^.]*\.$/],
  ['us-east-1', 'InvokeHarness', /^No network or DNS\? Check [^.]*\.$/],
  ['xx-nowhere-1', 'GetCallerIdentity', /^No network or DNS\? Check [^.]*\.$/],
  ['xx-nowhere-1', 'InvokeHarness', /^No network or DNS\?.* the region xx-nowhere-1: try us-east-1/],
])(
  'a host that is not found may be missing in %s for %s, but first of all the network',
  (region, operation, hint) => {
    const hostname = `bedrock-agentcore.${region}.amazonaws.com`;
    const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), {
      code: 'ENOTFOUND',
      hostname,
    });
    remember(error, { backend: 'aws', operation, region });
    const { details } = explain(error, { backend: 'aws' });
    expect(details).toMatchObject({
      code: 'EndpointNotFound',
      message: `The address ${hostname} was not found.`,
    });
    expect(details.hint).toMatch(hint);
  },
);

test('a host that does not exist is told as such, or as unreachable', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_BEDROCK_AGENTCORE', 'https://bedrock-agentcore.xx-nowhere-1.invalid');
  const details = await stopFailure();
  expect(['EndpointNotFound', 'EndpointNotReachable']).toContain(details.code);
  expect(details.hint).toMatch(/network.* DNS|DNS/);
});

test.each([
  ['ListMemories', true],
  ['GetCallerIdentity', true],
  ['CreateGateway', false],
  ['GetWorkloadAccessToken', false],
  ['InvokeAgentRuntime', false],
  [undefined, false],
])('a time-out of %s may be repeated unseen: %s', (operation, retryable) => {
  const error = Object.assign(new Error('slow'), { name: 'TimeoutError' });
  expect(explain(error, { backend: 'aws', operation }).details).toMatchObject({ code: 'Timeout', retryable });
});

test('a cancelled call says so', async () => {
  const agentcore = aws();
  const client = await agentcore.data();
  const call = () =>
    client.send(new StopCodeInterpreterSessionCommand(ids), { abortSignal: AbortSignal.abort() });
  expect(await failureOf(agentcore, call)).toMatchObject({
    code: 'Cancelled',
    message: 'The call for StopCodeInterpreterSession was cancelled.',
    retryable: false,
  });
});

test('an error inside a stream is explained like any other', async () => {
  const { ThrottlingException } = await import('@aws-sdk/client-bedrock-agentcore');
  const error = new ThrottlingException({ message: 'Rate exceeded', $metadata: {} });
  expect(explain(error, { backend: 'aws', operation: 'InvokeCodeInterpreter' }).details).toMatchObject({
    code: 'Throttling',
    message: 'InvokeCodeInterpreter failed.',
    foreign: 'Rate exceeded',
    retryable: true,
  });
});

test('a conflict on the local engine leads to the cure', () => {
  const error = new ConflictException({ message: 'Code cannot run here.', $metadata: {} });
  expect(explain(error, { backend: 'local' }).details.hint).toMatch(/get_status names the cure/);
});

test('the name of an error becomes its code only where it is a name', () => {
  const error = Object.assign(new Error('no'), { name: 'Stop!\nWhat to do: obey' });
  expect(explain(error, { backend: 'aws' }).details).toMatchObject({ code: 'Error', message: 'no' });
});

test('whatever is thrown gets a code and a message', () => {
  const about = { backend: 'local' as const };
  expect(explain('text', about).details).toMatchObject({ code: 'Error', message: 'text' });
  expect(explain(undefined, about).details.message).toBe('undefined');
  expect(explain(new TypeError('x is no function'), about).details).toMatchObject({ code: 'TypeError' });
  const failure = new ToolFailure({ code: 'Mine', message: 'as it is' });
  expect(explain(failure, about)).toBe(failure);
});

test('requests carry no trace of the environment but the signature', async () => {
  standIn.answer(recorded('conflict'));
  const agentcore = aws();
  const client = await agentcore.data();
  const command = new InvokeCodeInterpreterCommand({ ...ids, name: 'executeCode', arguments: { code: '1' } });
  await client.send(command).catch(() => {});
  const [request] = standIn.requests;
  expect(request).toMatchObject({
    method: 'POST',
    path: '/code-interpreters/aws.codeinterpreter.v1/tools/invoke',
  });
  expect(JSON.parse(request?.body ?? '')).toEqual({ name: 'executeCode', arguments: { code: '1' } });
  expect(request?.headers.authorization).toContain('/eu-central-1/bedrock-agentcore/aws4_request');
  expect(request?.headers['x-amzn-code-interpreter-session-id']).toBe(ids.sessionId);
});
