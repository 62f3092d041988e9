import { z } from 'zod';
import { createMemory } from '../agentcore/memory/create.ts';
import { defaultKinds, kindOf, meantKind, memoryKinds } from '../agentcore/memory/kinds.ts';
import { defineTool } from './define.ts';

const isMemoryName = (name: string) => /^[a-zA-Z][a-zA-Z0-9_]{0,47}$/.test(name);

const isExpiry = (days: number) => days >= 3 && days <= 365;

export const memoryKind = z.preprocess(meantKind, z.enum(memoryKinds));

export const createMemoryTool = defineTool({
  name: 'create_memory',
  title: 'Create memory',
  toolset: 'memory',
  kind: 'write',
  long: true,
  description: 'Make a memory apart from the one there is.',
  input: z.strictObject({
    name: z
      .string()
      .refine(isMemoryName, 'must be at most 48 of A-Z, a-z, 0-9 and _, and begin with a letter'),
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
    const wanted = { name, kinds: [...new Set(strategies)], eventExpiryDays: event_expiry_days };
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
