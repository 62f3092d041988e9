import type { StrategyRow } from '../../memory.ts';

export type Step = 'extraction' | 'consolidation' | 'reflection';

/** What the memory's owner says of a step. */
export interface Override {
  appendToPrompt?: string;
  modelId?: string;
}

/** Preferences have a form and prompts of their own. */
export function learnsPreferences({ type, configuration }: StrategyRow): boolean {
  return (configuration?.type ?? type)?.startsWith('USER_PREFERENCE') ?? false;
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
