import type { Config } from '../config.ts';
import { ToolFailure } from '../failure.ts';
import { nearest } from '../platform/nearest.ts';
import type { AgentCore } from './agentcore.ts';
import { remember } from './calls.ts';
import { createClients, deadlines } from './clients.ts';
import { awsDeployment } from './deployment.ts';

/** Where STS cannot be reached, only one call in so many milliseconds waits for it. */
const failureStandsMs = 30_000;
const stsDeadlines = {
  ...deadlines,
  connectionTimeout: 3_000,
  requestTimeout: 10_000,
  socketTimeout: 10_000,
};
/** Named where one is missing. */
const MAX_PROFILES = 20;

/** AgentCore on AWS, with credentials and region where the AWS CLI finds them. */
export function awsAgentCore(config: Config): AgentCore {
  const { profile, expectAccount } = config;
  const region = once(() => findRegion(config));
  const account = once(async () => askAccount(await region(), profile), failureStandsMs);

  const clients = createClients({
    backend: 'aws',
    profile,
    settings: { profile, requestHandler: deadlines, userAgentAppId: 'agentcore-mcp' },
    async around(send) {
      if (expectAccount) refuseOther(expectAccount, await account());
      return send();
    },
  });
  return {
    backend: 'aws',
    region,
    data: async (named) => clients.data(named ?? (await region())),
    control: async (named) => clients.control(named ?? (await region())),
    s3: async (named) => clients.s3(named ?? (await region())),
    logs: async (named) => clients.logs(named ?? (await region())),
    dataUrl: async (named) => dataUrl(named ?? (await region())),
    deployment: async () => awsDeployment(config, await account()),
    origin: async (named) => ({
      backend: 'aws',
      account: await account(),
      region: named ?? (await region()),
    }),
  };
}

/** As the SDK finds it, with the variables that move it. */
function dataUrl(region: string): string {
  const moved = process.env.AWS_ENDPOINT_URL_BEDROCK_AGENTCORE ?? process.env.AWS_ENDPOINT_URL;
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return moved?.replace(/\/$/, '') ?? `https://bedrock-agentcore.${region}.${suffix}`;
}

function refuseOther(expected: string, account: string): void {
  if (account === expected) return;
  throw new ToolFailure({
    code: 'WrongAccount',
    message: `The AWS credentials belong to account ${account}, but this server only works in ${expected}.`,
    hint: 'Switch the profile or credentials, or change --expect-account.',
  });
}

/** The answer of the first call that succeeds. A failure stands for a while too, so that not every call waits for it. */
function once<Result>(ask: () => Promise<Result>, failureStandsMs = 0): () => Promise<Result> {
  let asked: Promise<Result> | undefined;
  let askAgainAt = Number.POSITIVE_INFINITY;
  return () => {
    if (asked && Date.now() < askAgainAt) return asked;
    askAgainAt = Number.POSITIVE_INFINITY;
    asked = ask();
    asked.catch(() => {
      askAgainAt = Date.now() + failureStandsMs;
    });
    return asked;
  };
}

/** `--region`, AWS_REGION, the profile's region, or AWS_DEFAULT_REGION, which other AWS tools know but this SDK does not. */
async function findRegion({ region, profile }: Config): Promise<string> {
  if (region) return region;
  const { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS } = await import(
    '@smithy/core/config'
  );
  const find = loadConfig(
    { ...NODE_REGION_CONFIG_OPTIONS, default: () => process.env.AWS_DEFAULT_REGION ?? '' },
    { ...NODE_REGION_CONFIG_FILE_OPTIONS, profile },
  );
  const found = await find();
  if (found) return found;
  await refuseMissing(profile ?? process.env.AWS_PROFILE);
  throw new ToolFailure({
    code: 'RegionMissing',
    message: `No AWS region is set${profile ? `, also not in the profile ${profile}` : ''}.`,
    hint: 'Give the argument region where the tool has it, or have the server restarted with --region or AWS_REGION.',
  });
}

/** @throws ToolFailure `ProfileMissing` for a profile that is in none of the user's AWS files. */
async function refuseMissing(profile: string | undefined): Promise<void> {
  if (!profile) return;
  const { loadSharedConfigFiles } = await import('@smithy/core/config');
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  const sections = Object.keys({ ...configFile, ...credentialsFile });
  if (sections.includes(profile)) return;
  const profiles = sections.filter((name) => !/^(?:sso-session|services)\./.test(name));
  const meant = nearest(profile, profiles);
  throw new ToolFailure({
    code: 'ProfileMissing',
    message: `There is no AWS profile ${profile}.${meant ? ` Did you mean ${meant}?` : ''}`,
    hint: `Have the server restarted with another --profile or AWS_PROFILE. There are: ${profiles.slice(0, MAX_PROFILES).join(', ') || 'none'}.`,
  });
}

async function askAccount(region: string, profile: string | undefined): Promise<string> {
  const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  const sts = new STSClient({ region, profile, requestHandler: stsDeadlines, maxAttempts: 2 });
  try {
    const { Account = '' } = await sts.send(new GetCallerIdentityCommand({}));
    return Account;
  } catch (error) {
    throw remember(error, { backend: 'aws', operation: 'GetCallerIdentity', region, profile });
  }
}
