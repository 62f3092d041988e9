import type { Log } from '../../log.ts';
import { ModelServer } from '../openai/model-server.ts';
import type { Embedder, EmbeddingSettings } from './embedder.ts';
import { LocalEmbedder } from './local/local-embedder.ts';
import { localModel } from './local/local-model.ts';
import { RemoteEmbedder, type RemoteOptions } from './remote/remote-embedder.ts';

export const defaultBedrockModel = 'amazon.titan-embed-text-v2:0';

const serverOptions = {
  url: '--embedding-url',
  name: '--embedding-name',
  key: 'AGENTCORE_MCP_EMBEDDING_API_KEY',
};

/**
 * The embedding model that the settings name. Nothing is asked yet, and what a model needs is loaded with the first text.
 * @throws Error where the URL is none.
 */
export function createEmbedder(
  settings: EmbeddingSettings,
  { log, ...options }: { log: Log } & RemoteOptions,
): Embedder {
  switch (settings.provider) {
    case 'local':
      return new LocalEmbedder(localModel(settings.model), log);
    case 'openai': {
      const { model } = settings;
      const server = new ModelServer(settings.url, settings.apiKey, serverOptions);
      const load = async () => (await import('./remote/openai-source.ts')).openAiSource(server, model);
      const name = `${model} at ${server.url}`;
      return new RemoteEmbedder({ id: `openai/${name}`, name, load }, options);
    }
    case 'bedrock': {
      const { model = defaultBedrockModel, ...access } = settings;
      const load = async () => (await import('./remote/bedrock-source.ts')).bedrockSource(model, access);
      const name = `${model} of Amazon Bedrock`;
      return new RemoteEmbedder({ id: `bedrock/${model}`, name, load }, options);
    }
  }
}
