import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CreateAgentRuntimeCommand,
  CreateAgentRuntimeEndpointCommand,
  DeleteAgentRuntimeCommand,
  DeleteAgentRuntimeEndpointCommand,
  GetAgentRuntimeCommand,
  GetAgentRuntimeEndpointCommand,
  ListAgentRuntimeEndpointsCommand,
  ListAgentRuntimesCommand,
  ListAgentRuntimeVersionsCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAgentRuntimeCommand,
  UpdateAgentRuntimeEndpointCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownProcessor } from '../../../../src/engine/services/runtime/artifact/binaries.ts';
import { until } from '../../../support/engine.ts';
import { interopPython } from '../../../support/interop-python.ts';
import { account, agent, ControlEngine, code, roleArn, scope } from './control-engine.ts';
import { libraryFor, zipOf } from './control-zips.ts';

let running: ControlEngine;
const ended: string[] = [];
const sessions = {
  end: async (_scope: unknown, id: string, endpoint?: string) => void ended.push([id, endpoint].join('/')),
};

beforeAll(async () => {
  running = await ControlEngine.start({ sessions });
  await running.upload('echo.zip', await zipOf({ 'main.py': 'print(1)' }));
  await running.upload('broken.zip', await zipOf({ 'other.py': 'print(1)' }));
});
afterAll(() => running.close());

const send: ControlEngine['client']['send'] = ((command: never) => running.client.send(command)) as never;
const get = (agentRuntimeId: string, agentRuntimeVersion?: string) =>
  send(new GetAgentRuntimeCommand({ agentRuntimeId, agentRuntimeVersion }));
const endpoint = (agentRuntimeId: string, endpointName: string) =>
  send(new GetAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName }));
const find = (id: string, qualifier?: string) =>
  running.control.targets.find(scope, { agentRuntimeArn: id, qualifier });

