import type { Extractor } from '../extractor.ts';
import type { QuestionerOptions } from './questioner.ts';

/**
 * Learns by a language model. Each step asks for the input of one tool, at temperature 0; long conversations are read in
 * parts. A strategy's overrides add to the step's prompt and name its model. What that needs is loaded with the first step.
 */
export function createModelExtractor(options: QuestionerOptions): Extractor {
  let loading: Promise<Omit<Extractor, 'name'>> | undefined;
  const steps = () => {
    loading ??= import('./steps.ts').then(({ createSteps }) => createSteps(options));
    return loading;
  };
  return {
    name: options.model.name,
    extract: async (...asked) => (await steps()).extract(...asked),
    consolidate: async (...asked) => (await steps()).consolidate(...asked),
    summarize: async (...asked) => (await steps()).summarize(...asked),
    episode: async (...asked) => (await steps()).episode(...asked),
    reflect: async (...asked) => (await steps()).reflect(...asked),
  };
}
