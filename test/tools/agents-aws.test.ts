import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Context } from '../../src/context.ts';
import { runTool } from '../../src/tools/call.ts';
import {
  type Captured,
  callerIdentity,
  json,
  type Recorded,
  startStandIn,
  stubAwsUser,
} from '../support/aws-stand-in.ts';
import { contextWith, patient } from '../support/contexts.ts';

const id = 'weather-AbCdEf1234';
const arn = `arn:aws:bedrock-agentcore:eu-west-1:123456789012:runtime/${id}`;
const role = 'arn:aws:iam::123456789012:role/agents';
const flags = ['--backend', 'aws', '--region', 'eu-west-1', '--allow-writes'];
const deployFlags = [...flags, '--deploy-bucket', 'my-code', '--deploy-role', role];
const code = { 'main.py': 'print("hello")' };
let standIn: Awaited<ReturnType<typeof startStandIn>>;

beforeEach(async () => {
  standIn = await startStandIn();
  stubAwsUser(standIn.url);
  return () => standIn.close();
});
afterEach(() => vi.unstubAllEnvs());

interface Answer extends Record<string, unknown> {
  isError?: boolean;
}

async function call(context: Context, name: string, args: object): Promise<Answer> {
  const { structuredContent, isError } = await runTool(context, name, args, patient());
  return { ...(structuredContent as Record<string, unknown>), isError };
}

const notFound: Recorded = {
  status: 404,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'ResourceNotFoundException' },
  body: '{"message": "not there"}',
};

/** What AWS knows, and how it answers what a test is about. */
interface Account {
  runtimes?: Record<string, unknown>[];
  answers?: Record<string, (request: Captured) => Recorded | undefined>;
}

const nameOf = ({ method, path, headers }: Captured): string => {
  const target = String(headers['x-amz-target'] ?? '');
  if (target) return target.replace(/.*\./, '');
  if (/\/runtimes\/[^/]+\/invocations/.test(path)) return 'InvokeAgentRuntime';
  if (path.includes('/stopruntimesession')) return 'StopRuntimeSession';
  if (/^\/runtimes\/[^/?]+\/?(?:\?|$)/.test(path))
    return method === 'GET' ? 'GetAgentRuntime' : 'UpdateAgentRuntime';
  if (path.startsWith('/runtimes/')) return method === 'PUT' ? 'CreateAgentRuntime' : 'ListAgentRuntimes';
  if (String(headers.authorization).includes('/s3/')) return `${method} object`;
  return `${method} ${path}`;
};

function account({ runtimes = [], answers = {} }: Account): Captured[] {
  const requests: Captured[] = [];
  standIn.answer((request) => {
    if (request.body.includes('GetCallerIdentity')) return callerIdentity('123456789012');
    requests.push(request);
    const name = nameOf(request);
    const own = answers[name]?.(request);
    if (own) return own;
    switch (name) {
      case 'ListAgentRuntimes':
        return json({ agentRuntimes: runtimes });
      case 'GetAgentRuntime': {
        const found = runtimes.find(({ agentRuntimeId }) => request.path.includes(String(agentRuntimeId)));
        return found ? json(found) : notFound;
      }
      case 'HEAD object':
        return { status: 404, headers: {}, body: '' };
      case 'PUT object':
        return { status: 200, headers: { etag: '"1"' }, body: '' };
      default:
        return json({});
    }
  });
  return requests;
}

const weather = (more: object = {}) => ({
  agentRuntimeArn: arn,
  agentRuntimeName: 'weather',
  agentRuntimeId: id,
  agentRuntimeVersion: '3',
  roleArn: role,
  status: 'READY',
  networkConfiguration: { networkMode: 'PUBLIC' },
  lifecycleConfiguration: { idleRuntimeSessionTimeout: 600, maxLifetime: 7200 },
  agentRuntimeArtifact: {
    codeConfiguration: {
      code: { s3: { bucket: 'my-code', prefix: 'agents/weather/old.zip' } },
      runtime: 'PYTHON_3_13',
      entryPoint: ['main.py'],
    },
  },
  ...more,
});

