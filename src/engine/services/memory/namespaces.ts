import { runInNewContext } from 'node:vm';
import type { NamespaceKey } from './memory.ts';
import { pathOf } from './records/paths.ts';

const OF_ACTOR = '/strategies/{memoryStrategyId}/actors/{actorId}/';
const OF_SESSION = `${OF_ACTOR}sessions/{sessionId}/`;

/** The templates of strategies that were given none, by the type of what they make; as AgentCore's Python SDK spells them. */
export const defaultNamespaces = {
  SEMANTIC: OF_ACTOR,
  USER_PREFERENCE: OF_ACTOR,
  SUMMARIZATION: OF_SESSION,
  EPISODIC: OF_SESSION,
} as const;

const BUILT_IN = ['actorId', 'sessionId', 'memoryStrategyId'] as const;

/** What the variables of a template stand for. */
export interface NamespaceValues {
  actorId: string;
  sessionId: string;
  memoryStrategyId: string;
  /** Of the memory's own variables. */
  variables?: Readonly<Record<string, string>> | undefined;
}

/** The names of the variables in a template, e.g. `['actorId']` for `/users/{actorId}/`. */
export function variablesOf(template: string): string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

/**
 * The namespace that a template stands for, or why there is none: a variable of the memory's own that has no value, or one that
 * the memory does not allow.
 */
export function resolveNamespace(
  template: string,
  { variables = {}, ...builtIn }: NamespaceValues,
  keys: readonly NamespaceKey[],
): { namespace: string } | { failure: string } {
  for (const name of variablesOf(template)) {
    if (isBuiltIn(name)) continue;
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    const failure = refusal(
      name,
      value,
      keys.find(({ key }) => key === name),
    );
    if (failure) return { failure };
  }
  const namespace = template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    isBuiltIn(name) ? builtIn[name] : (variables[name] ?? ''),
  );
  return { namespace };
}

/** Whether every template may have it. */
export function isBuiltIn(name: string): name is (typeof BUILT_IN)[number] {
  return (BUILT_IN as readonly string[]).includes(name);
}

/** Why a value may not be used; undefined where it may. */
function refusal(name: string, value: string | undefined, key: NamespaceKey | undefined): string | undefined {
  if (value === undefined) return `the variable ${name} has no value in extractionConfig.namespaceVariables`;
  const { allowedValues, regexPattern } = key?.validation ?? {};
  if (allowedValues && !allowedValues.includes(value))
    return `the value ${value} of the variable ${name} is not one of ${allowedValues.join(', ')}`;
  if (regexPattern !== undefined && !matches(regexPattern, value))
    return `the value ${value} of the variable ${name} does not match ${regexPattern}`;
  return undefined;
}

/** The longest that a pattern may take: some would take years. */
const MATCH_MS = 100;

/** Whether all of a text matches; not where that cannot be found out in time. */
function matches(pattern: string, text: string): boolean {
  try {
    return runInNewContext(
      "new RegExp('^(?:' + pattern + ')$').test(text)",
      { pattern, text },
      { timeout: MATCH_MS },
    );
  } catch {
    return false;
  }
}

/** Whether a namespace or template is this path, or beneath it. */
export const isWithin = (namespace: string, path: string) => pathOf(namespace).startsWith(pathOf(path));
