import {
  GetCodeInterpreterSessionCommand,
  InvokeCodeInterpreterCommand,
  ListCodeInterpreterSessionsCommand,
  StopCodeInterpreterSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient,
  CreateCodeInterpreterCommand,
  type CreateCodeInterpreterCommandInput,
  DeleteCodeInterpreterCommand,
  GetCodeInterpreterCommand,
  ListCodeInterpretersCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { describe, expect, test } from 'vitest';
import { createServices } from '../../../../src/engine/services/index.ts';
import { FakeSandboxes } from './fake-sandboxes.ts';
import { identifier, startSession, useEngine } from './support.ts';

const account = '123456789012';
const engine = useEngine({
  services: (parts) => createServices({ ...parts, sandboxes: new FakeSandboxes() }),
});
const control = (owner = account) => new BedrockAgentCoreControlClient(engine.config(owner));
const data = () => engine.client(account);
const PUBLIC = { networkConfiguration: { networkMode: 'PUBLIC' } } as const;
const roleArn = (owner: string) => `arn:aws:iam::${owner}:role/code`;

async function create(
  name: string,
  input: Partial<CreateCodeInterpreterCommandInput> = {},
  owner = account,
): Promise<string> {
  const made = await control(owner).send(new CreateCodeInterpreterCommand({ name, ...PUBLIC, ...input }));
  return made.codeInterpreterId ?? '';
}

const get = (codeInterpreterId: string, owner = account) =>
  control(owner).send(new GetCodeInterpreterCommand({ codeInterpreterId }));
const remove = (codeInterpreterId: string, clientToken?: string) =>
  control().send(new DeleteCodeInterpreterCommand({ codeInterpreterId, clientToken }));
const arnOf = (id: string) => `arn:aws:bedrock-agentcore:us-east-1:${account}:code-interpreter-custom/${id}`;

describe('a custom interpreter', () => {
  test('is READY at once, as it was given', async () => {
    const given = { description: 'for reports', executionRoleArn: roleArn(account) };
    const made = await control().send(
      new CreateCodeInterpreterCommand({ name: 'reports', ...PUBLIC, ...given }),
    );
    const id = made.codeInterpreterId ?? '';
    expect(id).toMatch(/^reports-[a-zA-Z0-9]{10}$/);
    expect(made).toMatchObject({
      codeInterpreterArn: arnOf(id),
      status: 'READY',
      createdAt: expect.any(Date),
      $metadata: { httpStatusCode: 202 },
    });
    expect(await get(id)).toMatchObject({ ...given, ...PUBLIC, name: 'reports', status: 'READY' });
    await expect(get(id, '000000000000')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('keeps the settings of its VPC', async () => {
    const vpcConfig = { subnets: ['subnet-0123456789abcdef0'], securityGroups: ['sg-0123456789abcdef0'] };
    const networkConfiguration = { networkMode: 'VPC' as const, vpcConfig };
    expect(await get(await create('private', { networkConfiguration }))).toMatchObject({
      networkConfiguration,
    });
  });

  test('has a name of its own, but only in its account', async () => {
    const id = await create('once');
    await expect(create('once')).rejects.toMatchObject({
      name: 'ConflictException',
      message: expect.stringContaining(id),
    });
    expect(await create('once', {}, '000000000000')).not.toBe(id);
  });

  test('is made once for a client token', async () => {
    const clientToken = 'a'.repeat(33);
    const id = await create('twice', { clientToken });
    expect(await create('twice', { clientToken })).toBe(id);
    const other = create('twice', { clientToken, description: 'another' });
    await expect(other).rejects.toMatchObject({ name: 'ValidationException' });
    await remove(id, clientToken);
    expect(await remove(id, clientToken)).toMatchObject({ codeInterpreterId: id, status: 'DELETING' });
  });

  test('has tags, which go with it', async () => {
    const id = await create('tagged', { tags: { team: 'a' } });
    const resourceArn = arnOf(id);
    const tags = async () => (await control().send(new ListTagsForResourceCommand({ resourceArn }))).tags;
    await control().send(new TagResourceCommand({ resourceArn, tags: { cost: '1' } }));
    await control().send(new UntagResourceCommand({ resourceArn, tagKeys: ['team'] }));
    expect(await tags()).toEqual({ cost: '1' });
    await remove(id);
    await expect(tags()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test.each<[string, Partial<CreateCodeInterpreterCommandInput>, string]>([
    ['a role of another account', { executionRoleArn: roleArn('999999999999') }, 'executionRoleArn'],
    ['VPC without a VPC', { networkConfiguration: { networkMode: 'VPC' } }, 'networkConfiguration.vpcConfig'],
    [
      'certificates, which it could not install',
      {
        certificates: [
          {
            location: {
              secretsManager: { secretArn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:a-AbCdEf' },
            },
          },
        ],
      },
      'certificates',
    ],
    [
      'file systems, which it could not mount',
      {
        filesystemConfigurations: [
          {
            efsConfiguration: {
              accessPointArn: `arn:aws:elasticfilesystem:us-east-1:${account}:access-point/fsap-0123456789abcdef0`,
              fileSystemArn: `arn:aws:elasticfilesystem:us-east-1:${account}:file-system/fs-0123456789abcdef0`,
              mountPath: '/mnt/data',
            },
          },
        ],
      },
      'filesystemConfigurations',
    ],
    ['tags of AWS', { tags: { 'aws:x': '1' } }, 'tags'],
  ])('is not made with %s', async (_what, input, name) => {
    await expect(create('wrong', input)).rejects.toMatchObject({
      name: 'ValidationException',
      fieldList: [{ name }],
    });
  });
});

test('interpreters are listed page by page, the one of every account first', async () => {
  const owner = '210987654321';
  const ids = [];
  for (const name of ['a', 'b', 'c']) ids.unshift(await create(name, {}, owner));
  const seen = async (maxResults: number, type?: 'SYSTEM' | 'CUSTOM') => {
    const found: unknown[] = [];
    let nextToken: string | undefined;
    do {
      const query = new ListCodeInterpretersCommand({ maxResults, nextToken, type });
      const page = await control(owner).send(query);
      const summaries = page.codeInterpreterSummaries ?? [];
      expect(summaries.length).toBeLessThanOrEqual(maxResults);
      found.push(...summaries.map(({ codeInterpreterId }) => codeInterpreterId));
      nextToken = page.nextToken;
    } while (nextToken);
    return found;
  };
  for (const size of [1, 2, 3, 100]) {
    expect(await seen(size)).toEqual([identifier, ...ids]);
    expect(await seen(size, 'CUSTOM')).toEqual(ids);
    expect(await seen(size, 'SYSTEM')).toEqual([identifier]);
  }
});

describe('sessions of a custom interpreter', () => {
  test('are its own, by id or ARN', async () => {
    const id = await create('own');
    const sessionId = await startSession(data(), { codeInterpreterIdentifier: arnOf(id), name: 'mine' });
    const at = { codeInterpreterIdentifier: id, sessionId };
    expect(await data().send(new GetCodeInterpreterSessionCommand(at))).toMatchObject({
      ...at,
      status: 'READY',
    });
    const listed = async (codeInterpreterIdentifier: string) =>
      (await data().send(new ListCodeInterpreterSessionsCommand({ codeInterpreterIdentifier }))).items;
    expect(await listed(id)).toMatchObject([{ ...at, name: 'mine' }]);
    expect(await listed(identifier)).toEqual([]);
    const elsewhere = { ...at, codeInterpreterIdentifier: identifier };
    for (const command of [
      new GetCodeInterpreterSessionCommand(elsewhere),
      new StopCodeInterpreterSessionCommand(elsewhere),
      new InvokeCodeInterpreterCommand({
        ...elsewhere,
        name: 'executeCommand',
        arguments: { command: 'ls' },
      }),
    ])
      await expect(data().send(command as GetCodeInterpreterSessionCommand)).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
      });
  });

  test('keep it from being deleted', async () => {
    const id = await create('busy');
    const sessionId = await startSession(data(), { codeInterpreterIdentifier: id });
    await expect(remove(id)).rejects.toMatchObject({
      name: 'ConflictException',
      message: expect.stringContaining(sessionId),
    });
    const at = { codeInterpreterIdentifier: id, sessionId };
    await data().send(new StopCodeInterpreterSessionCommand(at));
    expect(await remove(id)).toMatchObject({
      status: 'DELETING',
      lastUpdatedAt: expect.any(Date),
      $metadata: { httpStatusCode: 202 },
    });
    for (const gone of [get(id), remove(id), startSession(data(), { codeInterpreterIdentifier: id })])
      await expect(gone).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

test('the interpreter of every account cannot be deleted', async () => {
  await expect(remove(identifier)).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining('cannot be deleted'),
  });
});
