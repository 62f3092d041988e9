import type { Memory as MemoryDetails, MemorySummary } from '@aws-sdk/client-bedrock-agentcore-control';
import { ToolFailure } from '../../failure.ts';
import { nearest } from '../../platform/nearest.ts';
import type { AgentCore } from '../agentcore.ts';
import type { Pins } from '../api/pins.ts';
import { everyPage } from '../every-page.ts';
import type { Page, Query } from '../items.ts';
import { named } from './named.ts';
import { memoryName, nameOf, parseMemory } from './names.ts';

/** The memory that everybody has on the local engine. */
export const defaultMemory = 'default_memory-0000000000';

/** A memory that was found, with the region it is in. */
export interface Memory {
  id: string;
  region: string;
  details: MemoryDetails;
}

export interface Where {
  pins: Pins;
  signal: AbortSignal;
}

/** All memories of a region. */
export async function listMemories(
  agentcore: AgentCore,
  { region, signal }: { region?: string; signal: AbortSignal },
): Promise<MemorySummary[]> {
  const { ListMemoriesCommand } = await import('@aws-sdk/client-bedrock-agentcore-control');
  const client = await agentcore.control(region);
  return everyPage(async (page) => {
    const { memories = [], nextToken } = await client.send(new ListMemoriesCommand(page), {
      abortSignal: signal,
    });
    return { items: memories, nextToken };
  });
}

/** The memories, one page at a time. */
export async function memoriesOf(
  agentcore: AgentCore,
  { maxResults, nextToken, signal }: Query,
): Promise<Page> {
  const { ListMemoriesCommand } = await import('@aws-sdk/client-bedrock-agentcore-control');
  const client = await agentcore.control();
  const command = new ListMemoriesCommand({ maxResults, nextToken });
  const page = await client.send(command, { abortSignal: signal });
  const items = (page.memories ?? []).map(({ id = '', status }) => ({
    kind: 'memory' as const,
    id,
    name: nameOf(id),
    state: status,
  }));
  return { items, nextToken: page.nextToken };
}

/** @throws the SDK's ResourceNotFoundException. */
export async function getMemory(
  agentcore: AgentCore,
  memoryId: string,
  { region, signal }: { region?: string; signal: AbortSignal },
): Promise<MemoryDetails> {
  const { GetMemoryCommand } = await import('@aws-sdk/client-bedrock-agentcore-control');
  const client = await agentcore.control(region);
  const { memory } = await client.send(new GetMemoryCommand({ memoryId }), { abortSignal: signal });
  return memory as MemoryDetails;
}

/**
 * The memory of a name, an id or an ARN; without one the only one there is, or the default one.
 * @throws ToolFailure `NotFound` or `InvalidArgument` naming those there are.
 */
export async function findMemory(
  agentcore: AgentCore,
  handle: string | undefined,
  { pins, signal }: Where,
): Promise<Memory> {
  const known = handle === undefined ? undefined : parseMemory(handle.trim());
  const region = allowedRegion(known?.region, pins) ?? (await agentcore.region());
  const id = known?.id ?? (await chosen(agentcore, handle, { region, signal }));
  try {
    return { id, region, details: await getMemory(agentcore, id, { region, signal }) };
  } catch (error) {
    if ((error as Error).name !== 'ResourceNotFoundException') throw error;
    throw notFound(id, await listMemories(agentcore, { region, signal }));
  }
}

async function chosen(
  agentcore: AgentCore,
  name: string | undefined,
  at: { region: string; signal: AbortSignal },
): Promise<string> {
  const all = await listMemories(agentcore, at);
  const ids = all.flatMap(({ id, status }) => (id && status !== 'DELETING' ? [id] : []));
  if (name !== undefined) {
    const found = ids.find((id) => nameOf(id) === memoryName(name));
    if (!found) throw notFound(name, all);
    return found;
  }
  const [only] = ids.length === 1 ? ids : ids.filter((id) => id === defaultMemory);
  if (only) return only;
  if (ids.length === 0) throw notFound(undefined, all);
  throw new ToolFailure({
    code: 'InvalidArgument',
    message: `There are ${ids.length} memories, so the call has to say which.`,
    hint: `Give one as memory: ${named(ids)}.`,
  });
}

function allowedRegion(region: string | undefined, { region: pin }: Pins): string | undefined {
  if (!region || !pin || pin.value === region) return region;
  throw new ToolFailure({
    code: 'InvalidArgument',
    message: `This memory is in ${region}, but this server is fixed to ${pin.value} by ${pin.flag}.`,
    hint: 'Name a memory of that region. Nothing was sent.',
  });
}

function notFound(handle: string | undefined, all: readonly MemorySummary[]): ToolFailure {
  const ids = all.flatMap(({ id }) => id ?? []);
  const shown = handle?.slice(0, 100);
  const meant = shown && (nearest(shown, ids) ?? nearest(shown, ids.map(nameOf)));
  return new ToolFailure({
    code: 'NotFound',
    message: `There is no memory${shown ? ` ${shown}` : ' yet'}.${meant ? ` Did you mean ${meant}?` : ''}`,
    hint: ids.length > 0 ? `There are: ${named(ids)}.` : 'create_memory makes one.',
  });
}
