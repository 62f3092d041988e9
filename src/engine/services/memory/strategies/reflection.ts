import type { EpisodicReflectionConfiguration } from '@aws-sdk/client-bedrock-agentcore-control';
import type { StrategyRow } from '../memory.ts';

/** How an episodic strategy reflects; undefined where it does not say. */
export function reflectionOf({
  configuration,
}: Pick<StrategyRow, 'configuration'>): EpisodicReflectionConfiguration | undefined {
  const { episodicReflectionConfiguration, customReflectionConfiguration } = configuration?.reflection ?? {};
  return episodicReflectionConfiguration ?? customReflectionConfiguration?.episodicReflectionOverride;
}
