import type {
  EpisodicReflectionConfiguration,
  SelfManagedConfiguration,
} from '@aws-sdk/client-bedrock-agentcore-control';
import type { StrategyRow } from '../memory.ts';
import { kindOf as aimOf } from './strategy.ts';

/** What a strategy makes of a session. */
export type StrategyKind = 'facts' | 'summary' | 'episodes' | 'self-managed';

/** Facts and preferences are learned in the same way. */
export function kindOf(strategy: StrategyRow): StrategyKind {
  if (strategy.configuration?.selfManagedConfiguration) return 'self-managed';
  switch (aimOf(strategy)) {
    case 'SUMMARIZATION':
      return 'summary';
    case 'EPISODIC':
      return 'episodes';
    default:
      return 'facts';
  }
}

/** When a self-managed strategy's owner is called. */
export interface Triggers {
  messages: number;
  tokens: number;
  idleMs: number;
}

/** What is not among the conditions never happens. */
export function triggersOf({ triggerConditions = [] }: SelfManagedConfiguration): Triggers {
  const never = Number.POSITIVE_INFINITY;
  const triggers = { messages: never, tokens: never, idleMs: never };
  for (const condition of triggerConditions) {
    triggers.messages = condition.messageBasedTrigger?.messageCount ?? triggers.messages;
    triggers.tokens = condition.tokenBasedTrigger?.tokenCount ?? triggers.tokens;
    const seconds = condition.timeBasedTrigger?.idleSessionTimeout;
    if (seconds !== undefined) triggers.idleMs = seconds * 1000;
  }
  return triggers;
}

/** How an episodic strategy reflects; undefined where it does not say. */
export function reflectionOf({
  configuration,
}: Pick<StrategyRow, 'configuration'>): EpisodicReflectionConfiguration | undefined {
  const { episodicReflectionConfiguration, customReflectionConfiguration } = configuration?.reflection ?? {};
  return episodicReflectionConfiguration ?? customReflectionConfiguration?.episodicReflectionOverride;
}
