import { z } from 'zod';

/** Unknown members, such as `cache_control`, change no answer and are left aside. */
const text = z.object({ type: z.literal('text'), text: z.string() });

const image = z.object({
  type: z.literal('image'),
  source: z.object({
    type: z.literal('base64'),
    media_type: z.enum(['image/jpeg', 'image/png', 'image/gif', 'image/webp']),
    data: z.base64(),
  }),
});

const document = z.object({
  type: z.literal('document'),
  title: z
    .string()
    .nullish()
    .transform((title) => title ?? undefined),
  context: z
    .string()
    .nullish()
    .transform((context) => context ?? undefined),
  source: z.discriminatedUnion('type', [
    z.object({ type: z.literal('base64'), media_type: z.literal('application/pdf'), data: z.base64() }),
    z.object({ type: z.literal('text'), media_type: z.literal('text/plain'), data: z.string() }),
  ]),
});

const resultBlock = z.discriminatedUnion('type', [text, image, document]);

const block = z.discriminatedUnion('type', [
  text,
  image,
  document,
  z.object({
    type: z.literal('tool_use'),
    id: z.string(),
    name: z.string(),
    input: z.record(z.string(), z.unknown()),
  }),
  z.object({
    type: z.literal('tool_result'),
    tool_use_id: z.string(),
    content: z.union([z.string(), z.array(resultBlock)]).optional(),
    is_error: z.boolean().optional(),
  }),
  z.object({ type: z.literal('thinking'), thinking: z.string(), signature: z.string().optional() }),
  z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
]);

const toolChoice = z.discriminatedUnion('type', [
  z.object({ type: z.literal('auto') }),
  z.object({ type: z.literal('any') }),
  z.object({ type: z.literal('none') }),
  z.object({ type: z.literal('tool'), name: z.string() }),
]);

/** The body of InvokeModel for Anthropic's models, as far as it is understood. */
export const anthropicRequest = z.object({
  anthropic_version: z.literal('bedrock-2023-05-31'),
  max_tokens: z.int().min(1),
  messages: z
    .array(
      z.object({
        role: z.enum(['user', 'assistant']),
        content: z.union([z.string(), z.array(block)]),
      }),
    )
    .min(1),
  system: z.union([z.string(), z.array(text)]).optional(),
  temperature: z.number().min(0).max(1).optional(),
  top_p: z.number().min(0).max(1).optional(),
  top_k: z.int().min(0).optional(),
  stop_sequences: z.array(z.string()).optional(),
  thinking: z.looseObject({ type: z.string() }).optional(),
  tools: z
    .array(
      z.object({
        type: z.literal('custom').optional(),
        name: z.string(),
        description: z.string().optional(),
        input_schema: z.record(z.string(), z.unknown()),
      }),
    )
    .optional(),
  tool_choice: toolChoice.optional(),
});

export type AnthropicRequest = z.infer<typeof anthropicRequest>;
export type AnthropicBlock = z.infer<typeof block>;
export type AnthropicResultBlock = z.infer<typeof resultBlock>;
