import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListCodeInterpreterSessionsCommand } from '@aws-sdk/client-bedrock-agentcore';
import { ListMemoriesCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { createAgentCore } from '../../src/agentcore/agentcore.ts';
import { regionOf } from '../../src/agentcore/arn.ts';
import { explain } from '../../src/agentcore/errors.ts';
import { parseConfig } from '../../src/config.ts';
import { callerIdentity, json, recorded, startStandIn, stubAws, stubKeys } from '../support/aws-stand-in.ts';
import { temporaryDir } from '../support/temporary.ts';

let standIn: Awaited<ReturnType<typeof startStandIn>>;

beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(() => standIn.close());
afterEach(() => {
  vi.unstubAllEnvs();
});

/** An environment in which AWS is the stand-in, and no credentials and no region are to be found. */
beforeEach(() => {
  stubAws(standIn.url);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent/config');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent/credentials');
});

function withConfig(text: string): void {
  const file = join(temporaryDir(), 'config');
  writeFileSync(file, text);
  vi.stubEnv('AWS_CONFIG_FILE', file);
}

const aws = (...flags: string[]) => createAgentCore(parseConfig(['--backend', 'aws', ...flags]));

const list = new ListCodeInterpreterSessionsCommand({ codeInterpreterIdentifier: 'aws.codeinterpreter.v1' });

async function failure(work: Promise<unknown>) {
  const error = await work.then(
    () => expect.fail('the call succeeded'),
    (thrown: unknown) => thrown,
  );
  return explain(error, { backend: 'aws' }).details;
}

const sent = async (agentcore = aws()) => (await agentcore.data()).send(list);

test('without any credentials the answer lists the ways to give them', async () => {
  const details = await failure(sent(aws('--region', 'us-west-2')));
  expect(details).toMatchObject({ code: 'CredentialsMissing', retryable: false });
  expect(details.hint).toMatch(/--profile.*AWS_PROFILE.*AWS_ACCESS_KEY_ID.*--backend local/);
  expect(standIn.requests).toHaveLength(0);
});

test('a profile that does not exist is named', async () => {
  withConfig('[profile real]\nregion = eu-west-1\n');
  const details = await failure(sent(aws('--profile', 'ghost', '--region', 'us-west-2')));
  expect(details.code).toBe('CredentialsMissing');
  expect(details.hint).toContain('The profile ghost gives no credentials');
});

test('a profile that does not exist is not searched for a region, and the nearest is named', async () => {
  withConfig('[profile working]\noutput = json\n[sso-session workin]\nsso_region = us-east-1\n');
  expect(await failure(sent(aws('--profile', 'workin')))).toMatchObject({
    code: 'ProfileMissing',
    message: 'There is no AWS profile workin. Did you mean working?',
    hint: expect.stringMatching(/--profile.* There are: working\.$/),
  });
  vi.stubEnv('AWS_PROFILE', 'nosuch');
  expect(await failure(sent())).toMatchObject({ message: 'There is no AWS profile nosuch.' });
  vi.stubEnv('AWS_PROFILE', 'working');
  expect(await failure(sent())).toMatchObject({ code: 'RegionMissing' });
});

test('an expired SSO session says how to sign in again', async () => {
  const home = temporaryDir();
  const cache = join(home, '.aws', 'sso', 'cache');
  mkdirSync(cache, { recursive: true });
  const token = {
    accessToken: 'old',
    expiresAt: '2024-01-01T00:00:00Z',
    startUrl: 'https://example.awsapps.com/start',
  };
  writeFileSync(
    join(cache, `${createHash('sha1').update('work').digest('hex')}.json`),
    JSON.stringify(token),
  );
  vi.stubEnv('HOME', home);
  withConfig(`[sso-session work]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
[profile dev]
sso_session = work
sso_account_id = 123456789012
sso_role_name = Developer
region = eu-west-1
`);
  const details = await failure(sent(aws('--profile', 'dev')));
  expect(details).toMatchObject({ code: 'SsoExpired', retryable: false });
  expect(details.hint).toContain('aws sso login --profile dev');
});

test('no region at all is an error that says where to set one', async () => {
  stubKeys();
  const details = await failure(sent());
  expect(details.code).toBe('RegionMissing');
  expect(details.hint).toMatch(/--region or AWS_REGION/);
});

