import type { MemoryRow, StrategyRow } from './memory.ts';
import { defaultNamespaces } from './namespaces.ts';

/** Every account has it in every region, so that something can be remembered at once. */
export const DEFAULT_MEMORY_NAME = 'default_memory';
export const DEFAULT_MEMORY_ID = `${DEFAULT_MEMORY_NAME}-0000000000`;

/** As AWS keeps events at most. */
const EVENT_EXPIRY_DAYS = 365;

/** The default memory as it is before anybody changes it. */
export function defaultMemory(now: number): MemoryRow {
  const strategy = (name: string, type: keyof typeof defaultNamespaces): StrategyRow => ({
    strategyId: `${name}-0000000000`,
    name,
    type,
    namespaces: [defaultNamespaces[type]],
    status: 'ACTIVE',
    createdAt: now,
    updatedAt: now,
  });
  return {
    id: DEFAULT_MEMORY_ID,
    name: DEFAULT_MEMORY_NAME,
    description: 'There without being created: facts, preferences and summaries of sessions',
    status: 'ACTIVE',
    eventExpiryDuration: EVENT_EXPIRY_DAYS,
    strategies: [
      strategy('facts', 'SEMANTIC'),
      strategy('preferences', 'USER_PREFERENCE'),
      strategy('summaries', 'SUMMARIZATION'),
    ],
    indexedKeys: [],
    namespaceKeys: [],
    createdAt: now,
    updatedAt: now,
  };
}
