import type { PayloadType } from '@aws-sdk/client-bedrock-agentcore';
import type { EventRow } from '../memory.ts';
import type { Message } from './extractor.ts';
import type { StrategyKind } from './kinds.ts';

const rolesOfFacts = ['USER', 'ASSISTANT'];

/** Which parts of a payload a kind of strategy learns from. Blobs are for self-managed strategies only. */
export function learnable(payload: readonly PayloadType[], kind: StrategyKind): number[] {
  return payload.flatMap((part, index) => (isLearnable(part, kind) ? [index] : []));
}

/** The messages of a payload; JSON is told as its text, as something that the user gave. */
export function messagesOf(
  { payload, at }: Pick<EventRow, 'payload' | 'at'>,
  indexes: readonly number[],
): Message[] {
  return indexes.flatMap((index) => {
    const { conversational, json } = payload[index] ?? {};
    if (json) return [{ role: 'USER', text: JSON.stringify(json.content), at } as const];
    const role = conversational?.role as Message['role'] | undefined;
    const text = conversational?.content?.text;
    return role !== undefined && text !== undefined ? [{ role, text, at }] : [];
  });
}

function isLearnable({ conversational, json, blob }: PayloadType, kind: StrategyKind): boolean {
  if (blob !== undefined) return kind === 'self-managed';
  if (json) return true;
  if (!conversational?.content?.text) return false;
  return kind !== 'facts' || rolesOfFacts.includes(conversational.role ?? '');
}