test('a new agent is CREATING, then READY with its DEFAULT endpoint', async () => {
  const created = await send(new CreateAgentRuntimeCommand({ ...agent(), agentRuntimeName: 'first' }));
  const id = created.agentRuntimeId ?? '';
  expect(id).toMatch(/^first-[a-zA-Z0-9]{10}$/);
  const arn = `arn:aws:bedrock-agentcore:us-east-1:${account}:runtime/${id}`;
  const workloadIdentityArn = `arn:aws:bedrock-agentcore:us-east-1:${account}:workload-identity-directory/default/workload-identity/${id}`;
  expect(created).toMatchObject({
    $metadata: { httpStatusCode: 202 },
    agentRuntimeArn: arn,
    agentRuntimeVersion: '1',
    status: 'CREATING',
    workloadIdentityDetails: { workloadIdentityArn },
  });
  expect(Math.abs((created.createdAt?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);

  const ready = await running.settled(id);
  expect(ready).toMatchObject({
    agentRuntimeArn: arn,
    agentRuntimeName: 'first',
    status: 'READY',
    ...agent(),
    lifecycleConfiguration: { idleRuntimeSessionTimeout: 900, maxLifetime: 28_800 },
    networkConfiguration: { networkMode: 'PUBLIC' },
    metadataConfiguration: { requireMMDSV2: true },
    platformVersion: expect.stringMatching(/^local\/python-3\.\d+\.\d+$/),
    workloadIdentityDetails: { workloadIdentityArn },
  });
  const { runtimeEndpoints } = await send(new ListAgentRuntimeEndpointsCommand({ agentRuntimeId: id }));
  expect(runtimeEndpoints).toMatchObject([
    {
      name: 'DEFAULT',
      liveVersion: '1',
      targetVersion: '1',
      status: 'READY',
      id: expect.stringMatching(/^DEFAULT-\w{10}$/),
      agentRuntimeEndpointArn: `${arn}/runtime-endpoint/DEFAULT`,
    },
  ]);
  const { config } = find(arn);
  expect(config.fittedTo).toBeUndefined();
  expect(existsSync(join(config.codeFolder, 'main.py'))).toBe(true);
});

test('everything that was given is told again', async () => {
  const given = {
    agentRuntimeArtifact: code('echo.zip'),
    roleArn,
    description: 'All there is',
    networkConfiguration: {
      networkMode: 'VPC' as const,
      networkModeConfig: { subnets: ['subnet-0123456789'], securityGroups: ['sg-0123456789'] },
    },
    authorizerConfiguration: {
      customJWTAuthorizer: {
        discoveryUrl: 'https://issuer.example/.well-known/openid-configuration',
        allowedAudience: ['a'],
        allowedClients: ['c'],
        allowedScopes: ['s'],
      },
    },
    requestHeaderConfiguration: {
      requestHeaderAllowlist: ['Authorization', 'X-Tenant', 'X-Amzn-Bedrock-AgentCore-Runtime-Custom-Id'],
    },
    protocolConfiguration: { serverProtocol: 'MCP' as const },
    lifecycleConfiguration: { maxLifetime: 600 },
    environmentVariables: { ONE: '1', EMPTY: '' },
    filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/data/' } }],
    platformVersion: 'v7',
  };
  const id = await running.ready('everything', { ...given, tags: { team: 'a' } });
  expect(await get(id)).toMatchObject({
    ...given,
    lifecycleConfiguration: { idleRuntimeSessionTimeout: 600, maxLifetime: 600 },
  });
  expect(find(id).config).toMatchObject({
    version: '1',
    runtime: 'PYTHON_3_13',
    protocol: 'MCP',
    environment: { ONE: '1', EMPTY: '' },
    idleSeconds: 600,
    lifetimeSeconds: 600,
    headerAllowlist: ['authorization', 'x-tenant', 'x-amzn-bedrock-agentcore-runtime-custom-id'],
    jwt: given.authorizerConfiguration.customJWTAuthorizer,
    storageMounts: ['/mnt/data'],
  });
});

test('code with machine code keeps to the interpreter it was prepared for', async () => {
  await running.upload('native.zip', await zipOf({ 'main.py': '', 'fast.so': libraryFor(ownProcessor) }));
  const id = await running.ready('native', {
    agentRuntimeArtifact: code('native.zip', { runtime: 'PYTHON_3_14' }),
  });
  const [, minor] = /^local\/python-3\.(\d+)\./.exec((await get(id)).platformVersion ?? '') ?? [];
  const { runtime, fittedTo } = find(id).config;
  expect([runtime, fittedTo ?? runtime]).toEqual(['PYTHON_3_14', `PYTHON_3_${minor}`]);
});

test('an update replaces everything, moves DEFAULT and leaves named endpoints', async () => {
  const id = await running.ready('moving', { description: 'one', environmentVariables: { A: '1' } });
  const pinned = await send(
    new CreateAgentRuntimeEndpointCommand({
      agentRuntimeId: id,
      name: 'prod',
      agentRuntimeVersion: '1',
      description: 'p',
    }),
  );
  expect(pinned).toMatchObject({ status: 'CREATING', targetVersion: '1', endpointName: 'prod' });

  const copied = await get(id);
  const { agentRuntimeArtifact, platformVersion } = copied;
  const updated = await send(
    new UpdateAgentRuntimeCommand({ agentRuntimeId: id, agentRuntimeArtifact, roleArn, platformVersion }),
  );
  expect(updated).toMatchObject({
    agentRuntimeVersion: '2',
    status: 'UPDATING',
    createdAt: copied.createdAt,
  });
  const now = await running.settled(id);
  expect(now).toMatchObject({
    agentRuntimeVersion: '2',
    status: 'READY',
    platformVersion: expect.stringMatching(/^local\//),
  });
  expect(now.description).toBeUndefined();
  expect(now.environmentVariables).toBeUndefined();
  expect(await get(id, '1')).toMatchObject({ agentRuntimeVersion: '1', description: 'one', status: 'READY' });
  expect(await endpoint(id, 'DEFAULT')).toMatchObject({
    liveVersion: '2',
    targetVersion: '2',
    status: 'READY',
  });
  expect(await endpoint(id, 'prod')).toMatchObject({ liveVersion: '1', description: 'p', status: 'READY' });
  expect(find(id).config.version).toBe('2');
  expect(find(id, 'prod').config.version).toBe('1');

  const { agentRuntimes: versions } = await send(new ListAgentRuntimeVersionsCommand({ agentRuntimeId: id }));
  expect(versions?.map((one) => [one.agentRuntimeVersion, one.description])).toEqual([
    ['2', ''],
    ['1', 'one'],
  ]);

  const moved = await send(
    new UpdateAgentRuntimeEndpointCommand({
      agentRuntimeId: id,
      endpointName: 'prod',
      agentRuntimeVersion: '2',
    }),
  );
  expect(moved).toMatchObject({ status: 'UPDATING', liveVersion: '1', targetVersion: '2' });
  expect(await endpoint(id, 'prod')).toMatchObject({
    liveVersion: '2',
    targetVersion: '2',
    description: 'p',
  });
  await send(
    new UpdateAgentRuntimeEndpointCommand({
      agentRuntimeId: id,
      endpointName: 'prod',
      agentRuntimeVersion: '1',
    }),
  );
  expect(find(id, 'prod').config.version).toBe('1');
});

test('an update that fails says why, and what answered before goes on', async () => {
  const id = await running.ready('failing');
  await send(new UpdateAgentRuntimeCommand({ agentRuntimeId: id, ...agent('broken.zip') }));
  const failed = await running.settled(id);
  expect(failed).toMatchObject({ agentRuntimeVersion: '2', status: 'UPDATE_FAILED' });
  expect(failed.failureReason).toMatch(/entry point main.py is not in the zip. At its root are: other.py/);
  expect(await endpoint(id, 'DEFAULT')).toMatchObject({
    status: 'UPDATE_FAILED',
    liveVersion: '1',
    targetVersion: '1',
    failureReason: failed.failureReason,
  });
  expect(find(id).config.version).toBe('1');
  await send(new UpdateAgentRuntimeCommand({ agentRuntimeId: id, ...agent() }));
  expect(await running.settled(id)).toMatchObject({ agentRuntimeVersion: '3', status: 'READY' });
  const after = await endpoint(id, 'DEFAULT');
  expect(after).toMatchObject({ status: 'READY', liveVersion: '3' });
  expect(after.failureReason).toBeUndefined();
});

test('an agent that could not be created cannot be called, and can be updated', async () => {
  const id = await running.create('stillborn', agent('broken.zip'));
  expect(await running.settled(id)).toMatchObject({ status: 'CREATE_FAILED' });
  expect(() => find(id)).toThrow(/CREATE_FAILED. The entry point main.py is not in the zip/);
  await send(new UpdateAgentRuntimeCommand({ agentRuntimeId: id, ...agent() }));
  expect(await running.settled(id)).toMatchObject({ status: 'READY', agentRuntimeVersion: '2' });
  expect(find(id).config.version).toBe('2');
});

test('listings are newest first and paged', async () => {
  for (const name of ['page_a', 'page_b', 'page_c']) await running.ready(name);
  const first = await send(new ListAgentRuntimesCommand({ maxResults: 2 }));
  expect(first.agentRuntimes?.map((one) => one.agentRuntimeName)).toEqual(['page_c', 'page_b']);
  expect(first.agentRuntimes?.[0]).toMatchObject({
    description: '',
    status: 'READY',
    agentRuntimeVersion: '1',
  });
  const second = await send(new ListAgentRuntimesCommand({ maxResults: 2, nextToken: first.nextToken }));
  expect(second.agentRuntimes?.[0]?.agentRuntimeName).toBe('page_a');
  await expect(send(new ListAgentRuntimesCommand({ nextToken: 'bogus' }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
  const elsewhere = running.clientFor('210987654321');
  expect((await elsewhere.send(new ListAgentRuntimesCommand({}))).agentRuntimes).toEqual([]);
  elsewhere.destroy();
});

test('a client token makes a create happen once; a taken name is refused', async () => {
  const input = { ...agent(), agentRuntimeName: 'once', clientToken: 'c'.repeat(40) };
  const first = await send(new CreateAgentRuntimeCommand(input));
  const again = await send(new CreateAgentRuntimeCommand(input));
  expect(again.agentRuntimeId).toBe(first.agentRuntimeId);
  expect(again.createdAt).toEqual(first.createdAt);
  await expect(send(new CreateAgentRuntimeCommand({ ...input, description: 'other' }))).rejects.toMatchObject(
    {
      name: 'ValidationException',
      reason: 'IdempotentParameterMismatchException',
    },
  );
  await expect(running.create('once')).rejects.toMatchObject({
    name: 'ConflictException',
    message: expect.stringContaining(first.agentRuntimeId ?? '?'),
  });
});

test('endpoints: ten at most, DEFAULT stays, taken names and versions that are not there are refused', async () => {
  const id = await running.ready('ends');
  const make = (name: string, agentRuntimeVersion?: string) =>
    send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId: id, name, agentRuntimeVersion }));
  for (let i = 1; i <= 9; i++) await make(`e${i}`);
  await expect(make('e1')).rejects.toMatchObject({ name: 'ConflictException' });
  await expect(make('DEFAULT')).rejects.toMatchObject({ name: 'ConflictException' });
  await expect(make('e10')).rejects.toMatchObject({ name: 'ServiceQuotaExceededException' });
  await expect(make('e11', '7')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  const remove = (endpointName: string) =>
    send(new DeleteAgentRuntimeEndpointCommand({ agentRuntimeId: id, endpointName }));
  await expect(remove('DEFAULT')).rejects.toMatchObject({ name: 'ConflictException' });
  expect(await remove('e1')).toMatchObject({ status: 'DELETING', agentRuntimeId: id, endpointName: 'e1' });
  await until(() =>
    endpoint(id, 'e1').then(
      () => false,
      (error) => error.name === 'ResourceNotFoundException',
    ),
  );
  expect(ended).toContain(`${id}/e1`);
  const { runtimeEndpoints = [], nextToken } = await send(
    new ListAgentRuntimeEndpointsCommand({ agentRuntimeId: id, maxResults: 8 }),
  );
  expect(runtimeEndpoints.map(({ name }) => name)).toEqual(['e9', 'e8', 'e7', 'e6', 'e5', 'e4', 'e3', 'e2']);
  const rest = await send(new ListAgentRuntimeEndpointsCommand({ agentRuntimeId: id, nextToken }));
  expect(rest.runtimeEndpoints?.map(({ name }) => name)).toEqual(['DEFAULT']);
});

test('a version that an endpoint uses stays; the others can be deleted', async () => {
  const id = await running.ready('versions');
  await send(new UpdateAgentRuntimeCommand({ agentRuntimeId: id, ...agent() }));
  await running.settled(id);
  const remove = (agentRuntimeVersion: string) =>
    send(new DeleteAgentRuntimeCommand({ agentRuntimeId: id, agentRuntimeVersion }));
  await expect(remove('2')).rejects.toMatchObject({
    name: 'ConflictException',
    message: expect.stringContaining('DEFAULT'),
  });
  expect(await remove('1')).toMatchObject({ status: 'DELETING', agentRuntimeVersion: '1' });
  await expect(get(id, '1')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  expect((await get(id)).agentRuntimeVersion).toBe('2');
});

test('deleting an agent ends its sessions and leaves nothing', async () => {
  const id = await running.ready('gone', { tags: { a: '1' } });
  const { codeFolder } = find(id).config;
  expect(await send(new DeleteAgentRuntimeCommand({ agentRuntimeId: id }))).toMatchObject({
    status: 'DELETING',
    agentRuntimeId: id,
  });
  await until(() =>
    get(id).then(
      () => false,
      (error) => error.name === 'ResourceNotFoundException',
    ),
  );
  expect(ended).toContain(`${id}/`);
  expect(existsSync(codeFolder)).toBe(false);
  expect(() => find(id)).toThrow(/There is no agent runtime/);
  await running.ready('gone');
});

test('tags of agents and their endpoints', async () => {
  const id = await running.ready('tagged', { tags: { team: 'a', stage: 'dev' } });
  const arn = (await get(id)).agentRuntimeArn ?? '';
  await send(
    new CreateAgentRuntimeEndpointCommand({ agentRuntimeId: id, name: 'prod', tags: { end: 'point' } }),
  );
  const tags = async (resourceArn: string) =>
    (await send(new ListTagsForResourceCommand({ resourceArn }))).tags;
  expect(await tags(arn)).toEqual({ team: 'a', stage: 'dev' });
  expect(await tags(`${arn}/runtime-endpoint/prod`)).toEqual({ end: 'point' });
  await send(new TagResourceCommand({ resourceArn: arn, tags: { stage: 'prod', more: '' } }));
  await send(new UntagResourceCommand({ resourceArn: arn, tagKeys: ['team', 'never'] }));
  expect(await tags(arn)).toEqual({ stage: 'prod', more: '' });
  expect((await get(id)).agentRuntimeVersion).toBe('1');
  const many = Object.fromEntries(Array.from({ length: 49 }, (_, i) => [`k${i}`, '']));
  await expect(send(new TagResourceCommand({ resourceArn: arn, tags: many }))).rejects.toMatchObject({
    name: 'ServiceQuotaExceededException',
  });
  const unknown = arn.replace(/\w+$/, 'A'.repeat(10));
  await expect(tags(unknown)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await expect(
    tags(`arn:aws:bedrock-agentcore:us-east-1:${account}:memory/m-0123456789`),
  ).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

test('targets: whose agent it is, and where', async () => {
  const id = await running.ready('whose');
  const arn = (await get(id)).agentRuntimeArn ?? '';
  const of = (agentRuntimeArn: string, from = scope, accountId?: string) =>
    running.control.targets.find(from, { agentRuntimeArn, accountId });
  expect(of(id, scope, account)).toMatchObject({
    runtimeId: id,
    runtimeArn: arn,
    endpoint: 'DEFAULT',
    scope,
  });
  const other = { account: '210987654321', region: 'us-east-1' };
  expect(() => of(arn, other)).toThrow(expect.objectContaining({ name: 'AccessDeniedException' }));
  expect(() => of(id, other)).toThrow(expect.objectContaining({ name: 'ResourceNotFoundException' }));
  expect(() => of(id, scope, other.account)).toThrow(
    expect.objectContaining({ name: 'AccessDeniedException' }),
  );
  expect(() => of(arn, { ...scope, region: 'eu-west-1' })).toThrow(/is in region us-east-1/);
  expect(() => of('arn:aws:s3:::agents')).toThrow(expect.objectContaining({ name: 'ValidationException' }));
  expect(() => find(id, 'nowhere')).toThrow(expect.objectContaining({ name: 'ResourceNotFoundException' }));
});

test('an unmodified boto3 goes the whole way', async () => {
  const { accessKeyId, secretAccessKey } = running.engine.credentials(account);
  const script = join(import.meta.dirname, 'control_boto3.py');
  const { stdout } = await promisify(execFile)(interopPython, [script], {
    env: {
      AWS_ENDPOINT_URL: running.engine.url,
      AWS_DEFAULT_REGION: scope.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
  });
  expect(JSON.parse(stdout)).toEqual({
    first: ['CREATING', '1', 'READY', { A: '1' }],
    second: ['READY', '2', false],
    endpoints: { prod: '1', DEFAULT: '2' },
    versions: ['2', '1'],
    tags: { team: 'a' },
    taken: 'ConflictException',
    deleting: 'DELETING',
    gone: true,
  });
});