const names = (requests: Captured[]) => requests.map(nameOf);
const bodyOf = (requests: Captured[], name: string) =>
  JSON.parse(requests.find((request) => nameOf(request) === name)?.body ?? 'null');

describe('deploy_agent on AWS', () => {
  test('says which flags it needs before it does anything', async () => {
    const requests = account({});
    expect(await call(contextWith(flags), 'deploy_agent', { name: 'weather', files: code })).toMatchObject({
      isError: true,
      code: 'DeployBucketMissing',
      hint: expect.stringContaining('--deploy-bucket'),
    });
    const withBucket = contextWith([...flags, '--deploy-bucket', 'my-code']);
    expect(await call(withBucket, 'deploy_agent', { name: 'weather', files: code })).toMatchObject({
      isError: true,
      code: 'DeployRoleMissing',
      hint: expect.stringMatching(/--deploy-role.*trust bedrock-agentcore\.amazonaws\.com.*iam:PassRole/),
    });
    expect(names(requests)).toEqual(['ListAgentRuntimes']);
  });

  test('uploads the zip and makes the agent', async () => {
    const runtimes: Record<string, unknown>[] = [];
    let asked = 0;
    const requests = account({
      runtimes,
      answers: {
        CreateAgentRuntime: ({ body }) => {
          const { agentRuntimeArtifact } = JSON.parse(body);
          runtimes.push(weather({ agentRuntimeVersion: '1', agentRuntimeArtifact, status: 'CREATING' }));
          return json({ agentRuntimeId: id, agentRuntimeArn: arn, status: 'CREATING' });
        },
        GetAgentRuntime: () => (++asked < 3 ? undefined : json({ ...runtimes[0], status: 'READY' })),
      },
    });
    const context = contextWith(deployFlags);
    const answer = await call(context, 'deploy_agent', { name: 'weather', files: code, env: ['MODE=fast'] });
    expect(answer).toMatchObject({
      arn,
      version: '1',
      included: '1 file, started with main.py',
      seconds: { collect: expect.any(Number), zip: expect.any(Number), upload: expect.any(Number) },
      note: 'Environment: MODE. There is no requirements.txt, so it has only the standard library of Python. This call has not tried it: ask it with invoke_agent_runtime, or give prompt.',
      origin: 'aws, account 123456789012, eu-west-1',
    });
    expect(names(requests)).toEqual([
      'ListAgentRuntimes',
      'HEAD object',
      'PUT object',
      'CreateAgentRuntime',
      ...Array(3).fill('GetAgentRuntime'),
    ]);
    const prefix = expect.stringMatching(/^agents\/weather\/[0-9a-f]{32}\.zip$/);
    expect(bodyOf(requests, 'CreateAgentRuntime')).toMatchObject({
      agentRuntimeName: 'weather',
      agentRuntimeArtifact: {
        codeConfiguration: {
          code: { s3: { bucket: 'my-code', prefix } },
          runtime: 'PYTHON_3_13',
          entryPoint: ['main.py'],
        },
      },
      roleArn: role,
      networkConfiguration: { networkMode: 'PUBLIC' },
      environmentVariables: { MODE: 'fast' },
    });
  });

  test('updates without losing a setting, and not at all where nothing differs', async () => {
    const settings = {
      description: 'mine',
      environmentVariables: { KEPT: '1', GONE: '2' },
      authorizerConfiguration: {
        customJWTAuthorizer: { discoveryUrl: 'https://example.com/.well-known/openid-configuration' },
      },
      requestHeaderConfiguration: { requestHeaderAllowlist: ['X-Mine'] },
      protocolConfiguration: { serverProtocol: 'MCP' },
      networkConfiguration: {
        networkMode: 'VPC',
        networkModeConfig: { subnets: ['subnet-12345678'], securityGroups: ['sg-12345678'] },
      },
      filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/data' } }],
      metadataConfiguration: { requireMMDSV2: true },
      platformVersion: '2026.1',
    };
    const runtimes = [weather(settings)];
    const requests = account({
      runtimes,
      answers: {
        UpdateAgentRuntime: ({ body }) => {
          runtimes[0] = { ...weather(settings), ...JSON.parse(body), agentRuntimeVersion: '4' };
          return json({ agentRuntimeId: id, agentRuntimeArn: arn, status: 'UPDATING' });
        },
      },
    });
    const context = contextWith([...flags, '--deploy-bucket', 'my-code']);
    const args = { name: 'weather', files: code, env: ['GONE=', 'NEW=3'] };
    expect(await call(context, 'deploy_agent', args)).toMatchObject({ version: '4' });
    expect(bodyOf(requests, 'UpdateAgentRuntime')).toMatchObject({
      ...settings,
      roleArn: role,
      lifecycleConfiguration: { idleRuntimeSessionTimeout: 600, maxLifetime: 7200 },
      environmentVariables: { KEPT: '1', NEW: '3' },
    });
    expect(bodyOf(requests, 'UpdateAgentRuntime').environmentVariables).not.toHaveProperty('GONE');
    requests.length = 0;
    expect(await call(context, 'deploy_agent', { name: 'weather', files: code })).toMatchObject({
      version: '4',
      note: expect.stringContaining('runs already; nothing was changed'),
    });
    expect(names(requests)).toEqual(['ListAgentRuntimes', 'GetAgentRuntime']);
  });

  test('tells the reason of a failure', async () => {
    account({
      runtimes: [weather()],
      answers: {
        GetAgentRuntime: () =>
          json(weather({ status: 'UPDATE_FAILED', failureReason: 'role cannot be assumed' })),
      },
    });
    const answer = await call(contextWith(deployFlags), 'deploy_agent', { name: 'weather', files: code });
    expect(answer).toMatchObject({ isError: true, code: 'DeployFailed', details: 'role cannot be assumed' });
  });

  test('keeps secrets out of its answer', async () => {
    vi.stubEnv('WEATHER_KEY', 'a-secret-of-the-server');
    const requests = account({
      answers: {
        CreateAgentRuntime: () => ({
          ...notFound,
          status: 400,
          body: '{"message": "a-secret-of-the-server is bad"}',
        }),
      },
    });
    const context = contextWith(deployFlags);
    const answer = await call(context, 'deploy_agent', {
      name: 'weather',
      files: code,
      env: ['WEATHER_KEY'],
    });
    expect(bodyOf(requests, 'CreateAgentRuntime').environmentVariables).toEqual({
      WEATHER_KEY: 'a-secret-of-the-server',
    });
    expect(JSON.stringify(answer)).not.toContain('a-secret-of-the-server');
    expect(answer).toMatchObject({ details: '[hidden] is bad' });
  });

  test('changes only the agent that is pinned', async () => {
    const requests = account({ runtimes: [weather()] });
    const context = contextWith([...deployFlags, '--runtime-arn', arn]);
    expect(await call(context, 'deploy_agent', { name: 'other', files: code })).toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringContaining('fixed to the agent'),
    });
    expect(names(requests)).toEqual(['ListAgentRuntimes']);
  });

  test('makes no bucket there', async () => {
    const requests = account({
      answers: {
        'PUT object': () => ({
          status: 404,
          headers: { 'content-type': 'application/xml' },
          body: '<Error><Code>NoSuchBucket</Code><Message>none</Message></Error>',
        }),
      },
    });
    expect(await call(contextWith(deployFlags), 'deploy_agent', { name: 'x', files: code })).toMatchObject({
      code: 'DeployBucket',
      message: 'There is no S3 bucket my-code.',
    });
    expect(names(requests)).toEqual(['ListAgentRuntimes', 'HEAD object', 'PUT object']);
  });
});

