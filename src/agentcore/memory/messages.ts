import type { PayloadType } from '@aws-sdk/client-bedrock-agentcore';

const roles = {
  user: 'USER',
  assistant: 'ASSISTANT',
  tool: 'TOOL',
  other: 'OTHER',
  system: 'OTHER',
} as const;

/** `assistant: Hello` as AgentCore keeps it; without a role before the colon it is the user's. */
export function messageOf(line: string): PayloadType {
  const [, role = '', said = ''] = /^\s*(user|assistant|tool|other|system)\s*:\s*(.*)$/is.exec(line) ?? [];
  const key = role.toLowerCase() as keyof typeof roles | '';
  const text = key ? said : line;
  return { conversational: { role: key ? roles[key] : 'USER', content: { text } } };
}
