import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type {
  AgentRuntimeArtifact,
  GetAgentRuntimeResponse,
  UpdateAgentRuntimeCommandInput,
} from '@aws-sdk/client-bedrock-agentcore-control';
import type { RuntimeName } from '../../engine/sandbox/interpreters.ts';
import { ToolFailure } from '../../failure.ts';
import type { AgentCore } from '../agentcore.ts';
import { getAgent } from '../agents/agents.ts';
import type { CodePlace } from './upload.ts';

const FIRST_POLL_MS = 100;
const LONGEST_POLL_MS = 3_000;

export type ServerProtocol = 'HTTP' | 'MCP' | 'A2A' | 'AGUI';

/** What a caller decides about an agent. */
export interface Wanted {
  name: string;
  place: CodePlace;
  runtime: RuntimeName;
  entryPoint: string[];
  environment: Record<string, string>;
  /** What it has already, or HTTP, when the caller named none. */
  protocol?: ServerProtocol;
}

type Settings = Omit<UpdateAgentRuntimeCommandInput, 'agentRuntimeId'>;

function artifactOf({ place, runtime, entryPoint }: Wanted): AgentRuntimeArtifact {
  const code = { s3: { bucket: place.bucket, prefix: place.key } };
  return { codeConfiguration: { code, runtime, entryPoint } };
}

/** Makes the agent. */
export async function create(
  agentcore: AgentCore,
  wanted: Wanted,
  roleArn: string,
  signal: AbortSignal,
): Promise<GetAgentRuntimeResponse> {
  const { CreateAgentRuntimeCommand } = await import('@aws-sdk/client-bedrock-agentcore-control');
  const client = await agentcore.control();
  const { agentRuntimeId = '' } = await client.send(
    new CreateAgentRuntimeCommand({
      agentRuntimeName: wanted.name,
      agentRuntimeArtifact: artifactOf(wanted),
      roleArn,
      networkConfiguration: { networkMode: 'PUBLIC' },
      environmentVariables: wanted.environment,
      ...(wanted.protocol && { protocolConfiguration: { serverProtocol: wanted.protocol } }),
    }),
    { abortSignal: signal },
  );
  return untilStable(agentcore, agentRuntimeId, signal);
}

/** An update replaces everything, so what the caller did not name is sent as it is. */
function settingsFor(present: GetAgentRuntimeResponse, wanted: Wanted): Settings {
  const {
    roleArn,
    networkConfiguration,
    description,
    authorizerConfiguration,
    requestHeaderConfiguration,
    lifecycleConfiguration,
    metadataConfiguration,
    filesystemConfigurations,
    capacityProviderConfiguration,
    platformVersion,
  } = present;
  return {
    agentRuntimeArtifact: artifactOf(wanted),
    roleArn,
    networkConfiguration,
    description,
    authorizerConfiguration,
    requestHeaderConfiguration,
    protocolConfiguration: wanted.protocol
      ? { serverProtocol: wanted.protocol }
      : present.protocolConfiguration,
    lifecycleConfiguration,
    metadataConfiguration,
    environmentVariables: wanted.environment,
    filesystemConfigurations,
    capacityProviderConfiguration,
    platformVersion,
  };
}

/** Whether the agent runs with all that is wanted of it. */
export function isSame(present: GetAgentRuntimeResponse, wanted: Wanted): boolean {
  const { serverProtocol = 'HTTP' } = present.protocolConfiguration ?? {};
  return (
    present.status === 'READY' &&
    isDeepStrictEqual(present.agentRuntimeArtifact, artifactOf(wanted)) &&
    isDeepStrictEqual({ ...present.environmentVariables }, wanted.environment) &&
    (wanted.protocol ?? serverProtocol) === serverProtocol
  );
}

/** Makes a new version of the agent. */
export async function update(
  agentcore: AgentCore,
  present: GetAgentRuntimeResponse,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<GetAgentRuntimeResponse> {
  const { UpdateAgentRuntimeCommand } = await import('@aws-sdk/client-bedrock-agentcore-control');
  const client = await agentcore.control();
  const agentRuntimeId = present.agentRuntimeId ?? '';
  await client.send(new UpdateAgentRuntimeCommand({ agentRuntimeId, ...settingsFor(present, wanted) }), {
    abortSignal: signal,
  });
  return untilStable(agentcore, agentRuntimeId, signal);
}

/** The agent once nothing about it changes any more. @throws ToolFailure where it is being deleted. */
export async function untilStable(
  agentcore: AgentCore,
  id: string,
  signal: AbortSignal,
): Promise<GetAgentRuntimeResponse> {
  for (let pause = FIRST_POLL_MS; ; pause = Math.min(pause * 1.5, LONGEST_POLL_MS)) {
    const runtime = await getAgent(agentcore, id, signal);
    if (runtime.status === 'DELETING')
      throw new ToolFailure({
        code: 'Conflict',
        message: `The agent ${runtime.agentRuntimeName} is being deleted.`,
        hint: 'Wait until it is gone, or take another name.',
        retryable: true,
      });
    if (runtime.status !== 'CREATING' && runtime.status !== 'UPDATING') return runtime;
    await sleep(pause, undefined, { signal });
  }
}

/** @throws ToolFailure `DeployFailed` with the reason that AgentCore gives. */
export function checkReady(runtime: GetAgentRuntimeResponse): void {
  if (runtime.status === 'READY') return;
  throw new ToolFailure({
    code: 'DeployFailed',
    message: `${runtime.agentRuntimeName} did not get READY: its state is ${runtime.status}.`,
    foreign: runtime.failureReason,
    hint: 'Mend what the reason names, then deploy it again under the same name.',
  });
}
