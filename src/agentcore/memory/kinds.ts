import type { MemoryStrategy, MemoryStrategyInput } from '@aws-sdk/client-bedrock-agentcore-control';

/** What a memory can learn from conversations, in the words of the tools. */
export const memoryKinds = ['facts', 'preferences', 'summaries', 'episodes'] as const;
export type MemoryKind = (typeof memoryKinds)[number];

/** What the default memory of the local engine learns, and new ones that are not told. */
export const defaultKinds: readonly MemoryKind[] = ['facts', 'preferences', 'summaries'];

/** What AWS calls the built-in strategy of each kind; with an override, `CUSTOM` and e.g. `SEMANTIC_OVERRIDE`. */
const types: Readonly<Record<MemoryKind, string>> = {
  facts: 'SEMANTIC',
  preferences: 'USER_PREFERENCE',
  summaries: 'SUMMARIZATION',
  episodes: 'EPISODIC',
};

/** Further words for each kind, of AWS and of who asks. */
const words: Readonly<Record<string, MemoryKind>> = {
  fact: 'facts',
  semantic: 'facts',
  preference: 'preferences',
  user_preference: 'preferences',
  userpreference: 'preferences',
  summary: 'summaries',
  summarization: 'summaries',
  episode: 'episodes',
  episodic: 'episodes',
};

/** The kind that a word means; what is none stays as it is. */
export function meantKind(word: unknown): unknown {
  return typeof word === 'string' ? (words[word.toLowerCase()] ?? word) : word;
}

/** Undefined where a strategy is the user's own, which may keep anything. */
export function kindOf({ type, configuration }: MemoryStrategy): MemoryKind | undefined {
  const base = type === 'CUSTOM' ? configuration?.type?.replace(/_OVERRIDE$/, '') : type;
  return memoryKinds.find((kind) => types[kind] === base || (kind === 'summaries' && base === 'SUMMARY'));
}

const ofActor = '/strategies/{memoryStrategyId}/actors/{actorId}/';
const ofSession = `${ofActor}sessions/{sessionId}/`;

/** The built-in strategy of each kind, as CreateMemory takes it, with the namespaces that the AgentCore SDKs use. */
export const strategyInputs: Readonly<Record<MemoryKind, MemoryStrategyInput>> = {
  facts: { semanticMemoryStrategy: { name: 'facts', namespaceTemplates: [ofActor] } },
  preferences: { userPreferenceMemoryStrategy: { name: 'preferences', namespaceTemplates: [ofActor] } },
  summaries: { summaryMemoryStrategy: { name: 'summaries', namespaceTemplates: [ofSession] } },
  episodes: {
    episodicMemoryStrategy: {
      name: 'episodes',
      namespaceTemplates: [ofSession],
      reflectionConfiguration: { namespaceTemplates: [ofActor] },
    },
  },
};
