import type { Log } from '../../log.ts';
import type { Embedder, EmbeddingSettings } from './embedder.ts';
import { LocalEmbedder } from './local/local-embedder.ts';

/**
 * The embedding model that the settings name. Nothing is asked yet, and what a model needs is loaded with the first text.
 * @throws Error where the URL is none.
 */
export function createEmbedder(settings: EmbeddingSettings, { log }: { log: Log }): Embedder {
  switch (settings.provider) {
    case 'local':
      return new LocalEmbedder(log);
    default:
      throw new Error(`There is no embedding provider ${settings.provider} yet.`);
  }
}
