import { once } from 'node:events';
import { Readable } from 'node:stream';
import {
  BedrockAgentCoreClient,
  InvokeAgentRuntimeCommand,
  InvokeAgentRuntimeCommandCommand,
  StopRuntimeSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient,
  CreateAgentRuntimeCommand,
  type CreateAgentRuntimeCommandInput,
  GetAgentRuntimeCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Engine, startEngine } from '../../../../src/engine/index.ts';
import { findEngine } from '../../../../src/engine/process.ts';
import type { Objects } from '../../../../src/engine/services/objects/object-store.ts';
import { ask, Fixture, until } from '../../../support/engine.ts';
import { startIssuer } from '../../../support/issuer.ts';
import { processesWith } from '../../../support/processes.ts';
import { describeSandbox } from '../../../support/sandbox.ts';
import { zipOf } from './control-zips.ts';
import { echo, obedient, talking } from './data-agents.ts';
import { agentServices } from './data-engine.ts';
import { lastingDir } from './data-folders.ts';
import { failureOf, newSession } from './data-support.ts';

const account = '123456789012';
const scope = { account, region: 'us-east-1' };

describeSandbox('agents of an engine', () => {
  const dataDir = lastingDir();
  let engine: Engine;
  let issuer: Awaited<ReturnType<typeof startIssuer>>;
  let objects: Objects;
  let data: BedrockAgentCoreClient;
  let control: BedrockAgentCoreControlClient;

  beforeAll(async () => {
    engine = await startEngine({
      dataDir,
      services: (parts) => {
        const made = agentServices(parts);
        objects = made.objects;
        return made.services;
      },
    });
    objects.buckets.create(scope, 'agents');
    issuer = await startIssuer();
    data = new BedrockAgentCoreClient(config());
    control = new BedrockAgentCoreControlClient(config());
  });
  afterAll(async () => {
    data.destroy();
    control.destroy();
    issuer.close();
    await engine.close();
  });

  const config = ({ url, credentials }: Pick<Engine, 'url' | 'credentials'> = engine) => ({
    endpoint: url,
    region: scope.region,
    credentials: credentials(account),
    maxAttempts: 1,
  });

  /** @returns the ARN of an agent that is READY. */
  async function deploy(
    name: string,
    files: Record<string, string>,
    input: Partial<CreateAgentRuntimeCommandInput> = {},
  ) {
    await objects.put(scope, 'agents', `${name}.zip`, Readable.from([await zipOf(files)]));
    const [file = ''] = Object.keys(files);
    const { agentRuntimeId, agentRuntimeArn = '' } = await control.send(
      new CreateAgentRuntimeCommand({
        agentRuntimeName: name,
        agentRuntimeArtifact: {
          codeConfiguration: {
            code: { s3: { bucket: 'agents', prefix: `${name}.zip` } },
            runtime: file.endsWith('.py') ? 'PYTHON_3_12' : 'NODE_22',
            entryPoint: [file],
          },
        },
        roleArn: `arn:aws:iam::${account}:role/agent`,
        networkConfiguration: { networkMode: 'PUBLIC' },
        ...input,
      }),
    );
    await until(async () => {
      const { status, failureReason } = await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }));
      if (failureReason) throw new Error(failureReason);
      return status === 'READY';
    });
    return agentRuntimeArn;
  }

  const run = async (agentRuntimeArn: string, runtimeSessionId: string, code: string, client = data) => {
    const payload = JSON.stringify({ code });
    const { response } = await client.send(
      new InvokeAgentRuntimeCommand({ agentRuntimeArn, runtimeSessionId, payload }),
    );
    return JSON.parse((await response?.transformToString()) ?? '');
  };

  test('are called, commanded, read about and stopped with the SDK', async () => {
    const agentRuntimeArn = await deploy('obedient', obedient);
    const runtimeSessionId = newSession();
    expect(await run(agentRuntimeArn, runtimeSessionId, 'print("said"); answer = "done"')).toBe('done');
    const { stream } = await data.send(
      new InvokeAgentRuntimeCommandCommand({
        agentRuntimeArn,
        runtimeSessionId,
        body: { command: 'echo commanded' },
      }),
    );
    const chunks = [];
    for await (const { chunk } of stream ?? []) chunks.push(chunk);
    expect(chunks).toEqual([
      { contentStart: {} },
      { contentDelta: { stdout: 'commanded\n' } },
      { contentStop: { exitCode: 0, status: 'COMPLETED' } },
    ]);
    expect((await failureOf(run(agentRuntimeArn, runtimeSessionId, 'raise KeyError("it")'))).name).toBe(
      'RuntimeClientError',
    );
    const stop = new StopRuntimeSessionCommand({ agentRuntimeArn, runtimeSessionId });
    expect(await data.send(stop)).toMatchObject({ runtimeSessionId, statusCode: 200 });
    expect((await failureOf(data.send(stop))).name).toBe('ResourceNotFoundException');
    const logs = new CloudWatchLogsClient(config());
    const { events = [] } = await logs.send(
      new FilterLogEventsCommand({
        logGroupName: `/aws/bedrock-agentcore/runtimes/${agentRuntimeArn.split('/')[1]}-DEFAULT`,
        logStreamNamePrefix: new Date().toISOString().slice(0, 4),
      }),
    );
    logs.destroy();
    expect(events.map(({ message }) => message)).toEqual(
      expect.arrayContaining(['said', '[agentcore] ended: it was stopped']),
    );
  });

  test('call the engine as their own account', async () => {
    const agentRuntimeArn = await deploy('caller', obedient);
    const session = newSession();
    const answer = await run(
      agentRuntimeArn,
      session,
      `
import urllib.request, urllib.error
try:
    urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL"] + "/runtimes/")
except urllib.error.HTTPError as error:
    answer = [error.code, error.headers["x-amzn-requestid"] is not None]
`,
    );
    expect(answer).toEqual([expect.any(Number), true]);
    await data.send(new StopRuntimeSessionCommand({ agentRuntimeArn, runtimeSessionId: session }));
  });

  test('have sessions whose ids are of 33 to 256 characters', async () => {
    const agentRuntimeArn = await deploy('identified', echo(8080));
    const invoke = (runtimeSessionId: string) =>
      data.send(
        new InvokeAgentRuntimeCommand({ agentRuntimeArn, runtimeSessionId, payload: Buffer.from('{}') }),
      );
    for (const length of [33, 256]) {
      const runtimeSessionId = 'x'.repeat(length);
      expect(await invoke(runtimeSessionId)).toMatchObject({ runtimeSessionId, statusCode: 200 });
      await data.send(new StopRuntimeSessionCommand({ agentRuntimeArn, runtimeSessionId }));
    }
    for (const length of [32, 257])
      expect(await failureOf(invoke('x'.repeat(length)))).toMatchObject({
        name: 'ValidationException',
        message: expect.stringMatching(`runtimeSessionId must have at .* characters, has ${length}`),
      });
  });

  test('give out a URL of theirs that leads to them from everywhere', async () => {
    const agentRuntimeArn = await deploy('known', obedient);
    const session = newSession();
    const answer = await run(
      agentRuntimeArn,
      session,
      `
import urllib.request, urllib.error
url = os.environ["AGENTCORE_RUNTIME_URL"]
try:
    urllib.request.urlopen(url.rstrip("/"), data=b"{}")
except urllib.error.HTTPError as error:
    answer = [url, error.headers["x-amzn-errortype"]]
`,
    );
    const url = `${engine.url}/runtimes/${encodeURIComponent(agentRuntimeArn)}/invocations/`;
    expect(answer).toEqual([url, 'AccessDeniedException']);
    await data.send(new StopRuntimeSessionCommand({ agentRuntimeArn, runtimeSessionId: session }));
  });

  test('with a JWT authorizer take tokens and no signatures, others the other way round', async () => {
    const agentRuntimeArn = await deploy('tokens', echo(8080), {
      authorizerConfiguration: {
        customJWTAuthorizer: { discoveryUrl: issuer.discoveryUrl, allowedAudience: ['me'] },
      },
      requestHeaderConfiguration: { requestHeaderAllowlist: ['Authorization'] },
    });
    const url = `${engine.url}/runtimes/${encodeURIComponent(agentRuntimeArn)}/invocations?qualifier=DEFAULT`;
    const call = (headers: Record<string, string>, to = url) =>
      ask(to, { method: 'POST', headers, body: '{}' });
    const token = await issuer.token('me');
    const answer = await call({ authorization: `Bearer ${token}` });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text).headers.authorization).toBe(`Bearer ${token}`);
    expect((await call({ authorization: `Bearer ${await issuer.token('you')}` })).status).toBe(403);
    const refused = await call({ authorization: 'Bearer nonsense' });
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toBe(
      `Bearer resource_metadata="${url.replace('?', '/.well-known/oauth-protected-resource?')}"`,
    );
    expect((await call({})).status).toBe(401);
    const metadata = /resource_metadata="(.*)"/.exec(String(refused.headers['www-authenticate']))?.[1] ?? '';
    expect(JSON.parse((await ask(metadata)).text)).toEqual({
      resource: url.replace(/\?.*/, ''),
      authorization_servers: [issuer.discoveryUrl.replace('/.well-known/openid-configuration', '')],
      bearer_methods_supported: ['header'],
    });
    expect(await failureOf(run(agentRuntimeArn, newSession(), ''))).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('Authorization method mismatch'),
    });
    const signed = await deploy('signed', echo(8080));
    const other = `${engine.url}/runtimes/${encodeURIComponent(signed)}/invocations`;
    const mismatch = await call({ authorization: `Bearer ${token}` }, other);
    expect(mismatch.status).toBe(403);
    expect(mismatch.headers).not.toHaveProperty('www-authenticate');
    expect((await ask(`${other}/.well-known/oauth-protected-resource`)).status).toBe(404);
    const page = { headers: { origin: 'https://example.com' } };
    expect((await ask(metadata, page)).status).toBe(403);
  });

  test('talk over a WebSocket, which keeps their session', async () => {
    const agentRuntimeArn = await deploy('talking', talking, {
      authorizerConfiguration: {
        customJWTAuthorizer: { discoveryUrl: issuer.discoveryUrl, allowedAudience: ['me'] },
      },
    });
    const session = newSession();
    const url = new URL(
      `/runtimes/${encodeURIComponent(agentRuntimeArn)}/ws`,
      engine.url.replace('http', 'ws'),
    );
    url.searchParams.set('X-Amzn-Bedrock-AgentCore-Runtime-Session-Id', session);
    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${await issuer.token('me')}` } });
    const [first] = await once(socket, 'message');
    expect(String(first)).toBe(`/ws in ${session}`);
    socket.send('grüße');
    const [second] = await once(socket, 'message');
    expect(String(second)).toBe('grüße');
    socket.close();
    await once(socket, 'close');
    const refused = new WebSocket(url);
    const [error] = await once(refused, 'error');
    expect(String(error)).toMatch(/401/);
  });

  test('are there again after the engine was killed, and nothing of their sessions runs on', async () => {
    const agentRuntimeArn = await deploy('lasting', obedient);
    const word = `survivor-of-${newSession()}`;
    data.destroy();
    await engine.close();
    const child = new Fixture('../engine/services/runtime/data-engine.ts', [dataDir]);
    const running = await until(() => findEngine(dataDir));
    const client = new BedrockAgentCoreClient(config(running));
    onTestFinished(() => client.destroy());
    const code = `
import subprocess
subprocess.Popen(["/bin/sh", "-c", "sleep 600; : ${word}"], start_new_session=True)
`;
    await run(agentRuntimeArn, newSession(), code, client);
    await until(() => processesWith(word) > 0);
    await child.kill('SIGKILL');
    await until(() => processesWith(word) === 0);
    const next = await startEngine({ dataDir, services: (parts) => agentServices(parts).services });
    onTestFinished(() => next.close());
    const again = new BedrockAgentCoreClient(config(next));
    onTestFinished(() => again.destroy());
    expect(await run(agentRuntimeArn, newSession(), 'answer = "there"', again)).toBe('there');
  });
});
