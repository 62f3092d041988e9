import type { Embedder } from '../../../../models/embeddings/embedder.ts';
import type { Near } from '../../records/records.ts';
import type { Candidate, Decision, Extractor, Lesson } from '../extractor.ts';
import { preferenceForm } from '../forms.ts';
import { kindOf } from '../strategy.ts';
import { consolidateFact, consolidatePreference } from './consolidation.ts';
import { episodeOf } from './episodes.ts';
import { languageIn } from './language.ts';
import { meaningsOf, nearness } from './meanings.ts';
import { withMetadata } from './metadata.ts';
import { preferenceIn, preferencesOf } from './preferences.ts';
import { reflect } from './reflections.ts';
import { statementsOf } from './statements.ts';
import { summarize } from './summary.ts';

export interface RulesExtractorParts {
  /** Says how near meanings are, where it knows the language. */
  embedder: Embedder;
}

/** Learns by rules of language, without a language model. The same conversation always teaches the same. */
export function createRulesExtractor({ embedder }: RulesExtractorParts): Extractor {
  return {
    name: 'rules',
    extract: async (lesson) => extract(lesson),
    consolidate: (lesson, candidate, near, signal) => consolidate(lesson, candidate, near, embedder, signal),
    summarize: async (lesson, previous, signal) => {
      const summary = await summarize(lesson, previous, embedder, signal);
      return summary.map((candidate) => withMetadata(candidate, schemaOf(lesson)));
    },
    episode: async (lesson, options, signal) => {
      const episode = await episodeOf(lesson, options, embedder, signal);
      return episode && withMetadata(episode, schemaOf(lesson));
    },
    reflect: (_lesson, episode, known, signal) => reflect(episode, known, embedder, signal),
  };
}

const distinct = (texts: readonly string[]) => [...new Set(texts)];

const schemaOf = ({ strategy }: Lesson) => strategy.memoryRecordSchema?.metadataSchema;

/** Of one lesson; more are no salient ones. */
const MAX_CANDIDATES = 200;

function extract(lesson: Lesson): Candidate[] {
  const found =
    kindOf(lesson.strategy) === 'USER_PREFERENCE'
      ? preferencesOf(lesson).map((preference) => ({ text: preferenceForm.text(preference) }))
      : distinct(statementsOf(lesson).map(({ text }) => text)).map((text) => ({ text }));
  return found.slice(0, MAX_CANDIDATES).map((candidate) => withMetadata(candidate, schemaOf(lesson)));
}

async function consolidate(
  lesson: Lesson,
  candidate: Candidate,
  near: readonly Near[],
  embedder: Embedder,
  signal: AbortSignal,
): Promise<Decision> {
  if (kindOf(lesson.strategy) !== 'USER_PREFERENCE') {
    // In a language that the embedder does not know, all texts are near to each other, or none.
    const isKnown = embedder.knows(languageIn(candidate.text)) !== false;
    return consolidateFact(
      lesson,
      candidate,
      isKnown ? near : near.map((one) => ({ ...one, similarity: 0 })),
    );
  }
  const texts = [candidate.text, ...near.map(({ record }) => record.text)].map(
    (text) => preferenceIn(text).preference,
  );
  const [told, ...known] = await meaningsOf(texts, languageIn(texts[0] ?? ''), embedder, signal);
  const similarities = known.map((meaning) => (told instanceof Float32Array ? nearness(told, meaning) : 0));
  return consolidatePreference(candidate, near, similarities);
}
