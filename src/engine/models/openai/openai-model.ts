import { createOpenAICompatible, type MetadataExtractor } from '@ai-sdk/openai-compatible';
import type { ConverseStreamCommandInput } from '@aws-sdk/client-bedrock-runtime';
import { modelTimedOut } from '../exceptions.ts';
import type { LanguageModel } from '../model.ts';
import { estimateTokens } from '../tokens.ts';
import { Answer } from './answer.ts';
import { providerName, toCallOptions } from './call-options.ts';
import { asException } from './failures.ts';
import type { ModelServer } from './model-server.ts';
import { Silence } from './silence.ts';

/** A model may first have to be loaded. Below the five minutes after which Node's fetch gives up by itself. */
const SILENCE_MS = 290_000;

export interface OpenAiSettings {
  server: ModelServer;
  /** Answers in place of whatever model is asked for. */
  model?: string;
  /** How long the server may say nothing. */
  silenceMs?: number;
}

/**
 * A model on an OpenAI-compatible server. Where no model is configured, the one asked for is meant; a server that has
 * only one model answers with that one.
 */
export function createOpenAiModel({
  server,
  model,
  silenceMs = SILENCE_MS,
}: OpenAiSettings): LanguageModel['converse'] {
  const provider = createOpenAICompatible({
    name: providerName,
    baseURL: server.url,
    apiKey: server.apiKey,
    includeUsage: true,
    supportsStructuredOutputs: true,
    metadataExtractor: stopSequences,
    transformRequestBody: (body) => server.requestBody(body),
  });

  async function* parts(chosen: string, request: ConverseStreamCommandInput, silence: Silence) {
    const options = { ...toCallOptions(request), abortSignal: silence.signal };
    const { stream } = await provider.chatModel(chosen).doStream(options);
    for await (const part of stream) {
      silence.heard();
      if (part.type === 'error') throw part.error;
      yield part;
    }
  }

  return async function* (request, signal) {
    const silent = () =>
      modelTimedOut(`The model server at ${server.url} has said nothing for ${silenceMs / 1000} s.`);
    const silence = new Silence(silenceMs, silent, signal);
    const chosen = model ?? (await onlyModel(server, request.modelId ?? '', signal));
    const answer = new Answer({
      answeredBy: `${chosen} at ${server.url}`,
      estimates: {
        input: estimateTokens([request.system, request.messages, request.toolConfig]),
        of: estimateTokens,
      },
      startedAt: performance.now(),
    });
    let begun = false;
    try {
      for await (const part of parts(chosen, request, silence)) {
        for (const event of answer.take(part)) {
          begun = true;
          yield event;
        }
      }
    } catch (error) {
      silence.signal.throwIfAborted();
      throw await asException(error, { server, model: chosen, begun, signal });
    } finally {
      silence.end();
    }
  };
}

async function onlyModel(server: ModelServer, asked: string, signal: AbortSignal): Promise<string> {
  const [first, ...others] = (await server.models(signal)) ?? [];
  return first !== undefined && others.length === 0 ? first : asked;
}

/** vLLM and others name the sequence that stopped them in the last choice's `stop_reason`. */
const stopSequences: MetadataExtractor = {
  extractMetadata: async () => undefined,
  createStreamExtractor() {
    let stopSequence: string | undefined;
    return {
      processChunk(chunk) {
        const reason = (chunk as { choices?: { stop_reason?: unknown }[] } | null)?.choices?.[0]?.stop_reason;
        if (typeof reason === 'string') stopSequence = reason;
      },
      buildMetadata: () => (stopSequence === undefined ? undefined : { [providerName]: { stopSequence } }),
    };
  },
};
