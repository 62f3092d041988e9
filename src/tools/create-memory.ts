import { z } from 'zod';
import { createMemory } from '../agentcore/memory/create.ts';
import { defaultKinds, kindOf, meantKind, memoryKinds } from '../agentcore/memory/kinds.ts';
import { memoryName } from '../agentcore/memory/names.ts';
import { defineTool } from './define.ts';

const isExpiry = (days: number) => days >= 3 && days <= 365;

export const memoryKind = z.preprocess(meantKind, z.enum(memoryKinds));

export const createMemoryTool = defineTool({
  name: 'create_memory',
  title: 'Create memory',
  toolset: 'memory',
  kind: 'write',
  long: true,
  description: 'Make another memory.',
  input: z.strictObject({
    name: z.string().min(1).max(200),
    strategies: z
      .array(memoryKind)
      .min(1)
      .max(memoryKinds.length)
      .default([...defaultKinds]),
    event_expiry_days: z.int().min(1).refine(isExpiry, 'must be from 3 to 365').default(90),
  }),
  output: z.object({
    memory: z.string(),
    note: z.string().optional(),
  }),
  async handle({ name, strategies, event_expiry_days }, { context, signal, progress }) {
    const wanted = {
      name: memoryName(name),
      kinds: [...new Set(strategies)],
      eventExpiryDays: event_expiry_days,
    };
    const { details, isNew } = await createMemory(context.agentcore, wanted, { signal, progress });
    const has = (details.strategies ?? []).map((strategy) => kindOf(strategy) ?? strategy.name ?? '');
    return {
      data: {
        memory: details.id ?? '',
        note: isNew
          ? undefined
          : `It was there already, with ${has.join(', ') || 'no strategies'}; its events are kept for ${details.eventExpiryDuration} days. Nothing was changed.`,
      },
    };
  },
});
