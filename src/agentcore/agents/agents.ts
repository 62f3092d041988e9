import type { AgentRuntime, GetAgentRuntimeResponse } from '@aws-sdk/client-bedrock-agentcore-control';
import { ToolFailure } from '../../failure.ts';
import { nearest } from '../../platform/nearest.ts';
import type { AgentCore } from '../agentcore.ts';
import type { Pins } from '../api/pins.ts';
import { regionOf } from '../arn.ts';
import { everyPage } from '../every-page.ts';
import { agentName, parseAgent } from './names.ts';

/** Named where one is missing. */
const MAX_NAMES = 20;

/** An agent that was found, with the region it is in. */
export interface Agent {
  id: string;
  arn: string;
  name: string;
  region: string;
  /** Of the handle, when it named one. */
  endpoint?: string;
  /** Undefined where this caller may not look at runtimes but knows an ARN. */
  runtime?: GetAgentRuntimeResponse;
}

/** All agents of a region. */
export async function listAgents(
  agentcore: AgentCore,
  signal: AbortSignal,
  region?: string,
): Promise<AgentRuntime[]> {
  const { ListAgentRuntimesCommand } = await import('@aws-sdk/client-bedrock-agentcore-control');
  const client = await agentcore.control(region);
  return everyPage(async (page) => {
    const command = new ListAgentRuntimesCommand(page);
    const { agentRuntimes = [], nextToken } = await client.send(command, { abortSignal: signal });
    return { items: agentRuntimes, nextToken };
  });
}

export async function getAgent(
  agentcore: AgentCore,
  agentRuntimeId: string,
  signal: AbortSignal,
  region?: string,
): Promise<GetAgentRuntimeResponse> {
  const { GetAgentRuntimeCommand } = await import('@aws-sdk/client-bedrock-agentcore-control');
  const client = await agentcore.control(region);
  return client.send(new GetAgentRuntimeCommand({ agentRuntimeId }), { abortSignal: signal });
}

/**
 * The agent of a name, an id or an ARN.
 * @throws ToolFailure `NotFound` naming the nearest and those there are, `InvalidArgument` for an ARN that the operator's
 * pins do not allow.
 */
export async function findAgent(
  agentcore: AgentCore,
  handle: string,
  { pins, signal }: { pins: Pins; signal: AbortSignal },
): Promise<Agent> {
  const parsed = parseAgent(handle.trim());
  const region = allowedRegion(parsed?.arn, pins) ?? (await agentcore.region());
  const runtime = parsed
    ? await getKnown(agentcore, parsed, handle, { signal, region })
    : await getNamed(agentcore, handle.trim(), { signal, region });
  return {
    id: runtime?.agentRuntimeId ?? parsed?.id ?? '',
    arn: runtime?.agentRuntimeArn ?? parsed?.arn ?? '',
    name: runtime?.agentRuntimeName ?? parsed?.id.replace(/-[^-]*$/, '') ?? '',
    region,
    endpoint: parsed?.endpoint,
    runtime,
  };
}

function allowedRegion(arn: string | undefined, pins: Pins): string | undefined {
  const region = arn && regionOf(arn);
  const pin = pins.region;
  if (!region || !pin || pin.value === region) return region;
  throw new ToolFailure({
    code: 'InvalidArgument',
    message: `${arn} is in ${region}, but this server is fixed to ${pin.value} by ${pin.flag}.`,
    hint: 'Name an agent of that region. Nothing was sent.',
  });
}

interface Where {
  signal: AbortSignal;
  region: string;
}

/** Who knows an ARN may be allowed to invoke it and nothing else. */
async function getKnown(
  agentcore: AgentCore,
  { id, arn }: { id: string; arn?: string },
  handle: string,
  { signal, region }: Where,
): Promise<GetAgentRuntimeResponse | undefined> {
  try {
    return await getAgent(agentcore, id, signal, region);
  } catch (error) {
    const { name } = error as Error;
    if (name === 'ResourceNotFoundException') throw await unknown(agentcore, handle, { signal, region });
    if (name === 'AccessDeniedException' && arn) return undefined;
    throw error;
  }
}

/** The ids of agents by region and name, for those that were found before. */
const knownIds = new WeakMap<AgentCore, Map<string, string>>();

/** One that was found before is asked for by its id; whether it is still the one of this name, the answer tells. */
async function getNamed(agentcore: AgentCore, handle: string, at: Where): Promise<GetAgentRuntimeResponse> {
  const ids = knownIds.get(agentcore) ?? new Map<string, string>();
  knownIds.set(agentcore, ids);
  const place = `${at.region} ${handle}`;
  const known = ids.get(place);
  const runtime = known ? await getIfThere(agentcore, known, at) : undefined;
  if (runtime?.agentRuntimeName === handle && runtime.status !== 'DELETING') return runtime;
  const found = await lookUp(agentcore, handle, at);
  ids.set(place, found.agentRuntimeId ?? '');
  return found;
}

async function getIfThere(
  agentcore: AgentCore,
  id: string,
  { signal, region }: Where,
): Promise<GetAgentRuntimeResponse | undefined> {
  try {
    return await getAgent(agentcore, id, signal, region);
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

async function lookUp(agentcore: AgentCore, handle: string, at: Where): Promise<GetAgentRuntimeResponse> {
  const all = await listAgents(agentcore, at.signal, at.region);
  const named = (name: string) => all.find(({ agentRuntimeName }) => agentRuntimeName === name);
  const found = named(handle) ?? named(agentName(handle));
  if (!found?.agentRuntimeId) throw notFound(handle, all);
  return getAgent(agentcore, found.agentRuntimeId, at.signal, at.region);
}

async function unknown(
  agentcore: AgentCore,
  handle: string,
  { signal, region }: Where,
): Promise<ToolFailure> {
  return notFound(handle, await listAgents(agentcore, signal, region).catch(() => []));
}

function notFound(handle: string, all: readonly AgentRuntime[]): ToolFailure {
  const names = all.flatMap(({ agentRuntimeName }) => agentRuntimeName ?? []).toSorted();
  const meant = nearest(handle.slice(0, 100), names);
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  return new ToolFailure({
    code: 'NotFound',
    message: `There is no agent ${handle.slice(0, 200)}.${meant ? ` Did you mean ${meant}?` : ''}`,
    hint:
      names.length > 0
        ? `There are: ${names.slice(0, MAX_NAMES).join(', ')}${more}.`
        : 'There are no agents yet; deploy_agent makes one.',
  });
}
