import type {
  CustomConfigurationInput,
  EpisodicReflectionConfigurationInput,
  MemoryStrategyInput,
  StrategyConfiguration,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { newId } from '../../names.ts';
import type { StrategyRow } from '../memory.ts';
import { defaultNamespaces } from '../namespaces.ts';

/** What makes the strategy: its type, or what a custom one overrides. */
type Making = keyof typeof defaultNamespaces;

/** What an input of any kind comes to. */
interface Plan {
  type: StrategyRow['type'];
  making: Making;
  configuration?: StrategyConfiguration | undefined;
}

/** A new strategy with an id of its own, as its input says, with namespaces where that has none. */
export function newStrategy(input: MemoryStrategyInput, now: number): StrategyRow {
  const given = givenOf(input);
  const { type, making, configuration } = planOf(input);
  const { name = '', description, memoryRecordSchema } = given;
  return {
    strategyId: newId(name),
    name,
    ...(description !== undefined && { description }),
    type,
    ...(configuration && { configuration }),
    ...(memoryRecordSchema && { memoryRecordSchema }),
    namespaces: templatesOf(given) ?? [defaultNamespaces[making]],
    status: 'ACTIVE',
    createdAt: now,
    updatedAt: now,
  };
}

/** What every kind of input has. */
export interface GivenStrategy {
  name?: string | undefined;
  description?: string | undefined;
  namespaces?: string[] | undefined;
  namespaceTemplates?: string[] | undefined;
  memoryRecordSchema?: StrategyRow['memoryRecordSchema'] | undefined;
}

/** The one member of the union. */
export function givenOf(input: MemoryStrategyInput): GivenStrategy {
  const { semanticMemoryStrategy, summaryMemoryStrategy, userPreferenceMemoryStrategy } = input;
  return (
    semanticMemoryStrategy ??
    summaryMemoryStrategy ??
    userPreferenceMemoryStrategy ??
    input.episodicMemoryStrategy ??
    input.customMemoryStrategy ??
    {}
  );
}

/** Under its name of today or the former one. */
export function templatesOf({
  namespaceTemplates,
  namespaces,
}: Pick<GivenStrategy, 'namespaceTemplates' | 'namespaces'>): string[] | undefined {
  return namespaceTemplates ?? namespaces;
}

function planOf(input: MemoryStrategyInput): Plan {
  if (input.semanticMemoryStrategy) return { type: 'SEMANTIC', making: 'SEMANTIC' };
  if (input.summaryMemoryStrategy) return { type: 'SUMMARIZATION', making: 'SUMMARIZATION' };
  if (input.userPreferenceMemoryStrategy) return { type: 'USER_PREFERENCE', making: 'USER_PREFERENCE' };
  if (input.episodicMemoryStrategy) {
    const episodicReflectionConfiguration = reflectionOf(
      input.episodicMemoryStrategy.reflectionConfiguration,
    );
    return {
      type: 'EPISODIC',
      making: 'EPISODIC',
      configuration: { reflection: { episodicReflectionConfiguration } },
    };
  }
  return { type: 'CUSTOM', ...overridesOf(input.customMemoryStrategy?.configuration) };
}

function overridesOf(input: CustomConfigurationInput | undefined): Omit<Plan, 'type'> {
  if (input?.semanticOverride) {
    const { extraction, consolidation } = input.semanticOverride;
    return {
      making: 'SEMANTIC',
      configuration: {
        type: 'SEMANTIC_OVERRIDE',
        ...(extraction && {
          extraction: { customExtractionConfiguration: { semanticExtractionOverride: extraction } },
        }),
        ...(consolidation && {
          consolidation: {
            customConsolidationConfiguration: { semanticConsolidationOverride: consolidation },
          },
        }),
      } as StrategyConfiguration,
    };
  }
  return { making: 'SEMANTIC' };
}

/** With namespaces of its own kind where it has none. */
function reflectionOf(given: EpisodicReflectionConfigurationInput = {}) {
  const templates = templatesOf(given) ?? [defaultNamespaces.SEMANTIC];
  return { ...given, namespaces: templates, namespaceTemplates: templates };
}
