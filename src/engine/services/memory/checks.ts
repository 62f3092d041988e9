import type { MetadataSchemaEntry } from '@aws-sdk/client-bedrock-agentcore-control';
import type { Scope } from '../../service.ts';
import { invalid } from '../exceptions.ts';
import { checkRole } from '../roles.ts';
import { kindOf, reflectionOf } from './extraction/kinds.ts';
import type { MemoryRow, NamespaceKey, StrategyRow } from './memory.ts';
import { isBuiltIn, isWithin, variablesOf } from './namespaces.ts';

/** As AWS documents them. */
const MAX_STRATEGIES = 6;
const MAX_STRICT_KEYS = 3;
const MAX_INDEXED_KEYS = 10;

/**
 * Whether a memory is one that AWS would take, beyond what the service's model says of each of its values.
 * @throws ValidationException
 */
export function checkMemory(scope: Scope, memory: MemoryRow): void {
  const { strategies, indexedKeys, namespaceKeys } = memory;
  if (strategies.length > MAX_STRATEGIES)
    throw invalid(
      'memoryStrategies',
      `A memory has at most ${MAX_STRATEGIES} strategies; this one would have ${strategies.length}.`,
    );
  refuseTwice(
    'memoryStrategies',
    'strategies named',
    strategies.map(({ name }) => name),
  );
  refuseTwice(
    'indexedKeys',
    'indexed keys',
    indexedKeys.map(({ key }) => key),
  );
  refuseTwice(
    'namespaceKeys',
    'namespace keys',
    namespaceKeys.map(({ key }) => key),
  );
  if (indexedKeys.length > MAX_INDEXED_KEYS)
    throw invalid(
      'indexedKeys',
      `A memory has at most ${MAX_INDEXED_KEYS} indexed keys; this one would have ${indexedKeys.length}.`,
    );
  namespaceKeys.forEach(checkPattern);
  for (const strategy of strategies) checkStrategy(strategy, memory);
  checkExecutionRole(scope, memory);
}

function refuseTwice(member: string, what: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalid(member, `There would be two ${what} ${twice}.`);
}

function checkPattern({ key, validation }: NamespaceKey): void {
  const { regexPattern } = validation ?? {};
  if (regexPattern === undefined) return;
  try {
    new RegExp(regexPattern);
  } catch (error) {
    throw invalid(
      'namespaceKeys',
      `The pattern of the namespace key ${key} cannot be used: ${(error as Error).message}.`,
    );
  }
}

function checkStrategy(strategy: StrategyRow, memory: MemoryRow): void {
  const { name, namespaces, memoryRecordSchema } = strategy;
  const [template = ''] = namespaces;
  const isSummary = kindOf(strategy) === 'summary';
  if (isSummary && !variablesOf(template).includes('sessionId'))
    throw invalid(
      'namespaceTemplates',
      `The namespace of the summary strategy ${name} must contain {sessionId}, is ${template}.`,
    );
  checkVariables(name, template, memory.namespaceKeys);
  checkSchema(strategy, memoryRecordSchema?.metadataSchema, memory, { isSummary });
  const reflection = reflectionOf(strategy);
  if (!reflection) return;
  const [wide = ''] = reflection.namespaces ?? [];
  checkVariables(name, wide, memory.namespaceKeys);
  if (!isWithin(template, wide))
    throw invalid(
      'reflectionConfiguration.namespaceTemplates',
      `The reflections' namespace of the strategy ${name} must be that of its episodes or one above it: ${wide} is not a prefix of ${template}.`,
    );
  checkSchema(strategy, reflection.memoryRecordSchema?.metadataSchema, memory, { isSummary });
}

function checkVariables(strategy: string, template: string, keys: readonly NamespaceKey[]): void {
  const unknown = variablesOf(template).find(
    (name) => !isBuiltIn(name) && !keys.some(({ key }) => key === name),
  );
  if (unknown !== undefined)
    throw invalid(
      'namespaceTemplates',
      `The namespace ${template} of the strategy ${strategy} has the variable {${unknown}}, which is none of actorId, sessionId and memoryStrategyId, and not among namespaceKeys.`,
    );
}

function checkSchema(
  { name }: StrategyRow,
  schema: readonly MetadataSchemaEntry[] = [],
  { indexedKeys }: MemoryRow,
  { isSummary }: { isSummary: boolean },
): void {
  const refuse = (words: string) =>
    invalid('memoryRecordSchema.metadataSchema', `The strategy ${name}: ${words}.`);
  refuseTwice(
    'memoryRecordSchema.metadataSchema',
    'metadata keys',
    schema.map(({ key = '' }) => key),
  );
  for (const { key, type } of schema) {
    const indexed = indexedKeys.find((one) => one.key === key)?.type;
    if (type !== undefined && indexed !== undefined && type !== indexed)
      throw refuse(`the metadata key ${key} is ${type} in the schema, and ${indexed} among the indexed keys`);
  }
  const strict = schema.filter(({ extractionType }) => extractionType === 'STRICTLY_CONSISTENT');
  if (strict.length === 0) return;
  if (isSummary) throw refuse('STRICTLY_CONSISTENT metadata is not for summaries');
  if (strict.length > MAX_STRICT_KEYS)
    throw refuse(`at most ${MAX_STRICT_KEYS} metadata keys are STRICTLY_CONSISTENT, not ${strict.length}`);
  for (const { key } of strict) {
    const indexed = indexedKeys.find((one) => one.key === key)?.type;
    if (indexed !== 'STRING')
      throw refuse(`the STRICTLY_CONSISTENT metadata key ${key} must be among the indexed keys, as STRING`);
  }
}

/** Named, and not assumed. @throws ValidationException where AWS needs one and there is none. */
function checkExecutionRole(
  scope: Scope,
  { memoryExecutionRoleArn, strategies, streamDeliveryResources }: MemoryRow,
): void {
  if (memoryExecutionRoleArn !== undefined) {
    checkRole(scope, 'memoryExecutionRoleArn', memoryExecutionRoleArn);
    return;
  }
  const custom = strategies.find(({ configuration }) => configuration?.type !== undefined);
  if (!custom && !streamDeliveryResources) return;
  throw invalid(
    'memoryExecutionRoleArn',
    `${custom ? `The custom strategy ${custom.name}` : 'Record streaming'} needs a memoryExecutionRoleArn, e.g. arn:aws:iam::${scope.account}:role/memory.`,
  );
}
