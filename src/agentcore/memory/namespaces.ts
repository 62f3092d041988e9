import type { MemoryStrategy } from '@aws-sdk/client-bedrock-agentcore-control';
import { kindOf, type MemoryKind } from './kinds.ts';

/** Whose records are meant. */
export interface Whose {
  /** Undefined: everybody's. */
  actor?: string | undefined;
  /** Undefined: of all sessions. */
  session?: string | undefined;
}

/** Where records are looked for. */
export interface Place {
  /** A namespace where all of a template is known; otherwise the path above the first that is not. */
  where: { namespace: string } | { namespacePath: string };
  strategyId?: string;
  /** Namespaces that belong here, with groups `actorId` and `sessionId` for what was left open. */
  pattern: RegExp;
}

/** The places of all strategies, or of those of one kind; each once. */
export function placesOf(
  strategies: readonly MemoryStrategy[],
  whose: Whose,
  kind?: MemoryKind | undefined,
): Place[] {
  const places = strategies
    .filter((strategy) => !kind || kindOf(strategy) === kind)
    .flatMap((strategy) =>
      templatesOf(strategy).map((template) => ({
        ...placeOf(template, strategy, whose),
        ...(kind && { strategyId: strategy.strategyId ?? '' }),
      })),
    );
  const byText = new Map(places.map((place) => [JSON.stringify([place.where, place.strategyId]), place]));
  return [...byText.values()];
}

/** Where records of a strategy are kept, also what it learns from several episodes. */
function templatesOf({ namespaceTemplates, namespaces, configuration }: MemoryStrategy): string[] {
  const { episodicReflectionConfiguration: episodic, customReflectionConfiguration: custom } =
    configuration?.reflection ?? {};
  const reflections = episodic ?? custom?.episodicReflectionOverride;
  return [
    ...(namespaceTemplates ?? namespaces ?? []),
    ...(reflections?.namespaceTemplates ?? reflections?.namespaces ?? []),
  ];
}

function placeOf(template: string, { strategyId = '' }: MemoryStrategy, { actor, session }: Whose): Place {
  const values: Record<string, string | undefined> = {
    memoryStrategyId: strategyId,
    actorId: actor,
    sessionId: session,
  };
  const parts = template
    .split(/\{(\w+)\}/)
    .map((text, index) => (index % 2 === 0 ? { text } : { text: values[text], name: text }));
  const open = parts.findIndex(({ text }) => text === undefined);
  const known = parts
    .slice(0, open < 0 ? undefined : open)
    .map(({ text }) => text)
    .join('');
  return {
    where: open < 0 ? { namespace: known } : { namespacePath: known.replace(/[^/]*$/, '') || '/' },
    pattern: patternOf(parts),
  };
}

function patternOf(parts: readonly { text: string | undefined; name?: string }[]): RegExp {
  const groups = new Set<string>();
  const source = parts.map(({ text, name = '' }) => {
    if (text !== undefined) return text.replace(/[^\w/]/g, '\\$&');
    if (groups.has(name)) return `\\k<${name}>`;
    groups.add(name);
    return `(?<${name}>.+?)`;
  });
  return new RegExp(`^${source.join('').replace(/\/$/, '')}/?$`);
}