const answering = (body: string, type = 'application/json') => ({
  InvokeAgentRuntime: (): Recorded => ({ status: 200, headers: { 'content-type': type }, body }),
});

const failing = (message: string) => ({
  InvokeAgentRuntime: (): Recorded => ({
    status: 424,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'RuntimeClientError' },
    body: JSON.stringify({ message }),
  }),
});

describe('invoke_agent_runtime on AWS', () => {
  test('sends a prompt to the agent of a name, in a session that is named', async () => {
    const requests = account({ runtimes: [weather()], answers: answering('{"result": "sunny"}') });
    const context = contextWith(flags);
    const args = {
      agent: 'weather',
      prompt: 'How is it?',
      session: 'my talk',
      user: 'ana',
      qualifier: 'prod',
    };
    const answer = await call(context, 'invoke_agent_runtime', args);
    expect(answer).toMatchObject({
      answer: { result: 'sunny' },
      session: expect.stringMatching(/^my-talk-[0-9a-f]{32}$/),
    });
    expect(answer).not.toHaveProperty('note');
    const invocation = requests.at(-1);
    expect(invocation).toMatchObject({
      path: `/runtimes/${encodeURIComponent(arn)}/invocations?qualifier=prod`,
      body: '{"prompt":"How is it?"}',
    });
    expect(invocation?.headers).toMatchObject({
      'x-amzn-bedrock-agentcore-runtime-session-id': answer.session,
      'x-amzn-bedrock-agentcore-runtime-user-id': 'ana',
      'content-type': 'application/json',
    });
    const byArn = { agent: arn, payload: { input: 1 } };
    const second = await call(context, 'invoke_agent_runtime', byArn);
    expect(second).toMatchObject({ note: `To go on in this session, pass session: "${second.session}".` });
    expect(requests.at(-1)?.body).toBe('{"input":1}');
    for (const [payload, body] of [
      ['How is it?', '{"prompt":"How is it?"}'],
      ['{"input": 2}', '{"input":2}'],
    ]) {
      await call(context, 'invoke_agent_runtime', { agent: arn, payload });
      expect(requests.at(-1)?.body).toBe(body);
    }
  });

  test('joins what is streamed', async () => {
    account({
      runtimes: [weather()],
      answers: answering('data: "sun"\n\ndata: "ny"\n\n', 'text/event-stream'),
    });
    expect(await call(contextWith(flags), 'invoke_agent_runtime', { agent: id, prompt: 'x' })).toMatchObject({
      answer: 'sunny',
    });
  });

  test('looks a name up once, and again where another agent has it now', async () => {
    const runtimes = [weather()];
    const answered = { status: 200, headers: { 'content-type': 'application/json' }, body: '"sunny"' };
    const requests = account({ runtimes, answers: { InvokeAgentRuntime: () => answered } });
    const context = contextWith(flags);
    const ask = () => call(context, 'invoke_agent_runtime', { agent: 'weather', prompt: 'Rome?' });
    await ask();
    await ask();
    const newer = id.replace(/.$/, '0');
    runtimes.splice(0, 1, weather({ agentRuntimeId: newer, agentRuntimeArn: arn.replace(id, newer) }));
    expect(await ask()).toMatchObject({ answer: 'sunny' });
    const [list, get, invoke] = ['ListAgentRuntimes', 'GetAgentRuntime', 'InvokeAgentRuntime'];
    expect(names(requests)).toEqual([list, get, invoke, get, invoke, get, list, get, invoke]);
    expect(requests.at(-1)?.path).toContain(newer);
  });

  test('names the nearest agent', async () => {
    account({ runtimes: [weather(), weather({ agentRuntimeName: 'other' })] });
    expect(
      await call(contextWith(flags), 'invoke_agent_runtime', { agent: 'wether', prompt: 'x' }),
    ).toMatchObject({
      code: 'NotFound',
      message: 'There is no agent wether. Did you mean weather?',
      hint: 'There are: other, weather.',
    });
  });

  test('does not ask twice, and tells what the agent printed', async () => {
    const requests = account({
      runtimes: [weather()],
      answers: {
        InvokeAgentRuntime: () => ({
          status: 424,
          headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'RuntimeClientError' },
          body: '{"message": "Received error (500) from runtime."}',
        }),
        DescribeLogStreams: ({ body }) => {
          expect(JSON.parse(body).logGroupName).toBe(`/aws/bedrock-agentcore/runtimes/${id}-DEFAULT`);
          return json({
            logStreams: [
              { logStreamName: `2026/11/28/[runtime-logs]${session}` },
              { logStreamName: 'other' },
            ],
          });
        },
        FilterLogEvents: ({ body }) => {
          expect(JSON.parse(body).logStreamNames).toEqual([`2026/11/28/[runtime-logs]${session}`]);
          const lines = [
            'starting',
            'Traceback (most recent call last):',
            '  File "main.py"',
            'KeyError: 1',
            'bye',
          ];
          return json({
            events: lines.map((message, at) => ({ message, timestamp: at + 1, logStreamName: 's' })),
          });
        },
      },
    });
    const session = 'a-session-of-more-than-33-characters';
    const answer = await call(contextWith(flags), 'invoke_agent_runtime', {
      agent: 'weather',
      prompt: 'x',
      session,
    });
    expect(answer).toMatchObject({
      isError: true,
      code: 'RuntimeClientError',
      details:
        'Received error (500) from runtime.\n\nThe agent\'s log:\nTraceback (most recent call last):\n  File "main.py"\nKeyError: 1',
      hint: expect.stringContaining(session),
    });
    expect(names(requests).filter((name) => name === 'InvokeAgentRuntime')).toHaveLength(1);
  });

  test('says what is missing where a package is', async () => {
    account({ runtimes: [weather()], answers: failing("ModuleNotFoundError: No module named 'strands'") });
    expect(
      await call(contextWith(flags), 'invoke_agent_runtime', { agent: 'weather', prompt: 'x' }),
    ).toMatchObject({
      code: 'RuntimeClientError',
      hint: expect.stringMatching(
        /^Name the packages that it imports in requirements\.txt .* deploy it again\./,
      ),
    });
  });

  test('tells what there is to say about the engine', async () => {
    const context = contextWith(deployFlags);
    const other = { ...context, agentcore: { ...context.agentcore, notice: async () => 'Other settings.' } };
    const asking = { agent: 'weather', prompt: 'x', session: 'talk' };
    account({ runtimes: [weather()], answers: answering('1') });
    expect(await call(other, 'invoke_agent_runtime', asking)).toMatchObject({ note: 'Other settings.' });
    expect(await call(other, 'deploy_agent', { name: 'weather', files: code, prompt: 'x' })).toMatchObject({
      note: expect.stringMatching(/Other settings\.$/),
    });
    account({ runtimes: [weather()], answers: failing('no model') });
    expect(await call(other, 'invoke_agent_runtime', asking)).toMatchObject({
      hint: expect.stringMatching(/Other settings\.$/),
    });
  });

  test('gives an agent of another protocol no prompt', async () => {
    account({
      runtimes: [weather({ protocolConfiguration: { serverProtocol: 'MCP' } })],
      answers: answering('{}'),
    });
    const context = contextWith(flags);
    for (const given of [{ prompt: 'x' }, { payload: 'x' }])
      expect(await call(context, 'invoke_agent_runtime', { agent: 'weather', ...given })).toMatchObject({
        code: 'InvalidArgument',
        hint: expect.stringContaining('"method": "tools/list"'),
      });
    const payload = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    expect(await call(context, 'invoke_agent_runtime', { agent: 'weather', payload })).not.toMatchObject({
      isError: true,
    });
  });

  test.each<[object, string]>([
    [{}, 'there is nothing to send'],
    [{ prompt: 'x', payload: {} }, 'exclude each other'],
    [{ prompt: 'x', session: ' ' }, 'session is blank'],
  ])('refuses %j', async (args, message) => {
    account({ runtimes: [weather()], answers: answering('{}') });
    expect(
      await call(contextWith(flags), 'invoke_agent_runtime', { agent: 'weather', ...args }),
    ).toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringContaining(message),
    });
  });

  test('is invoked by who may do nothing but that', async () => {
    account({
      answers: {
        GetAgentRuntime: () => ({
          ...notFound,
          status: 403,
          headers: { 'x-amzn-errortype': 'AccessDeniedException' },
        }),
        ...answering('"fine"'),
      },
    });
    expect(await call(contextWith(flags), 'invoke_agent_runtime', { agent: arn, prompt: 'x' })).toMatchObject(
      { answer: 'fine' },
    );
  });

  test('is always the pinned one', async () => {
    const requests = account({ runtimes: [weather()], answers: answering('"fine"') });
    const context = contextWith([...flags, '--runtime-arn', arn]);
    expect(await call(context, 'invoke_agent_runtime', { prompt: 'x' })).toMatchObject({ answer: 'fine' });
    expect(await call(context, 'invoke_agent_runtime', { prompt: 'x', agent: 'other' })).toMatchObject({
      code: 'InvalidArgument',
    });
    expect(names(requests)).toEqual(['GetAgentRuntime', 'InvokeAgentRuntime']);
  });

  test('is not called in another region than the pinned one', async () => {
    const requests = account({});
    const elsewhere = arn.replace('eu-west-1', 'us-east-1');
    const answer = await call(contextWith(flags), 'invoke_agent_runtime', { agent: elsewhere, prompt: 'x' });
    expect(answer).toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining('--region') });
    expect(requests).toEqual([]);
  });
});

