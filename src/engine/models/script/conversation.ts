import type {
  ContentBlock,
  ConverseStreamCommandInput,
  ToolResultContentBlock,
} from '@aws-sdk/client-bedrock-runtime';

/** What rules look at. */
export interface Conversation {
  model: string;
  system: string;
  /** The last text of the user. */
  prompt: string;
  /** The last tool result: the tool's name, and the result as text. */
  result?: { tool: string; text: string };
  /** Whether that result is what the model is to answer now. */
  afterTool: boolean;
  /** The names of the tools that may be called. */
  tools: string[];
}

export function conversationOf(request: ConverseStreamCommandInput): Conversation {
  const { modelId = '', system = [], messages = [], toolConfig } = request;
  const fromUser = messages.filter(({ role }) => role === 'user').map(({ content = [] }) => content);
  const results = messages.flatMap(({ content = [] }) => content.flatMap((block) => block.toolResult ?? []));
  const last = results.at(-1);
  const calls = messages.flatMap(({ content = [] }) => content.flatMap((block) => block.toolUse ?? []));
  const called = calls.findLast(({ toolUseId }) => toolUseId === last?.toolUseId);
  return {
    model: modelId,
    system: textOf(system),
    prompt: fromUser.map(textOf).findLast((text) => text !== '') ?? '',
    result: last && { tool: called?.name ?? '', text: textOf(last.content ?? []) },
    afterTool: messages.at(-1)?.content?.some((block) => block.toolResult) ?? false,
    tools: (toolConfig?.tools ?? []).flatMap((tool) => tool.toolSpec?.name ?? []),
  };
}

function textOf(blocks: readonly Partial<ContentBlock | ToolResultContentBlock>[]): string {
  const texts = blocks.flatMap((block) => {
    if (block.text !== undefined) return block.text;
    return 'json' in block && block.json !== undefined ? JSON.stringify(block.json) : [];
  });
  return texts.join('\n');
}
