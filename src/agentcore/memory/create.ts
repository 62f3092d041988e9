import { setTimeout as sleep } from 'node:timers/promises';
import type { Memory as MemoryDetails } from '@aws-sdk/client-bedrock-agentcore-control';
import { ToolFailure } from '../../failure.ts';
import type { AgentCore } from '../agentcore.ts';
import { type MemoryKind, strategyInputs } from './kinds.ts';
import { getMemory, listMemories } from './memories.ts';
import { nameOf } from './names.ts';

const FIRST_POLL_MS = 50;
const MAX_POLL_MS = 5_000;

export interface NewMemory {
  name: string;
  kinds: readonly MemoryKind[];
  eventExpiryDays: number;
}

/** A memory, whether new or not. */
export interface Created {
  details: MemoryDetails;
  isNew: boolean;
}

/**
 * The memory of a name, made where there is none, once it is ACTIVE. Where others make it at the same time, one does.
 * @throws ToolFailure `MemoryFailed` where AgentCore could not make it.
 */
export async function createMemory(
  agentcore: AgentCore,
  { name, kinds, eventExpiryDays }: NewMemory,
  { signal, progress }: { signal: AbortSignal; progress(message: string): void },
): Promise<Created> {
  const known = await memoryNamed(agentcore, name, signal);
  if (known) return { details: await untilActive(agentcore, known, { signal, progress }), isNew: false };
  const { CreateMemoryCommand } = await import('@aws-sdk/client-bedrock-agentcore-control');
  const client = await agentcore.control();
  const command = new CreateMemoryCommand({
    name,
    eventExpiryDuration: eventExpiryDays,
    memoryStrategies: kinds.map((kind) => strategyInputs[kind]),
  });
  try {
    const { memory } = await client.send(command, { abortSignal: signal });
    const details = await untilActive(agentcore, memory?.id ?? '', { signal, progress });
    return { details, isNew: true };
  } catch (error) {
    if (!/^(?:Conflict|Validation)Exception$/.test((error as Error).name)) throw error;
    const made = await memoryNamed(agentcore, name, signal);
    if (!made) throw error;
    return { details: await untilActive(agentcore, made, { signal, progress }), isNew: false };
  }
}

async function memoryNamed(
  agentcore: AgentCore,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const all = await listMemories(agentcore, { signal });
  return all.find(({ id = '', status }) => nameOf(id) === name && status !== 'DELETING')?.id;
}

async function untilActive(
  agentcore: AgentCore,
  id: string,
  { signal, progress }: { signal: AbortSignal; progress(message: string): void },
): Promise<MemoryDetails> {
  for (let pause = FIRST_POLL_MS; ; pause = Math.min(pause * 2, MAX_POLL_MS)) {
    const details = await getMemory(agentcore, id, { signal });
    if (details.status === 'ACTIVE') return details;
    if (details.status === 'FAILED' || details.status === 'DELETING')
      throw new ToolFailure({
        code: 'MemoryFailed',
        message: `The memory ${id} is ${details.status}.`,
        foreign: details.failureReason,
        hint: 'Delete it with call_aws_api (DeleteMemory), or take another name.',
      });
    progress(`${id} is ${details.status}`);
    await sleep(pause, undefined, { signal });
  }
}