describe('an agent that wants a token', () => {
  const jwt = weather({
    authorizerConfiguration: {
      customJWTAuthorizer: { discoveryUrl: 'https://example.com/.well-known/openid-configuration' },
    },
  });

  test('is called with the one that is named, which nobody sees', async () => {
    vi.stubEnv('AGENT_TOKEN', 'token-of-the-user-123');
    const requests = account({ runtimes: [jwt], answers: answering('{"token": "token-of-the-user-123"}') });
    const context = contextWith(flags);
    const args = { agent: 'weather', prompt: 'x', bearer: 'AGENT_TOKEN' };
    const answer = await call(context, 'invoke_agent_runtime', args);
    expect(answer).toMatchObject({ answer: { token: '[hidden]' } });
    expect(requests.at(-1)).toMatchObject({
      method: 'POST',
      path: `/runtimes/${encodeURIComponent(arn)}/invocations`,
      body: '{"prompt":"x"}',
      headers: expect.objectContaining({
        authorization: 'Bearer token-of-the-user-123',
        'x-amzn-bedrock-agentcore-runtime-session-id': answer.session,
      }),
    });
    mkdirSync(context.workspace.root, { recursive: true });
    writeFileSync(join(context.workspace.root, 'token.txt'), 'Bearer other-token-456\n');
    await call(context, 'invoke_agent_runtime', { ...args, bearer: 'file:token.txt' });
    expect(requests.at(-1)?.headers.authorization).toBe('Bearer other-token-456');
  });

  test('is not called without one, nor with one written out', async () => {
    const requests = account({ runtimes: [jwt] });
    const context = contextWith(flags);
    const args = { agent: 'weather', prompt: 'x' };
    expect(await call(context, 'invoke_agent_runtime', args)).toMatchObject({ code: 'TokenMissing' });
    const written = await call(context, 'invoke_agent_runtime', {
      ...args,
      bearer: 'eyJhbGciOi.eyJzdWIi.c2lnbmF0dXJl',
    });
    expect(written).toMatchObject({ code: 'TokenMissing' });
    expect(JSON.stringify(written)).not.toContain('eyJ');
    expect(
      await call(context, 'invoke_agent_runtime', { ...args, bearer: 'AWS_SECRET_ACCESS_KEY' }),
    ).toMatchObject({ code: 'TokenMissing' });
    expect(names(requests)).not.toContain('InvokeAgentRuntime');
  });

  test('that does not take it says so', async () => {
    vi.stubEnv('AGENT_TOKEN', 'token-of-the-user-123');
    account({
      runtimes: [jwt],
      answers: {
        InvokeAgentRuntime: () => ({
          status: 401,
          headers: { 'www-authenticate': 'Bearer resource_metadata="https://example.com"' },
          body: '{"message": "expired: token-of-the-user-123"}',
        }),
      },
    });
    const answer = await call(contextWith(flags), 'invoke_agent_runtime', {
      agent: 'weather',
      prompt: 'x',
      bearer: 'AGENT_TOKEN',
    });
    expect(answer).toMatchObject({
      isError: true,
      code: 'Http401',
      message: 'The agent weather did not take the token.',
      details: '{"message": "expired: [hidden]"}\nresource_metadata="https://example.com"',
    });
  });
});

