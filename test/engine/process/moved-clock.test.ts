import { BedrockAgentCoreClient, InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient,
  CreateAgentRuntimeCommand,
  type CreateAgentRuntimeCommandInput,
  GetAgentRuntimeCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Engine, startEngine } from '../../../src/engine/index.ts';
import { ask, until } from '../../support/engine.ts';
import { startIssuer } from '../../support/issuer.ts';
import { describeSandbox } from '../../support/sandbox.ts';
import { zipOf } from '../services/runtime/control-zips.ts';
import { obedient } from '../services/runtime/data-agents.ts';
import { newSession } from '../services/runtime/data-support.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describeSandbox('agents, when the clock is moved', () => {
  let engine: Engine;
  let data: BedrockAgentCoreClient;
  let control: BedrockAgentCoreControlClient;
  const config = () => ({
    endpoint: engine.url,
    region: 'us-east-1',
    credentials: engine.credentials(),
    maxAttempts: 1,
  });

  beforeAll(async () => {
    engine = await startEngine();
    data = new BedrockAgentCoreClient(config());
    control = new BedrockAgentCoreControlClient(config());
    const s3 = new S3Client({ ...config(), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'agents' }));
    await s3.send(new PutObjectCommand({ Bucket: 'agents', Key: 'agent.zip', Body: await zipOf(obedient) }));
    s3.destroy();
  });
  afterAll(async () => {
    data.destroy();
    control.destroy();
    await engine.close();
  });

  async function deploy(agentRuntimeName: string, input: Partial<CreateAgentRuntimeCommandInput> = {}) {
    const created = await control.send(
      new CreateAgentRuntimeCommand({
        agentRuntimeName,
        agentRuntimeArtifact: {
          codeConfiguration: {
            code: { s3: { bucket: 'agents', prefix: 'agent.zip' } },
            runtime: 'PYTHON_3_12',
            entryPoint: ['main.py'],
          },
        },
        roleArn: 'arn:aws:iam::000000000000:role/agent',
        networkConfiguration: { networkMode: 'PUBLIC' },
        ...input,
      }),
    );
    const { agentRuntimeId, agentRuntimeArn = '', createdAt } = created;
    await until(
      async () => (await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }))).status === 'READY',
    );
    return { agentRuntimeArn, createdAt };
  }

  async function run(agentRuntimeArn: string, runtimeSessionId: string, code: string) {
    const payload = JSON.stringify({ code });
    const { response } = await data.send(
      new InvokeAgentRuntimeCommand({ agentRuntimeArn, runtimeSessionId, payload }),
    );
    return JSON.parse((await response?.transformToString()) ?? '');
  }

  test('bearer tokens expire', async () => {
    const issuer = await startIssuer();
    const { agentRuntimeArn } = await deploy('guarded', {
      authorizerConfiguration: {
        customJWTAuthorizer: { discoveryUrl: issuer.discoveryUrl, allowedAudience: ['agents'] },
      },
    });
    const token = await issuer.token('agents');
    const call = async () =>
      (
        await ask(`${engine.url}/runtimes/${encodeURIComponent(agentRuntimeArn)}/invocations`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}` },
          body: '{}',
        })
      ).status;
    expect(await call()).toBe(200);
    await engine.clock.advance(HOUR_MS);
    expect(await call()).toBe(401);
    issuer.close();
  });

  test('idle sessions end, busy ones go on until their lifetime is over, and none reaches the clock', async () => {
    await engine.clock.advance(48 * HOUR_MS);
    const { agentRuntimeArn, createdAt } = await deploy('sleeper');
    expect(Math.abs((createdAt?.getTime() ?? 0) - engine.clock.now())).toBeLessThan(HOUR_MS);
    const [idle, busy] = [newSession(), newSession()];
    await Promise.all([
      run(agentRuntimeArn, idle, 'kept = 1'),
      run(agentRuntimeArn, busy, 'kept = 2; health["status"] = "HealthyBusy"; print("busy", flush=True)'),
    ]);
    await engine.clock.advance(14 * MINUTE_MS);
    expect(await run(agentRuntimeArn, idle, 'answer = kept')).toBe(1);
    const prying = `
import urllib.error, urllib.request
request = urllib.request.Request("http://127.0.0.1:4510/_engine/control/clock")
request.add_header("Authorization", "Bearer ${engine.controlToken}")
try:
    answer = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).status
except urllib.error.HTTPError as refusal:
    answer = refusal.code
`;
    expect(await run(agentRuntimeArn, idle, prying)).toBe(403);
    await engine.clock.advance(15 * MINUTE_MS);
    await until(() => engine.live() === 1);
    expect(await run(agentRuntimeArn, busy, 'answer = kept')).toBe(2);
    expect(await run(agentRuntimeArn, idle, 'answer = globals().get("kept")')).toBeNull();

    const logs = new CloudWatchLogsClient(config());
    const logGroupName = `/aws/bedrock-agentcore/runtimes/${agentRuntimeArn.split('/')[1]}-DEFAULT`;
    const { events = [] } = await logs.send(
      new FilterLogEventsCommand({ logGroupName, filterPattern: '"it was idle for 900 s"' }),
    );
    logs.destroy();
    expect(events).toHaveLength(1);
    expect(events[0]?.timestamp).toBeGreaterThan(Date.now() + 48 * HOUR_MS);

    await engine.clock.advance(8 * HOUR_MS);
    await until(() => engine.live() === 0);
  });
});
