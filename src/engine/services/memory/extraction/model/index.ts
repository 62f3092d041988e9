import type { Extractor } from '../extractor.ts';
import { consolidate } from './consolidate.ts';
import { recordEpisode } from './episodes.ts';
import { extract } from './extract.ts';
import { Questioner, type QuestionerOptions } from './questioner.ts';
import { reflect } from './reflect.ts';
import { summarize } from './summary.ts';

/**
 * Learns by a language model. Each step asks for the input of one tool, at temperature 0; long conversations are read in
 * parts. A strategy's overrides add to the step's prompt and name its model.
 */
export function createModelExtractor(options: QuestionerOptions): Extractor {
  const asker = new Questioner(options);
  return {
    name: options.model.name,
    extract: (lesson, signal) => extract(asker, lesson, signal),
    consolidate: (lesson, candidate, near, signal) => consolidate(asker, lesson, candidate, near, signal),
    summarize: (lesson, previous, signal) => summarize(asker, lesson, previous, signal),
    episode: (lesson, { final }, signal) => recordEpisode(asker, lesson, { final }, signal),
    reflect: (lesson, episode, known, signal) => reflect(asker, lesson, episode, known, signal),
  };
}