test('the region is the flag, AWS_REGION, the profile, or AWS_DEFAULT_REGION, in this order', async () => {
  withConfig('[profile dev]\nregion = eu-west-1\n');
  vi.stubEnv('AWS_DEFAULT_REGION', 'ap-south-1');
  expect(await aws().region()).toBe('ap-south-1');
  expect(await aws('--profile', 'dev').region()).toBe('eu-west-1');
  vi.stubEnv('AWS_REGION', 'us-east-2');
  expect(await aws('--profile', 'dev').region()).toBe('us-east-2');
  expect(await aws('--profile', 'dev', '--region', 'sa-east-1').region()).toBe('sa-east-1');
});

test('each region has its own client of each plane, made once', async () => {
  stubKeys();
  standIn.answer(json({ items: [], memories: [] }));
  const agentcore = aws('--region', 'us-west-2');
  expect(await agentcore.data()).toBe(await agentcore.data('us-west-2'));
  expect(await agentcore.data('eu-west-1')).not.toBe(await agentcore.data());
  await (await agentcore.data('eu-west-1')).send(list);
  await (await agentcore.control('ap-northeast-1')).send(new ListMemoriesCommand({}));
  const [data, control] = standIn.requests;
  expect(data?.headers.authorization).toContain('/eu-west-1/bedrock-agentcore/');
  expect(control?.headers.authorization).toContain('/ap-northeast-1/bedrock-agentcore/');
});

test("the profile's credentials are taken, also with keys in the environment", async () => {
  stubKeys();
  withConfig(
    '[profile dev]\nregion = eu-west-1\naws_access_key_id = AKIAPROFILEPROFILE00\naws_secret_access_key = x\n',
  );
  standIn.answer(json({ items: [] }));
  await sent(aws('--profile', 'dev'));
  expect(standIn.requests[0]?.headers.authorization).toContain('Credential=AKIAPROFILEPROFILE00/');
});

test('the origin asks for the account once', async () => {
  stubKeys();
  standIn.answer(callerIdentity('123456789012'));
  const agentcore = aws('--region', 'us-west-2');
  expect(await agentcore.origin()).toEqual({ backend: 'aws', account: '123456789012', region: 'us-west-2' });
  expect(await agentcore.origin('eu-west-1')).toEqual({
    backend: 'aws',
    account: '123456789012',
    region: 'eu-west-1',
  });
  expect(standIn.requests).toHaveLength(1);
});

test('an account that cannot be asked for is asked for again after a while, not in every call', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  stubKeys();
  const agentcore = aws('--region', 'us-west-2');
  standIn.answer(recorded('sts-expired-token'));
  expect(await failure(agentcore.origin())).toMatchObject({ code: 'CredentialsExpired' });
  const asked = standIn.requests.length;
  expect(await failure(agentcore.origin())).toMatchObject({ code: 'CredentialsExpired' });
  expect(standIn.requests).toHaveLength(asked);
  standIn.answer(callerIdentity('123456789012'));
  vi.setSystemTime(Date.now() + 60_000);
  expect((await agentcore.origin()).account).toBe('123456789012');
});

test('the wrong account is refused before anything is sent to AgentCore', async () => {
  stubKeys();
  standIn.answer(callerIdentity('123456789012'));
  const details = await failure(sent(aws('--region', 'us-west-2', '--expect-account', '999999999999')));
  expect(details.code).toBe('WrongAccount');
  expect(details.message).toContain('123456789012');
  expect(standIn.requests.map(({ path }) => path)).toEqual(['/']);
});

test('the expected account is asked for once and then works', async () => {
  stubKeys();
  standIn.answer(({ path }) => (path === '/' ? callerIdentity('123456789012') : json({ items: [] })));
  const agentcore = aws('--region', 'us-west-2', '--expect-account', '123456789012');
  await sent(agentcore);
  await sent(agentcore);
  expect(standIn.requests.filter(({ path }) => path === '/')).toHaveLength(1);
  expect(standIn.requests).toHaveLength(3);
});

test('an ARN names its region', () => {
  expect(regionOf('arn:aws:bedrock-agentcore:eu-west-1:123456789012:runtime/a-1234567890')).toBe('eu-west-1');
  expect(regionOf('arn:aws-us-gov:bedrock-agentcore:us-gov-west-1:123456789012:memory/m')).toBe(
    'us-gov-west-1',
  );
  expect(regionOf('arn:aws:iam::123456789012:role/x')).toBeUndefined();
  expect(regionOf('memory-1234567890')).toBeUndefined();
});
