import type { StrategyRow } from '../memory.ts';

/** What is said of a strategy that a memory does not have. */
export function unknownStrategy(strategies: readonly StrategyRow[], id: string | undefined): string {
  const ids = strategies.map(({ strategyId }) => strategyId);
  return `The memory has no strategy ${id}. Its strategies: ${ids.join(', ') || 'none'}.`;
}
