import type { StrategyRow } from '../memory.ts';

/** What a strategy is after, whether it is built in or an override of that. */
export type Kind = 'SEMANTIC' | 'USER_PREFERENCE' | 'SUMMARIZATION' | 'EPISODIC';

export type Step = 'extraction' | 'consolidation' | 'reflection';

/** What the memory's owner says of a step. */
export interface Override {
  appendToPrompt?: string;
  modelId?: string;
}

const overridden: Partial<Record<string, Kind>> = {
  SEMANTIC_OVERRIDE: 'SEMANTIC',
  USER_PREFERENCE_OVERRIDE: 'USER_PREFERENCE',
  SUMMARY_OVERRIDE: 'SUMMARIZATION',
  EPISODIC_OVERRIDE: 'EPISODIC',
};

export function kindOf({ type, configuration }: Pick<StrategyRow, 'type' | 'configuration'>): Kind {
  const kind = type === 'CUSTOM' ? overridden[configuration?.type ?? ''] : type;
  return (kind as Kind | undefined) ?? 'SEMANTIC';
}

/** Empty where a step is as built in. */
export function overrideOf({ configuration }: StrategyRow, step: Step): Override {
  const own = {
    extraction: configuration?.extraction?.customExtractionConfiguration,
    consolidation: configuration?.consolidation?.customConsolidationConfiguration,
    reflection: configuration?.reflection?.customReflectionConfiguration,
  }[step];
  // Unions have one member, named after the strategy.
  const [override] = Object.values(own ?? {}) as Override[];
  return override ?? {};
}
