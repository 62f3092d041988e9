import type { BedrockAgentCoreClient, BedrockAgentCoreClientConfig } from '@aws-sdk/client-bedrock-agentcore';
import type { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import type { AgentCore } from './agentcore.ts';
import { remember } from './calls.ts';

/** Settings that the SDK clients of both planes understand alike. */
export type ClientSettings = Pick<
  BedrockAgentCoreClientConfig,
  | 'authSchemePreference'
  | 'credentials'
  | 'defaultsMode'
  | 'endpoint'
  | 'maxAttempts'
  | 'profile'
  | 'requestHandler'
  | 'retryMode'
  | 'useDualstackEndpoint'
  | 'useFipsEndpoint'
  | 'userAgentAppId'
>;

/** How one backend is reached. */
export interface Seam {
  backend: AgentCore['backend'];
  /** Named in hints, where credentials come from a profile. */
  profile?: string;
  settings: ClientSettings;
  /** Goes around every call: may refuse it, prepare it or send it again. */
  around<Result>(send: () => Promise<Result>): Promise<Result>;
}

/** The longest call AgentCore answers in one piece takes 15 minutes; what it streams may fall silent no longer. */
const longestCallMs = 16 * 60_000;

/** Deadlines for both backends. A tool that waits less aborts its call by itself. */
export const deadlines = {
  connectionTimeout: 5_000,
  requestTimeout: longestCallMs,
  socketTimeout: longestCallMs,
  throwOnRequestTimeout: true,
};

type Client = BedrockAgentCoreClient | BedrockAgentCoreControlClient;

/** Puts the seam around each call of a client, and remembers with every error what was asked. */
async function through<Sdk extends Client>(
  client: Sdk,
  { backend, profile, around }: Seam,
  region: string,
): Promise<Sdk> {
  const { sendOnce } = await import('./once.ts');
  const { middlewareStack } = client as BedrockAgentCoreClient;
  sendOnce({ middlewareStack });
  middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const operation = commandName.replace(/Command$/, '');
        try {
          return await around(() => next(args));
        } catch (error) {
          throw remember(error, { backend, operation, region, profile, input: { ...args.input } });
        }
      },
    { step: 'initialize', name: 'agentcoreSeam', priority: 'high' },
  );
  return client;
}

function perRegion<Sdk>(make: (region: string) => Promise<Sdk>): (region: string) => Promise<Sdk> {
  const made = new Map<string, Promise<Sdk>>();
  return (region) => {
    const client = made.get(region) ?? make(region);
    made.set(region, client);
    return client;
  };
}

/** Clients of both planes, one per region, made on first use; only then is the AWS SDK loaded. */
export function createClients(seam: Seam) {
  return {
    data: perRegion(async (region) => {
      const { BedrockAgentCoreClient } = await import('@aws-sdk/client-bedrock-agentcore');
      return through(new BedrockAgentCoreClient({ ...seam.settings, region }), seam, region);
    }),
    control: perRegion(async (region) => {
      const { BedrockAgentCoreControlClient } = await import('@aws-sdk/client-bedrock-agentcore-control');
      return through(new BedrockAgentCoreControlClient({ ...seam.settings, region }), seam, region);
    }),
  };
}
