import type {
  CustomConfigurationInput,
  EpisodicReflectionConfigurationInput,
  MemoryStrategyInput,
  SelfManagedConfiguration,
  SelfManagedConfigurationInput,
  StrategyConfiguration,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { newId } from '../../names.ts';
import type { StrategyRow } from '../memory.ts';
import { defaultNamespaces, isWithin } from '../namespaces.ts';

/** When the owner of a self-managed strategy is called, unless told otherwise. AWS has defaults of all three and does not publish them. */
const defaultTriggers: SelfManagedConfiguration['triggerConditions'] = [
  { messageBasedTrigger: { messageCount: 6 } },
  { tokenBasedTrigger: { tokenCount: 5000 } },
  { timeBasedTrigger: { idleSessionTimeout: 20 } },
];
/** As AWS documents it. */
const DEFAULT_HISTORY = 4;

/** The built-in strategies that a custom one may change, by the member of its configuration. */
const overrides = [
  { member: 'semanticOverride', stem: 'semantic', type: 'SEMANTIC_OVERRIDE', like: 'SEMANTIC' },
  { member: 'summaryOverride', stem: 'summary', type: 'SUMMARY_OVERRIDE', like: 'SUMMARIZATION' },
  {
    member: 'userPreferenceOverride',
    stem: 'userPreference',
    type: 'USER_PREFERENCE_OVERRIDE',
    like: 'USER_PREFERENCE',
  },
  { member: 'episodicOverride', stem: 'episodic', type: 'EPISODIC_OVERRIDE', like: 'EPISODIC' },
] as const;

/** A new strategy with an id of its own, as its input says, with defaults for what that does not say. */
export function newStrategy(input: MemoryStrategyInput, now: number): StrategyRow {
  const given = givenOf(input);
  const { name = '', description, memoryRecordSchema } = given;
  const { type, like } = typeOf(input);
  const [template] = templatesOf(given) ?? [defaultNamespaces[like]];
  const configuration = configurationOf(input, template);
  return {
    strategyId: newId(name),
    name,
    ...(description !== undefined && { description }),
    type,
    ...(configuration && { configuration }),
    ...(memoryRecordSchema && { memoryRecordSchema }),
    namespaces: [template ?? ''],
    status: 'ACTIVE',
    createdAt: now,
    updatedAt: now,
  };
}

/** What inputs of all kinds have. */
interface GivenStrategy {
  name?: string | undefined;
  description?: string | undefined;
  namespaces?: string[] | undefined;
  namespaceTemplates?: string[] | undefined;
  memoryRecordSchema?: StrategyRow['memoryRecordSchema'] | undefined;
}

function givenOf(input: MemoryStrategyInput): GivenStrategy {
  return (
    input.semanticMemoryStrategy ??
    input.summaryMemoryStrategy ??
    input.userPreferenceMemoryStrategy ??
    input.episodicMemoryStrategy ??
    input.customMemoryStrategy ??
    {}
  );
}

/** Under their name of today or the former one. */
export function templatesOf({
  namespaceTemplates,
  namespaces,
}: Pick<GivenStrategy, 'namespaceTemplates' | 'namespaces'>): string[] | undefined {
  return namespaceTemplates ?? namespaces;
}

/** Its type, and the built-in strategy that makes records like it does. */
function typeOf(input: MemoryStrategyInput): {
  type: StrategyRow['type'];
  like: keyof typeof defaultNamespaces;
} {
  if (input.semanticMemoryStrategy) return { type: 'SEMANTIC', like: 'SEMANTIC' };
  if (input.summaryMemoryStrategy) return { type: 'SUMMARIZATION', like: 'SUMMARIZATION' };
  if (input.userPreferenceMemoryStrategy) return { type: 'USER_PREFERENCE', like: 'USER_PREFERENCE' };
  if (input.episodicMemoryStrategy) return { type: 'EPISODIC', like: 'EPISODIC' };
  const override = overrides.find(({ member }) => input.customMemoryStrategy?.configuration?.[member]);
  return { type: 'CUSTOM', like: override?.like ?? 'SEMANTIC' };
}

function configurationOf(
  { episodicMemoryStrategy, customMemoryStrategy }: MemoryStrategyInput,
  template = '',
): StrategyConfiguration | undefined {
  if (episodicMemoryStrategy) {
    const given = episodicMemoryStrategy.reflectionConfiguration ?? {};
    return { reflection: { episodicReflectionConfiguration: withReflectionNamespaces(given, template) } };
  }
  const custom = customMemoryStrategy?.configuration;
  if (custom?.selfManagedConfiguration)
    return {
      type: 'SELF_MANAGED',
      selfManagedConfiguration: withTriggers(custom.selfManagedConfiguration),
    };
  return custom && overriding(custom, template);
}

function overriding(custom: CustomConfigurationInput, template: string): StrategyConfiguration | undefined {
  const kind = overrides.find(({ member }) => custom[member]);
  if (!kind) return undefined;
  const { extraction, consolidation, reflection } = custom[kind.member] as Record<string, object | undefined>;
  return {
    type: kind.type,
    ...(extraction && {
      extraction: { customExtractionConfiguration: { [`${kind.stem}ExtractionOverride`]: extraction } },
    }),
    ...(consolidation && {
      consolidation: {
        customConsolidationConfiguration: { [`${kind.stem}ConsolidationOverride`]: consolidation },
      },
    }),
    ...(reflection && {
      reflection: {
        customReflectionConfiguration: {
          episodicReflectionOverride: withReflectionNamespaces(reflection, template),
        },
      },
    }),
  } as StrategyConfiguration;
}

/** Where it has none: those of the actor, where they hold the episodes', and otherwise the episodes' own. */
export function withReflectionNamespaces<Reflection extends EpisodicReflectionConfigurationInput>(
  given: Reflection,
  template: string,
): Reflection & { namespaces: string[]; namespaceTemplates: string[] } {
  const ofActor = defaultNamespaces.SEMANTIC;
  const templates = templatesOf(given) ?? [isWithin(template, ofActor) ? ofActor : template];
  return { ...given, namespaces: templates, namespaceTemplates: templates };
}

function withTriggers(given: SelfManagedConfigurationInput): SelfManagedConfiguration {
  return {
    invocationConfiguration: given.invocationConfiguration,
    triggerConditions: (given.triggerConditions as typeof defaultTriggers) ?? defaultTriggers,
    historicalContextWindowSize: given.historicalContextWindowSize ?? DEFAULT_HISTORY,
  };
}
