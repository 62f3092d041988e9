import type { Log } from '../../../../log.ts';
import type { LanguageModel } from '../../../../models/model.ts';
import type { Extractor } from '../extractor.ts';
import { consolidate } from './consolidate.ts';
import { recordEpisode } from './episodes.ts';
import { extract } from './extract.ts';
import { Questioner } from './questioner.ts';
import { reflect } from './reflect.ts';
import { summarize } from './summary.ts';

export interface ModelExtractorParts {
  model: LanguageModel;
  log: Log;
  /** How long one answer of the model may take, in milliseconds. Default: five minutes. */
  deadlineMs?: number;
}

/**
 * Learns by a language model. Each step asks for the input of one tool, at temperature 0; long conversations are read in
 * parts. A strategy's overrides add to the step's prompt and name its model.
 */
export function createModelExtractor(parts: ModelExtractorParts): Extractor {
  const asker = new Questioner(parts);
  return {
    name: parts.model.name,
    extract: (lesson, signal) => extract(asker, lesson, signal),
    consolidate: (lesson, candidate, near, signal) => consolidate(asker, lesson, candidate, near, signal),
    summarize: (lesson, previous, signal) => summarize(asker, lesson, previous, signal),
    episode: (lesson, options, signal) => recordEpisode(asker, lesson, options, signal),
    reflect: (lesson, episode, known, signal) => reflect(asker, lesson, episode, known, signal),
  };
}
