import type {
  ModifyMemoryStrategies,
  ModifyMemoryStrategyInput,
  ModifyReflectionConfiguration,
  ModifyStrategyConfiguration,
  SelfManagedConfiguration,
  StrategyConfiguration,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { invalid, notFound } from '../../exceptions.ts';
import type { StrategyRow } from '../memory.ts';
import { newStrategy, templatesOf, withReflectionNamespaces } from './new-strategy.ts';
import { unknownStrategy } from './unknown-strategy.ts';

/**
 * The strategies of a memory as an update leaves them: without those it deletes, then changed, then with those it adds.
 * @throws ResourceNotFoundException for a strategy that the memory does not have; ValidationException for a configuration that is
 * none of the strategy's.
 */
export function changedStrategies(
  strategies: readonly StrategyRow[],
  {
    addMemoryStrategies = [],
    modifyMemoryStrategies = [],
    deleteMemoryStrategies = [],
  }: ModifyMemoryStrategies,
  now: number,
): StrategyRow[] {
  const deleted = deleteMemoryStrategies.map(
    ({ memoryStrategyId: id = '' }) => known(strategies, id).strategyId,
  );
  const left = strategies.filter(({ strategyId }) => !deleted.includes(strategyId));
  for (const { memoryStrategyId = '' } of modifyMemoryStrategies) known(left, memoryStrategyId);
  const changed = left.map((strategy) =>
    modifyMemoryStrategies
      .filter(({ memoryStrategyId }) => memoryStrategyId === strategy.strategyId)
      .reduce((one, change) => modified(one, change, now), strategy),
  );
  return [...changed, ...addMemoryStrategies.map((input) => newStrategy(input, now))];
}

function known(strategies: readonly StrategyRow[], id: string): StrategyRow {
  const strategy = strategies.find(({ strategyId }) => strategyId === id);
  if (strategy) return strategy;
  throw notFound(unknownStrategy(strategies, id));
}

function modified(strategy: StrategyRow, change: ModifyMemoryStrategyInput, now: number): StrategyRow {
  const { description, memoryRecordSchema, configuration } = change;
  const namespaces = templatesOf(change) ?? strategy.namespaces;
  return {
    ...strategy,
    namespaces,
    ...(description !== undefined && { description }),
    ...(memoryRecordSchema && { memoryRecordSchema }),
    ...(configuration && { configuration: reconfigured({ ...strategy, namespaces }, configuration) }),
    updatedAt: now,
  };
}

/** What is not given stays. */
function reconfigured(
  { strategyId, type, configuration = {}, namespaces }: StrategyRow,
  { extraction, consolidation, reflection, selfManagedConfiguration }: ModifyStrategyConfiguration,
): StrategyConfiguration {
  const refuse = (member: string, words: string) =>
    invalid(
      `memoryStrategies.modifyMemoryStrategies.configuration.${member}`,
      `The strategy ${strategyId} ${words}.`,
    );
  const isSelfManaged = configuration.selfManagedConfiguration !== undefined;
  if (selfManagedConfiguration && !isSelfManaged)
    throw refuse('selfManagedConfiguration', 'is not self-managed');
  if ((extraction || consolidation) && (type !== 'CUSTOM' || isSelfManaged))
    throw refuse(
      extraction ? 'extraction' : 'consolidation',
      'has no steps to override; a custom strategy with an override has',
    );
  if (reflection && type !== 'EPISODIC' && configuration.type !== 'EPISODIC_OVERRIDE')
    throw refuse('reflection', 'does not reflect; an episodic one does');
  return {
    ...configuration,
    ...(extraction && { extraction }),
    ...(consolidation && { consolidation }),
    ...(reflection && { reflection: changedReflection(reflection, namespaces[0]) }),
    ...(selfManagedConfiguration && {
      selfManagedConfiguration: {
        ...configuration.selfManagedConfiguration,
        ...selfManagedConfiguration,
        invocationConfiguration: {
          ...configuration.selfManagedConfiguration?.invocationConfiguration,
          ...selfManagedConfiguration.invocationConfiguration,
        },
      } as SelfManagedConfiguration,
    }),
  } as StrategyConfiguration;
}

function changedReflection(
  { episodicReflectionConfiguration, customReflectionConfiguration }: ModifyReflectionConfiguration,
  template = '',
): StrategyConfiguration['reflection'] {
  if (episodicReflectionConfiguration)
    return {
      episodicReflectionConfiguration: withReflectionNamespaces(episodicReflectionConfiguration, template),
    };
  const given = customReflectionConfiguration?.episodicReflectionOverride;
  return (
    given && {
      customReflectionConfiguration: {
        episodicReflectionOverride: withReflectionNamespaces(given, template),
      },
    }
  );
}
