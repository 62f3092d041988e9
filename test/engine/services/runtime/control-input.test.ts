import {
  CreateAgentRuntimeCommand,
  type CreateAgentRuntimeCommandInput,
  ListAgentRuntimesCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { account, agent, bucket, ControlEngine, code, roleArn, scope } from './control-engine.ts';
import { directoryEntries, UNCOMPRESSED_SIZE, zipOf, zipWithNames } from './control-zips.ts';

let running: ControlEngine;

beforeAll(async () => {
  running = await ControlEngine.start();
  await running.upload('echo.zip', await zipOf({ 'main.py': 'print(1)' }));
});
afterAll(() => running.close());

const s3 = (bucket: string, prefix: string) => ({
  codeConfiguration: {
    code: { s3: { bucket, prefix } },
    runtime: 'PYTHON_3_13' as const,
    entryPoint: ['main.py'],
  },
});
const headers = (...requestHeaderAllowlist: string[]) => ({
  requestHeaderConfiguration: { requestHeaderAllowlist },
});
const volume = {
  accessPointArn: `arn:aws:elasticfilesystem:us-east-1:${account}:access-point/fsap-0123456789abcdef0`,
  mountPath: '/mnt/efs',
};
const container = { containerUri: `${account}.dkr.ecr.us-east-1.amazonaws.com/agent:latest` };

describe('refused at once, with nothing left of it', () => {
  const cases: [string, Partial<CreateAgentRuntimeCommandInput>, RegExp][] = [
    [
      'a bucket that is not there',
      { agentRuntimeArtifact: s3('no-such-bucket', 'echo.zip') },
      /no bucket no-such-bucket/,
    ],
    [
      'a key that is not there',
      { agentRuntimeArtifact: s3(bucket, 'none.zip') },
      /no object none.zip in the bucket agents/,
    ],
    [
      'a role of another account',
      { roleArn: 'arn:aws:iam::210987654321:role/agent' },
      /Role validation failed/,
    ],
    ['a role of no account', { roleArn: 'arn:aws:iam:::role/agent' }, /Role validation failed/],
    [
      'a container',
      { agentRuntimeArtifact: { containerConfiguration: container } },
      /no containers for now. Put the code in a zip/,
    ],
    [
      'a capacity provider',
      {
        capacityProviderConfiguration: {
          capacityProviderArn: `arn:aws:bedrock-agentcore:us-east-1:${account}:capacity-provider/c-0123456789`,
        },
      },
      /no capacity providers for now/,
    ],
    [
      'an EFS mount',
      { filesystemConfigurations: [{ efsAccessPoint: volume }] },
      /no efsAccessPoint for now. Use sessionStorage/,
    ],
    [
      'a mount above /mnt',
      { filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/..' } }] },
      /no folder below/,
    ],
    [
      'two mounts at one place',
      {
        filesystemConfigurations: [
          { sessionStorage: { mountPath: '/mnt/a' } },
          { sessionStorage: { mountPath: '/mnt/a/' } },
        ],
      },
      /\/mnt\/a is mounted twice/,
    ],
    [
      'idle above lifetime',
      { lifecycleConfiguration: { idleRuntimeSessionTimeout: 300, maxLifetime: 200 } },
      /must not be above maxLifetime/,
    ],
    ['more than eight hours', { lifecycleConfiguration: { maxLifetime: 28_801 } }, /at most 28800/],
    ['less than a minute', { lifecycleConfiguration: { maxLifetime: 59 } }, /at least 60/],
    ['VPC without subnets', { networkConfiguration: { networkMode: 'VPC' } }, /needs subnets/],
    ['a header of the platform', headers('X-Ok', 'Content-Type'), /Content-Type is kept for the platform/],
    ['a header of AWS', headers('X-Amz-Date'), /X-Amz-Date is kept/],
    ['a cookie', headers('cookie'), /cookie is kept/],
    ['a header twice', headers('X-One', 'x-one'), /listed twice/],
    [
      'Authorization without a JWT authorizer',
      headers('Authorization'),
      /only be listed with an authorizerConfiguration/,
    ],
    [
      'no address for discovery',
      {
        authorizerConfiguration: {
          customJWTAuthorizer: { discoveryUrl: 'x/.well-known/openid-configuration' },
        },
      },
      /is no address/,
    ],
    [
      'an environment variable that can be none',
      { environmentVariables: { 'A=B': '1' } },
      /no environment can hold/,
    ],
    [
      '51 environment variables',
      { environmentVariables: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`V${i}`, ''])) },
      /at most 50/,
    ],
    ['a name with a hyphen', { agentRuntimeName: 'my-agent' }, /agentRuntimeName/],
    ["tags that are AWS's own", { tags: { 'aws:x': '1' } }, /keeps for itself/],
  ];

  test.for(cases)('%s', async ([, input, message]) => {
    const create = new CreateAgentRuntimeCommand({ ...agent(), agentRuntimeName: 'refused', ...input });
    const error = await running.client.send(create).catch((error) => error);
    expect(error).toMatchObject({ name: 'ValidationException', $metadata: { httpStatusCode: 400 } });
    expect(`${error.message} ${JSON.stringify(error.fieldList)}`).toMatch(message);
    expect((await running.client.send(new ListAgentRuntimesCommand({}))).agentRuntimes).toEqual([]);
  });

  test("another account's bucket", async () => {
    const other = running.clientFor('210987654321');
    const create = new CreateAgentRuntimeCommand({
      ...agent(),
      agentRuntimeName: 'refused',
      roleArn: 'arn:aws:iam::210987654321:role/agent',
    });
    await expect(other.send(create)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(/bucket agents/),
    });
    other.destroy();
  });
});

