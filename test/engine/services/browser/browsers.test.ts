import {
  ListBrowserSessionsCommand,
  StartBrowserSessionCommand,
  StopBrowserSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  CreateBrowserCommand,
  type CreateBrowserCommandInput,
  DeleteBrowserCommand,
  GetBrowserCommand,
  ListBrowsersCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { describe, expect, test } from 'vitest';
import { describeBrowser } from '../../../support/browser.ts';
import { account, browserIdentifier, useBrowsers } from './support.ts';

const engine = useBrowsers();
const PUBLIC = { networkConfiguration: { networkMode: 'PUBLIC' } } as const;
const arnOf = (id: string) => `arn:aws:bedrock-agentcore:us-east-1:${account}:browser-custom/${id}`;
const create = (name: string, input: Partial<CreateBrowserCommandInput> = {}) =>
  engine.control().send(new CreateBrowserCommand({ name, ...PUBLIC, ...input }));
const get = (browserId: string) => engine.control().send(new GetBrowserCommand({ browserId }));
const remove = (browserId: string) => engine.control().send(new DeleteBrowserCommand({ browserId }));

test('a browser is READY at once, as it was given, until it is deleted', async () => {
  const given = {
    description: 'for shops',
    executionRoleArn: `arn:aws:iam::${account}:role/browser`,
    recording: { enabled: true, s3Location: { bucket: 'recordings', prefix: 'all/' } },
    browserSigning: { enabled: true },
    networkConfiguration: {
      networkMode: 'VPC' as const,
      vpcConfig: { subnets: ['subnet-0123456789abcdef0'], securityGroups: ['sg-0123456789abcdef0'] },
    },
  };
  const made = await create('shops', { ...given, tags: { team: 'a' } });
  const id = made.browserId ?? '';
  expect(id).toMatch(/^shops-[a-zA-Z0-9]{10}$/);
  expect(made).toMatchObject({
    browserArn: arnOf(id),
    status: 'READY',
    createdAt: expect.any(Date),
    $metadata: { httpStatusCode: 202 },
  });
  expect(await get(id)).toMatchObject({ ...given, browserId: id, name: 'shops', status: 'READY' });
  const tags = () => engine.control().send(new ListTagsForResourceCommand({ resourceArn: arnOf(id) }));
  expect((await tags()).tags).toEqual({ team: 'a' });
  await expect(create('shops')).rejects.toMatchObject({ name: 'ConflictException' });
  expect(await remove(id)).toMatchObject({
    browserId: id,
    status: 'DELETING',
    $metadata: { httpStatusCode: 202 },
  });
  for (const gone of [get(id), remove(id), tags()])
    await expect(gone).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('the browser of every account is there, comes first, and cannot be deleted', async () => {
  const { browserId = '' } = await create('second');
  const system = {
    browserArn: `arn:aws:bedrock-agentcore:us-east-1:aws:browser/${browserIdentifier}`,
    status: 'READY',
  };
  expect(await get(browserIdentifier)).toMatchObject({ ...system, ...PUBLIC });
  const list = async (type?: 'SYSTEM' | 'CUSTOM') =>
    (await engine.control().send(new ListBrowsersCommand({ type }))).browserSummaries ?? [];
  expect(await list('SYSTEM')).toMatchObject([{ browserId: browserIdentifier, ...system }]);
  expect((await list('CUSTOM'))[0]?.browserId).toBe(browserId);
  expect((await list()).slice(0, 2).map((one) => one.browserId)).toEqual([browserIdentifier, browserId]);
  await expect(remove(browserIdentifier)).rejects.toMatchObject({ name: 'ValidationException' });
});

describe('a browser is not made with', () => {
  const bucket = { location: { s3: { bucket: 'nowhere', prefix: 'all.json' } } };
  test.each<[string, Partial<CreateBrowserCommandInput>, string]>([
    [
      'a role of another account',
      { executionRoleArn: 'arn:aws:iam::999999999999:role/x' },
      'executionRoleArn',
    ],
    ['VPC without a VPC', { networkConfiguration: { networkMode: 'VPC' } }, 'networkConfiguration.vpcConfig'],
    ['a recording that goes nowhere', { recording: { enabled: true } }, 'recording.s3Location'],
    ['policies that are not there', { enterprisePolicies: [bucket] }, 'enterprisePolicies.0.location.s3'],
    [
      'recommended policies',
      { enterprisePolicies: [{ ...bucket, type: 'RECOMMENDED' }] },
      'enterprisePolicies.0.type',
    ],
    ['tags of AWS', { tags: { 'aws:x': '1' } }, 'tags'],
  ])('%s', async (_what, input, name) => {
    await expect(create('wrong', input)).rejects.toMatchObject({
      name: 'ValidationException',
      fieldList: [{ name }],
    });
  });
});

describeBrowser('a browser with sessions', () => {
  test('lists its own and is not deleted', async () => {
    const { browserId = '' } = await create('busy');
    const at = { browserIdentifier: browserId };
    const started = await engine
      .data()
      .send(new StartBrowserSessionCommand({ browserIdentifier: arnOf(browserId) }));
    const { sessionId } = started;
    expect(started.browserIdentifier).toBe(browserId);
    const listed = async (browserIdentifier: string) =>
      (await engine.data().send(new ListBrowserSessionsCommand({ browserIdentifier }))).items;
    expect(await listed(browserId)).toMatchObject([{ ...at, sessionId, status: 'READY' }]);
    expect(await listed(browserIdentifier)).toEqual([]);
    await expect(remove(browserId)).rejects.toMatchObject({
      name: 'ConflictException',
      message: expect.stringContaining(sessionId ?? ''),
    });
    await engine.data().send(new StopBrowserSessionCommand({ ...at, sessionId }));
    expect(await remove(browserId)).toMatchObject({ status: 'DELETING' });
  });
});
