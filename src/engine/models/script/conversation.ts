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
  /** The last tool results, several where tools were called together: each tool's name, and the result as text. */
  results: { tool: string; text: string }[];
  /** Whether those results are what the model is to answer now. */
  afterTool: boolean;
  /** The names of the tools that may be called. */
  tools: string[];
}

export function conversationOf(request: ConverseStreamCommandInput): Conversation {
  const { modelId = '', system = [], messages = [], toolConfig } = request;
  const fromUser = messages.filter(({ role }) => role === 'user').map(({ content = [] }) => content);
  const answers = messages.map(({ content = [] }) => content.flatMap((block) => block.toolResult ?? []));
  const calls = messages.flatMap(({ content = [] }) => content.flatMap((block) => block.toolUse ?? []));
  const toolOf = (id?: string) => calls.findLast(({ toolUseId }) => toolUseId === id)?.name ?? '';
  return {
    model: modelId,
    system: textOf(system),
    prompt: fromUser.map(textOf).findLast((text) => text !== '') ?? '',
    results: (answers.findLast((found) => found.length > 0) ?? []).map(({ toolUseId, content = [] }) => ({
      tool: toolOf(toolUseId),
      text: textOf(content),
    })),
    afterTool: (answers.at(-1) ?? []).length > 0,
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
