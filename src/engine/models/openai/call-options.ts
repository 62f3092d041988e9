import type {
  LanguageModelV3CallOptions,
  LanguageModelV3FunctionTool,
  SharedV3ProviderOptions,
} from '@ai-sdk/provider';
import type { ConverseStreamCommandInput, ToolConfiguration } from '@aws-sdk/client-bedrock-runtime';
import { invalidRequest } from '../exceptions.ts';
import { refuseBedrockOnly } from '../unsupported.ts';
import { toPrompt } from './prompt.ts';

/** The name by which the AI SDK finds options that go into the body as they are. */
export const providerName = 'server';

type JsonSchema = LanguageModelV3FunctionTool['inputSchema'];

/** Fields for Anthropic's models on Bedrock that mean nothing to other servers, and those the request itself sets. */
const leftOut = new Set([
  'anthropic_beta',
  'anthropic_version',
  'reasoning_config',
  'thinking',
  'messages',
  'model',
  'stream',
  'stream_options',
  'tool_choice',
  'tools',
]);

/**
 * A request of Converse as a call of the AI SDK. Additional fields go into the body of the server's request as they are.
 * @throws ValidationException for what cannot be carried over.
 */
export function toCallOptions(request: ConverseStreamCommandInput): LanguageModelV3CallOptions {
  refuseBedrockOnly(request);
  const { system = [], messages = [], inferenceConfig = {}, toolConfig } = request;
  return {
    prompt: toPrompt(system, messages),
    maxOutputTokens: inferenceConfig.maxTokens,
    temperature: inferenceConfig.temperature,
    topP: inferenceConfig.topP,
    stopSequences: inferenceConfig.stopSequences?.length ? inferenceConfig.stopSequences : undefined,
    responseFormat: responseFormat(request),
    ...(toolConfig && tools(toolConfig)),
    providerOptions: additionalFields(request.additionalModelRequestFields),
  };
}

function tools({
  tools = [],
  toolChoice,
}: ToolConfiguration): Pick<LanguageModelV3CallOptions, 'tools' | 'toolChoice'> {
  const functions = tools.flatMap((tool, index): LanguageModelV3FunctionTool[] => {
    if (tool.cachePoint) return [];
    if (!tool.toolSpec)
      throw invalidRequest(
        `toolConfig.tools[${index}]: the configured model knows only tools with a toolSpec.`,
      );
    const { name = '', description, inputSchema, strict } = tool.toolSpec;
    return [
      { type: 'function', name, description, strict, inputSchema: (inputSchema?.json ?? {}) as JsonSchema },
    ];
  });
  return { tools: functions, toolChoice: choice(toolChoice) };
}

function choice(toolChoice: ToolConfiguration['toolChoice']): LanguageModelV3CallOptions['toolChoice'] {
  if (toolChoice?.tool) return { type: 'tool', toolName: toolChoice.tool.name ?? '' };
  if (toolChoice?.any) return { type: 'required' };
  return toolChoice?.auto ? { type: 'auto' } : undefined;
}

function responseFormat({
  outputConfig,
}: ConverseStreamCommandInput): LanguageModelV3CallOptions['responseFormat'] {
  const wanted = outputConfig?.textFormat?.structure?.jsonSchema;
  if (!wanted) return undefined;
  const { name, description, schema = '{}' } = wanted;
  try {
    return { type: 'json', name, description, schema: JSON.parse(schema) };
  } catch {
    throw invalidRequest('outputConfig.textFormat.structure.jsonSchema.schema is no JSON.');
  }
}

function additionalFields(
  fields: ConverseStreamCommandInput['additionalModelRequestFields'],
): SharedV3ProviderOptions {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return {};
  const kept = Object.entries(fields).filter(([name]) => !leftOut.has(name));
  return { [providerName]: Object.fromEntries(kept) } as SharedV3ProviderOptions;
}
