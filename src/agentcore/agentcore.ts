import type { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import type { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Config } from '../config.ts';
import { awsAgentCore } from './aws.ts';
import { noteAsked } from './calls.ts';
import type { Deployment } from './deployment.ts';
import { localAgentCore } from './local.ts';

/** Who answered: shown with every result. */
export interface Origin {
  backend: 'local' | 'aws';
  account: string;
  region: string;
}

/** The one seam: AgentCore as the AWS SDK shows it, on AWS or on the local engine. */
export interface AgentCore {
  readonly backend: 'local' | 'aws';
  /** The region used when a call names none. */
  region(): Promise<string>;
  /** The data plane's client; made on first use. On the local backend this finds or starts the engine. */
  data(region?: string): Promise<BedrockAgentCoreClient>;
  /** The control plane's client, likewise. */
  control(region?: string): Promise<BedrockAgentCoreControlClient>;
  /** S3, for the code of agents. */
  s3(region?: string): Promise<S3Client>;
  /** CloudWatch Logs, where agents' output goes. */
  logs(region?: string): Promise<CloudWatchLogsClient>;
  /** Where the data plane is, for the calls that the SDK cannot make; without a slash at its end. */
  dataUrl(region?: string): Promise<string>;
  /** @throws ToolFailure where the operator has to say more for it. */
  deployment(region?: string): Promise<Deployment>;
  origin(region?: string): Promise<Origin>;
  /** What the user should know about the local engine, e.g. that it works with other settings; starts none. */
  notice?(): Promise<string | undefined>;
}

/** AgentCore as the configuration wants it. Touches nothing: no file, no network, no engine, no AWS SDK. */
export function createAgentCore(config: Config): AgentCore {
  const agentcore = config.backend === 'aws' ? awsAgentCore(config) : localAgentCore(config);
  const { backend } = agentcore;
  const asking = async (named: string | undefined) => {
    const region = named ?? (await agentcore.region());
    noteAsked({ backend, region });
    return region;
  };
  return {
    ...agentcore,
    data: async (named) => agentcore.data(await asking(named)),
    control: async (named) => agentcore.control(await asking(named)),
    s3: async (named) => agentcore.s3(await asking(named)),
    logs: async (named) => agentcore.logs(await asking(named)),
    dataUrl: async (named) => agentcore.dataUrl(await asking(named)),
  };
}