/** It says that it holds 800 MB, so that nobody need make them. */
async function bomb(): Promise<Buffer> {
  const zip = await zipOf({ 'main.py': 'a zip bomb' });
  for (const at of directoryEntries(zip)) zip.writeUInt32LE(800 * 1024 ** 2, at + UNCOMPRESSED_SIZE);
  return zip;
}

describe('found out while preparing', () => {
  const MB = 1024 ** 2;
  const cases: [string, () => Promise<Buffer>, RegExp][] = [
    ['no zip', async () => Buffer.from('print("I am a Python file")'), /cannot be unpacked/],
    ['a missing entry point', () => zipOf({ 'agent/main.py': '' }), /It is in agent\//],
    ['a path that leads out', () => zipWithNames({ 'main.py': 'main.py', xxxxxxx: '../evil' }), /\.\.\/evil/],
    [
      'an absolute path',
      () => zipWithNames({ 'main.py': 'main.py', xxxxxxxxxxx: '/etc/passwd' }),
      /\/etc\/passwd/,
    ],
    [
      'a symbolic link',
      () => zipOf({ 'main.py': '', link: { text: '/etc', mode: 0o120777 } }),
      /symbolic link/,
    ],
    ['a zip bomb', bomb, /more than the 750 MB/],
    ['a zip above the limit', async () => Buffer.alloc(251 * MB), /larger than the 250 MB/],
  ];

  test.for(cases)('%s', async ([name, make, message]) => {
    await running.upload('bad.zip', await make());
    const id = await running.create(name.replaceAll(/\W/g, '_'), {
      agentRuntimeArtifact: code('bad.zip'),
      roleArn,
    });
    const { status, failureReason } = await running.settled(id);
    expect({ status, failureReason }).toEqual({
      status: 'CREATE_FAILED',
      failureReason: expect.stringMatching(message),
    });
  });
});

test('code in a sandbox gives its runtimes no issuer that the sandbox may not reach', async () => {
  const call = {
    ...scope,
    inner: true as const,
    requestId: 'r',
    signal: new AbortController().signal,
    headers: new Map(),
    origin: 'http://127.0.0.1',
    setHeader() {},
  };
  const input = (discoveryUrl: string, agentRuntimeName: string) => ({
    ...agent(),
    agentRuntimeName,
    authorizerConfiguration: { customJWTAuthorizer: { discoveryUrl, allowedAudience: ['me'] } },
  });
  const local = 'http://127.0.0.1:8080/.well-known/openid-configuration';
  const create = running.control.handlers.CreateAgentRuntime;
  for (const url of [local, local.replace('http', 'https')])
    await expect(create?.(input(url, 'inner'), call)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(/must be https|Sandboxes may not reach/),
    });
  const { inner: _, ...outer } = call;
  await expect(create?.(input(local, 'outer'), outer)).resolves.toMatchObject({ status: 'CREATING' });
});