describe('sessions of agents on AWS', () => {
  test('are listed and stopped by their label', async () => {
    const requests = account({ runtimes: [weather()], answers: answering('1') });
    const context = contextWith(flags);
    const { session } = await call(context, 'invoke_agent_runtime', {
      agent: 'weather',
      prompt: 'x',
      session: 'talk',
      qualifier: 'prod',
    });
    expect(await call(context, 'list_resources', { kind: 'agent_session' })).toMatchObject({
      items: [{ kind: 'agent_session', id: session, name: 'talk (weather)' }],
      not_listed: [expect.stringContaining('AgentCore has no call that lists them')],
    });
    expect(await call(context, 'stop_session', { session: 'talk' })).toMatchObject({ stopped: session });
    expect(requests.at(-1)).toMatchObject({
      path: `/runtimes/${encodeURIComponent(arn)}/stopruntimesession?qualifier=prod`,
      headers: expect.objectContaining({ 'x-amzn-bedrock-agentcore-runtime-session-id': session }),
    });
    expect(await call(context, 'list_resources', { kind: 'agent_session' })).toMatchObject({ items: [] });
    const again = { agent: 'weather', prompt: 'x', session: 'talk', qualifier: 'prod' };
    expect(await call(context, 'invoke_agent_runtime', again)).toMatchObject({
      session,
      note: 'The earlier session of this name has ended; a new one was started, and nothing of earlier calls is in it.',
    });
    expect(await call(context, 'invoke_agent_runtime', again)).not.toHaveProperty('note');
  });

  test('are not listed any more once they have ended during a call', async () => {
    const context = contextWith(flags);
    const asking = { agent: 'weather', prompt: 'x', session: 'talk' };
    account({ runtimes: [weather()], answers: failing('The agent did not answer.') });
    await call(context, 'invoke_agent_runtime', asking);
    expect(await call(context, 'list_resources', { kind: 'agent_session' })).toMatchObject({
      items: [{ name: 'talk (weather)' }],
    });
    account({ runtimes: [weather()], answers: failing('The session ended during the call: exit code 1.') });
    expect(await call(context, 'invoke_agent_runtime', asking)).toMatchObject({
      hint: expect.stringMatching(/The session talk-\w{32} has ended, with all that was in it\.$/),
    });
    expect(await call(context, 'list_resources', { kind: 'agent_session' })).toMatchObject({ items: [] });
  });

  test('are all that is listed of what has ended', async () => {
    const requests = account({ runtimes: [weather()] });
    const context = contextWith(flags);
    expect(await call(context, 'list_resources', { kind: 'runtime', ended: true })).toMatchObject({
      items: [],
      not_listed: ['runtime: ended says which sessions to list; leave it out'],
    });
    expect(await call(context, 'list_resources', { ended: true })).toMatchObject({
      items: [],
      not_listed: expect.arrayContaining([expect.stringMatching(/^agent_session: those that have ended/)]),
    });
    expect(names(requests)).not.toContain('ListAgentRuntimes');
    expect(await call(context, 'list_resources', {})).toMatchObject({
      items: [{ kind: 'runtime', name: 'weather' }],
      not_listed: expect.arrayContaining([expect.stringMatching(/^agent_session: those that other servers/)]),
    });
  });

  test('that others started are stopped with the name of the agent', async () => {
    const requests = account({ runtimes: [weather()] });
    const context = contextWith(flags);
    const session = 'a-session-of-more-than-33-characters';
    expect(await call(context, 'stop_session', { session })).toMatchObject({
      code: 'InvalidArgument',
      hint: expect.stringContaining('Name the agent'),
    });
    expect(await call(context, 'stop_session', { session, agent: 'weather' })).toMatchObject({
      stopped: session,
    });
    expect(names(requests).at(-1)).toBe('StopRuntimeSession');
  });
});

