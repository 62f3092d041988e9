import type { Log } from '../../../log.ts';
import type { Embedder } from '../../../models/embeddings/embedder.ts';
import type { LanguageModel } from '../../../models/model.ts';
import type { Extractor } from './extractor.ts';

/**
 * Learns by the language model where there is one, otherwise by rules; a script for agents knows nothing of extraction.
 * What it needs is loaded when it is first asked.
 */
export function chooseExtractor({
  model,
  embedder,
  log,
}: {
  model: LanguageModel | undefined;
  embedder: Embedder;
  log: Log;
}): Extractor {
  if (!model || model.scripted)
    return lazily('rules', async () => {
      const { createRulesExtractor } = await import('./rules/index.ts');
      return createRulesExtractor({ embedder });
    });
  return lazily(model.name, async () => {
    const { createModelExtractor } = await import('./model/index.ts');
    return createModelExtractor({ model, log });
  });
}

function lazily(name: string, load: () => Promise<Extractor>): Extractor {
  let loading: Promise<Extractor> | undefined;
  const loaded = () => {
    loading ??= load();
    return loading;
  };
  return {
    name,
    extract: async (...asked) => (await loaded()).extract(...asked),
    consolidate: async (...asked) => (await loaded()).consolidate(...asked),
    summarize: async (...asked) => (await loaded()).summarize(...asked),
    episode: async (...asked) => (await loaded()).episode(...asked),
    reflect: async (...asked) => (await loaded()).reflect(...asked),
  };
}
