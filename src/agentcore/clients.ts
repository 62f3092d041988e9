import type { BedrockAgentCoreClient, BedrockAgentCoreClientConfig } from '@aws-sdk/client-bedrock-agentcore';
import type { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { S3Client } from '@aws-sdk/client-s3';
import type { AgentCore } from './agentcore.ts';
import { askedOf, remember } from './calls.ts';
import { runsSomething } from './operations.ts';

/** Settings that all SDK clients understand alike. */
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
  /** Buckets are named in the path, because names made of them lead nowhere. */
  bucketsInPath?: boolean;
  /** For calls that run nothing; by default what suits the backend. */
  giveUpAfterMs?: number;
  /** Goes around every call: may refuse it, prepare it or send it again. */
  around<Result>(send: () => Promise<Result>): Promise<Result>;
}

/** The longest call AgentCore answers in one piece takes 15 minutes; what it streams may fall silent no longer. */
const longestCallMs = 16 * 60_000;

/**
 * All other calls are given up after this, together with their repetitions: on AWS before a tool's usual wait is over;
 * the local engine may first have to be started.
 */
const patienceMs = { aws: 40_000, local: 120_000 };

/** Deadlines for both backends. A tool that waits less aborts its call by itself. */
export const deadlines = {
  connectionTimeout: 5_000,
  requestTimeout: longestCallMs,
  socketTimeout: longestCallMs,
  throwOnRequestTimeout: true,
};

type Client = BedrockAgentCoreClient | BedrockAgentCoreControlClient | CloudWatchLogsClient | S3Client;
type Send = (
  command: object,
  options?: { abortSignal?: AbortSignal; requestTimeout?: number },
) => Promise<unknown>;

/** Whether a call may take its time: it runs something, or brings a large file. */
const takesLong = (commandName: string) => runsSomething(commandName) || commandName === 'PutObjectCommand';

/**
 * Lets a client give up calls that should be short, also where the answer begins and then stands still. A caller's own
 * deadline, `AbortSignal.timeout`, is a time-out as well.
 */
function giveUpAfter(client: Client, ms: number): void {
  const send = client.send.bind(client) as Send;
  const sendInTime: Send = async (command, options = {}) => {
    if (takesLong(command.constructor.name)) return send(command, options);
    const overdue = AbortSignal.timeout(ms);
    const { abortSignal } = options;
    const either = abortSignal ? AbortSignal.any([abortSignal, overdue]) : overdue;
    try {
      return await send(command, { ...options, abortSignal: either });
    } catch (error) {
      const asked = error instanceof Error && askedOf(error);
      if (either.reason?.name !== 'TimeoutError' || !asked) throw error;
      // Of its own, because a caller's deadline may end several calls.
      throw remember(new DOMException('The time for the call is over.', 'TimeoutError'), asked);
    }
  };
  client.send = sendInTime as typeof client.send;
}

const operationOf = (commandName: string) => commandName.replace(/Command$/, '');

/** Puts the seam around each call of a client, and remembers with every error what was asked. */
async function through<Sdk extends Client>(
  client: Sdk,
  { backend, profile, around, giveUpAfterMs = patienceMs[backend] }: Seam,
  region: string,
): Promise<Sdk> {
  const { sendOnce } = await import('./once.ts');
  const { middlewareStack } = client as BedrockAgentCoreClient;
  giveUpAfter(client, giveUpAfterMs);
  sendOnce({ middlewareStack });
  middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const operation = operationOf(commandName);
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

/** The clients, one of each kind per region, made on first use; only then is the AWS SDK loaded. */
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
    s3: perRegion(async (region) => {
      const { S3Client } = await import('@aws-sdk/client-s3');
      const settings = { ...seam.settings, forcePathStyle: seam.bucketsInPath ?? false };
      return through(new S3Client({ ...settings, region }), seam, region);
    }),
    logs: perRegion(async (region) => {
      const { CloudWatchLogsClient } = await import('@aws-sdk/client-cloudwatch-logs');
      return through(new CloudWatchLogsClient({ ...seam.settings, region }), seam, region);
    }),
  };
}
