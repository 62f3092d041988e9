import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { providerName } from '../../openai/call-options.ts';
import { asException } from '../../openai/failures.ts';
import type { ModelServer } from '../../openai/model-server.ts';
import type { Source } from './remote-embedder.ts';

/** The `/embeddings` of an OpenAI-compatible server. */
export function openAiSource(server: ModelServer, model: string): Source {
  const provider = createOpenAICompatible({ name: providerName, baseURL: server.url, apiKey: server.apiKey });
  const embeddings = provider.embeddingModel(model);
  return {
    characters: 16_000,
    batch: { texts: 64, characters: 64_000 },
    async ask(texts, _purpose, signal) {
      try {
        const answer = await embeddings.doEmbed({ values: [...texts], abortSignal: signal });
        return answer.embeddings;
      } catch (error) {
        signal.throwIfAborted();
        throw await asException(error, { server, model, begun: false, signal });
      }
    },
  };
}
