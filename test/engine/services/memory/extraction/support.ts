import { onTestFinished } from 'vitest';
import { silentLog } from '../../../../../src/engine/log.ts';
import { createModel } from '../../../../../src/engine/models/index.ts';
import type { Lesson, Message } from '../../../../../src/engine/services/memory/extraction/extractor.ts';
import { createModelExtractor } from '../../../../../src/engine/services/memory/extraction/model/index.ts';
import type { MemoryRow, StrategyRow } from '../../../../../src/engine/services/memory/memory.ts';
import type { Near } from '../../../../../src/engine/services/memory/records/records.ts';
import { type AskedCompletion, type Reply, startOpenAiServer } from '../../../../support/openai-server.ts';

/** What a model is to answer: the input of the tool that it is told to call, or what the server does instead. */
export type Scripted = { calls: object } | Reply;

/** An extractor whose model server gives these answers one after the other, the last one again and again. */
export async function extractorOf(
  replies: readonly Scripted[],
  options: { silenceMs?: number; deadlineMs?: number; model?: string } = {},
) {
  const server = await startOpenAiServer(['small-model', 'large-model']);
  onTestFinished(() => server.close());
  const left = [...replies];
  server.answer((request) => replyTo(request, (left.length > 1 ? left.shift() : left[0]) as Scripted));
  const { model = 'small-model', silenceMs, deadlineMs } = options;
  const settings = { provider: 'openai', url: server.url, ...(model && { model }) } as const;
  const extractor = createModelExtractor({
    model: createModel(settings, { silenceMs }),
    log: silentLog,
    deadlineMs,
  });
  return { extractor, asked: server.requests, server };
}

export function replyTo({ body }: AskedCompletion, scripted: Scripted): Reply {
  if (typeof scripted !== 'object' || !('calls' in scripted)) return scripted;
  const [tool] = body.tools;
  return {
    toolCalls: [{ id: 'call-1', name: tool.function.name, arguments: JSON.stringify(scripted.calls) }],
  };
}

const saidAt = Date.UTC(2026, 10, 20, 9, 30);

export function says(text: string, role: Message['role'] = 'USER'): Message {
  return { role, text, at: saidAt };
}

const memory: MemoryRow = {
  id: 'notes-aB3dE5gH7j',
  name: 'notes',
  status: 'ACTIVE',
  eventExpiryDuration: 30,
  strategies: [],
  indexedKeys: [],
  namespaceKeys: [],
  createdAt: 0,
  updatedAt: 0,
};

export function lessonOf(
  messages: Message[],
  strategy: Partial<StrategyRow> = {},
  context: Message[] = [],
): Lesson {
  const whole: StrategyRow = {
    strategyId: 'facts-aB3dE5gH7j',
    name: 'facts',
    type: 'SEMANTIC',
    namespaces: ['/strategies/{memoryStrategyId}/actors/{actorId}/'],
    createdAt: 0,
    updatedAt: 0,
    ...strategy,
  };
  return { memory, strategy: whole, actorId: 'anna', sessionId: 'one', messages, context };
}

export function nearOf(texts: string[]): Near[] {
  return texts.map((text, index) => ({
    record: {
      id: `mem-${index}`,
      text,
      metadata: { topic: { stringValue: `topic ${index}` } },
      type: 'BASE',
      createdAt: 0,
      updatedAt: 0,
    },
    similarity: 0.8,
  }));
}

export const never = new AbortController().signal;
