import type {
  ContentBlock,
  ConverseStreamCommandInput,
  ImageFormat,
  Message,
  ToolConfiguration,
  ToolResultContentBlock,
} from '@aws-sdk/client-bedrock-runtime';
import type { z } from 'zod';
import { invalidRequest } from '../../models/exceptions.ts';
import {
  type AnthropicBlock,
  type AnthropicRequest,
  type AnthropicResultBlock,
  anthropicRequest,
} from './anthropic-shapes.ts';
import { bodyFamily } from './families.ts';

interface Invocation {
  modelId?: string;
  body?: unknown;
}

/**
 * The body of an InvokeModel for Anthropic's models, as a request of Converse.
 * @throws ValidationException for the bodies of other models, which is said by name, and for what is not valid.
 */
export function toConverse({ modelId = '', body }: Invocation): ConverseStreamCommandInput {
  const value = parsed(body);
  const family = bodyFamily(modelId, value);
  if (family !== 'Anthropic')
    throw invalidRequest(
      `The body is one for ${family}, and InvokeModel answers only the body of Anthropic's messages here ("anthropic_version": "bedrock-2023-05-31"). Use Converse or ConverseStream, which are the same for every model.`,
    );
  const { data, error } = anthropicRequest.safeParse(value);
  if (!data) throw invalidRequest(faults(error));
  const { max_tokens, temperature, top_p, top_k, stop_sequences, thinking } = data;
  const additional = { ...(top_k === undefined ? {} : { top_k }), ...(thinking ? { thinking } : {}) };
  return {
    modelId,
    messages: data.messages.map(toMessage),
    system: systemTexts(data.system),
    inferenceConfig: { maxTokens: max_tokens, temperature, topP: top_p, stopSequences: stop_sequences },
    toolConfig: toToolConfig(data),
    additionalModelRequestFields: Object.keys(additional).length ? (additional as never) : undefined,
  };
}

function parsed(body: unknown): unknown {
  const bytes = body instanceof Uint8Array ? body : Buffer.from(String(body ?? ''));
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw invalidRequest('The body of InvokeModel is no JSON.');
  }
}

/** Like Anthropic's own, e.g. `messages.0.content.1.source: Invalid input`. */
function faults(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ');
}

function systemTexts(system: AnthropicRequest['system']) {
  if (system === undefined || system === '') return undefined;
  return typeof system === 'string' ? [{ text: system }] : system.map(({ text }) => ({ text }));
}

function toMessage({ role, content }: AnthropicRequest['messages'][number]): Message {
  return { role, content: typeof content === 'string' ? [{ text: content }] : content.map(toBlock) };
}

function toBlock(block: AnthropicBlock): ContentBlock {
  switch (block.type) {
    case 'tool_use':
      return { toolUse: { toolUseId: block.id, name: block.name, input: block.input as never } };
    case 'tool_result': {
      const { tool_use_id, content = [], is_error } = block;
      const blocks = typeof content === 'string' ? [{ text: content }] : content.map(toResultBlock);
      return {
        toolResult: { toolUseId: tool_use_id, content: blocks, status: is_error ? 'error' : 'success' },
      };
    }
    case 'thinking':
      return {
        reasoningContent: { reasoningText: { text: block.thinking, signature: block.signature } },
      };
    case 'redacted_thinking':
      return { reasoningContent: { redactedContent: Buffer.from(block.data) } };
    default:
      return toResultBlock(block);
  }
}

/** Blocks that messages and tool results may both have. */
function toResultBlock(block: AnthropicResultBlock): ContentBlock & ToolResultContentBlock {
  switch (block.type) {
    case 'text':
      return { text: block.text };
    case 'image': {
      const { media_type, data } = block.source;
      const format = media_type.replace('image/', '') as ImageFormat;
      return { image: { format, source: { bytes: Buffer.from(data, 'base64') } } };
    }
    case 'document': {
      const { source, title = 'document', context } = block;
      if (source.type === 'text')
        return { document: { name: title, format: 'txt', context, source: { text: source.data } } };
      return {
        document: {
          name: title,
          format: 'pdf',
          context,
          source: { bytes: Buffer.from(source.data, 'base64') },
        },
      };
    }
  }
}

/** Converse cannot forbid tools; without them none can be called either. */
function toToolConfig({ tools = [], tool_choice }: AnthropicRequest): ToolConfiguration | undefined {
  if (tools.length === 0 || tool_choice?.type === 'none') return undefined;
  return {
    tools: tools.map(({ name, description, input_schema }) => ({
      toolSpec: { name, description, inputSchema: { json: input_schema as never } },
    })),
    toolChoice: toToolChoice(tool_choice),
  };
}

function toToolChoice(choice: AnthropicRequest['tool_choice']): ToolConfiguration['toolChoice'] {
  switch (choice?.type) {
    case 'auto':
      return { auto: {} };
    case 'any':
      return { any: {} };
    case 'tool':
      return { tool: { name: choice.name } };
    default:
      return undefined;
  }
}
