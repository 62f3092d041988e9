import type { Embedder } from '../../../../models/embeddings/embedder.ts';
import type { Candidate, Extractor, Lesson } from '../extractor.ts';
import { kindOf } from '../model/strategy.ts';
import { preferencesOf } from './preferences.ts';
import { summarize } from './summary.ts';
import { statementsOf } from './statements.ts';

export interface RulesExtractorParts {
  /** Says how near meanings are, where it knows the language. */
  embedder: Embedder;
}

/** Learns by rules of language, without a language model. The same conversation always teaches the same. */
export function createRulesExtractor({ embedder }: RulesExtractorParts): Extractor {
  return {
    name: 'rules',
    extract: async (lesson) => extract(lesson),
    consolidate: async (_lesson, candidate, near) =>
      near.some(({ record }) => record.text === candidate.text)
        ? { kind: 'skip' }
        : { kind: 'add', ...candidate },
    summarize: (lesson, previous, signal) => summarize(lesson, previous, embedder, signal),
    episode: async () => undefined,
    reflect: async () => [],
  };
}

function extract(lesson: Lesson): Candidate[] {
  return kindOf(lesson.strategy) === 'USER_PREFERENCE'
    ? preferencesOf(lesson).map((preference) => ({ text: JSON.stringify(preference) }))
    : statementsOf(lesson).map(({ text }) => ({ text }));
}