describe('get_logs on AWS', () => {
  test('shows errors first, and the newest lines last', async () => {
    const requests = account({
      runtimes: [weather()],
      answers: {
        FilterLogEvents: ({ body }) => {
          const { nextToken } = JSON.parse(body);
          const at = Date.UTC(2026, 10, 28, 12, 0, nextToken ? 1 : 0);
          const message = nextToken ? 'listening\n' : 'ERROR no model';
          return json({
            events: [{ message, timestamp: at, logStreamName: 's' }],
            nextToken: nextToken ? undefined : 'more',
          });
        },
      },
    });
    const answer = await call(contextWith(flags), 'get_logs', {
      agent: 'weather',
      since: '10m',
      filter: 'a "b"',
      qualifier: 'prod',
    });
    expect(answer).toMatchObject({
      errors: ['12:00:00.000 ERROR no model'],
      lines: '12:00:00.000 ERROR no model\n12:00:01.000 listening',
      note: expect.stringMatching(/^2 lines since .*newest last/),
    });
    const { startTime, ...query } = bodyOf(requests, 'FilterLogEvents');
    expect(query).toEqual({
      logGroupName: `/aws/bedrock-agentcore/runtimes/${id}-prod`,
      filterPattern: '"a \\"b\\""',
    });
    expect(Date.now() - startTime).toBeGreaterThanOrEqual(600_000);
  });

  test('speaks of a single line as one', async () => {
    const events = [{ message: 'listening', timestamp: Date.now(), logStreamName: 's' }];
    account({ runtimes: [weather()], answers: { FilterLogEvents: () => json({ events }) } });
    expect(await call(contextWith(flags), 'get_logs', { agent: 'weather' })).toMatchObject({
      note: expect.stringMatching(/^1 line since /),
    });
  });

  test('looks for a session in the lines where no stream has its name', async () => {
    const requests = account({
      runtimes: [weather()],
      answers: {
        DescribeLogStreams: () => json({ logStreams: [{ logStreamName: '2026/11/28/[runtime-logs]' }] }),
      },
    });
    const session = 'a-session-of-more-than-33-characters';
    expect(await call(contextWith(flags), 'get_logs', { agent: 'weather', session })).toMatchObject({
      note: expect.stringMatching(/^No lines that fit since /),
    });
    expect(bodyOf(requests, 'FilterLogEvents')).toMatchObject({ filterPattern: `"${session}"` });
  });

  test('says that there is no log yet', async () => {
    account({ runtimes: [weather()], answers: { FilterLogEvents: () => ({ ...notFound, status: 400 }) } });
    expect(await call(contextWith(flags), 'get_logs', { agent: 'weather' })).toMatchObject({
      note: expect.stringMatching(/^There is no log yet/),
    });
    expect(await call(contextWith(flags), 'get_logs', { agent: 'weather', since: 'noon' })).toMatchObject({
      code: 'InvalidArgument',
    });
  });
});
