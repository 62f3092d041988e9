import type { Config } from '../config.ts';
import { ToolFailure } from '../failure.ts';
import type { AgentCore } from './agentcore.ts';
import { remember } from './calls.ts';
import { createClients, deadlines } from './clients.ts';

/** Where STS cannot be reached, only one call in so many milliseconds waits for it. */
const failureStandsMs = 30_000;
const stsDeadlines = { ...deadlines, connectionTimeout: 3_000, requestTimeout: 10_000 };

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
    origin: async (named) => ({
      backend: 'aws',
      account: await account(),
      region: named ?? (await region()),
    }),
  };
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
  throw new ToolFailure({
    code: 'RegionMissing',
    message: `No AWS region is set${profile ? `, also not in the profile ${profile}` : ''}.`,
    hint: 'Give the argument region where the tool has it, or have the server restarted with --region or AWS_REGION.',
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
