import type { Extractor } from '../extractor.ts';
import { consolidate } from './consolidate.ts';
import { recordEpisode } from './episodes.ts';
import { extract } from './extract.ts';
import { Questioner, type QuestionerOptions } from './questioner.ts';
import { reflect } from './reflect.ts';
import { summarize } from './summary.ts';

/** The steps of extraction, each of which asks a language model. */
export function createSteps(options: QuestionerOptions): Omit<Extractor, 'name'> {
  const asker = new Questioner(options);
  return {
    extract: (lesson, signal) => extract(asker, lesson, signal),
    consolidate: (lesson, candidate, near, signal) => consolidate(asker, lesson, candidate, near, signal),
    summarize: (lesson, previous, signal) => summarize(asker, lesson, previous, signal),
    episode: (lesson, options, signal) => recordEpisode(asker, lesson, options, signal),
    reflect: (lesson, episode, known, signal) => reflect(asker, lesson, episode, known, signal),
  };
}
