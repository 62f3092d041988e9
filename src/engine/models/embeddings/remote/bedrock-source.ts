import { InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime';
import { z } from 'zod';
import { type BedrockAccess, relayTo } from '../../bedrock-client.ts';
import { invalidRequest, modelFailed } from '../../exceptions.ts';
import type { Purpose } from '../embedder.ts';
import type { Source } from './remote-embedder.ts';

/** How a family of models is asked. */
interface Family extends Omit<Source, 'ask'> {
  body(texts: readonly string[], purpose: Purpose): object;
  answer: z.ZodType<number[][]>;
}

const vectors = z.array(z.array(z.number()));

const titan: Family = {
  characters: 8_000,
  batch: { texts: 1, characters: 8_000 },
  body: ([inputText]) => ({ inputText }),
  answer: z.object({ embedding: z.array(z.number()) }).transform(({ embedding }) => [embedding]),
};

/** The model cuts what is too long, but takes texts of 2,048 characters only; the fourth one takes more. */
const cohere: Family = {
  characters: 2_048,
  batch: { texts: 96, characters: 64_000 },
  body: (texts, purpose) => ({
    texts,
    input_type: purpose === 'query' ? 'search_query' : 'search_document',
    truncate: 'END',
    embedding_types: ['float'],
  }),
  answer: z
    .object({ embeddings: z.union([vectors, z.object({ float: vectors })]) })
    .transform(({ embeddings }) => ('float' in embeddings ? embeddings.float : embeddings)),
};

/** @throws ValidationException where the model is none of a family that is known. */
function familyOf(model: string): Family {
  if (/\bamazon\.titan-embed-text\b/.test(model)) return titan;
  if (/\bcohere\.embed-v4\b/.test(model)) return { ...cohere, characters: 16_000 };
  if (/\bcohere\.embed-/.test(model)) return cohere;
  throw invalidRequest(
    `How ${model} is asked is not known. With --embedding-bedrock, --embedding-name is the id of a text embedding model of Titan or Cohere, such as amazon.titan-embed-text-v2:0 or cohere.embed-multilingual-v3.`,
  );
}

/** A text embedding model of Bedrock. */
export function bedrockSource(model: string, access: BedrockAccess): Source {
  const { body, answer, ...limits } = familyOf(model);
  const relay = relayTo(access);
  return {
    ...limits,
    async ask(texts, purpose, abortSignal) {
      const command = new InvokeModelCommand({
        modelId: model,
        contentType: 'application/json',
        accept: 'application/json',
        body: JSON.stringify(body(texts, purpose)),
      });
      const response = await relay((client) => client.send(command, { abortSignal }), abortSignal);
      const read = answer.safeParse(JSON.parse(new TextDecoder().decode(response.body)));
      if (read.success) return read.data;
      throw modelFailed(`${model} gave an answer in no form that is known.`);
    },
  };
}
