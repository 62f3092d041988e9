import type { LanguageModelV3StreamPart, LanguageModelV3Usage } from '@ai-sdk/provider';
import type {
  ContentBlockDelta,
  ConverseStreamOutput,
  StopReason,
  TokenUsage,
} from '@aws-sdk/client-bedrock-runtime';
import { providerName } from './call-options.ts';

type Part<Type extends LanguageModelV3StreamPart['type']> = Extract<
  LanguageModelV3StreamPart,
  { type: Type }
>;

interface OpenBlock {
  kind: 'text' | 'reasoning' | 'tool';
  /** The AI SDK's id; of a tool call its own. */
  id: string;
  /** A tool's input so far. */
  input: string;
}

export interface AnswerOptions {
  /** For `additionalModelResponseFields.answeredBy`. */
  answeredBy: string;
  /** For servers that count no tokens: an estimate for the request, and one for a text. */
  estimates: { input: number; of(text: string): number };
  /** From `performance.now()`. */
  startedAt: number;
}

/**
 * Turns the parts of an answer, as the AI SDK gives them, into Converse's events. Converse's blocks come one after the
 * other, while parts of several may come mixed: what belongs to another block waits until a tool's input is complete.
 */
export class Answer {
  readonly #options: AnswerOptions;
  #begun = false;
  #index = -1;
  #open: OpenBlock | undefined;
  #waiting: LanguageModelV3StreamPart[] = [];
  #calls = 0;
  #malformed = false;
  #text = '';

  constructor(options: AnswerOptions) {
    this.#options = options;
  }

  /** The events that follow from a part. */
  *take(part: LanguageModelV3StreamPart): Iterable<ConverseStreamOutput> {
    if (this.#open?.kind === 'tool' && mustWait(part, this.#open.id)) {
      this.#waiting.push(part);
      return;
    }
    switch (part.type) {
      case 'text-delta':
        return yield* this.#delta('text', part.id, part.delta, { text: part.delta });
      case 'reasoning-delta':
        return yield* this.#delta('reasoning', part.id, part.delta, {
          reasoningContent: { text: part.delta },
        });
      case 'tool-input-start':
        return yield* this.#startTool(part);
      case 'tool-input-delta':
        return yield* this.#delta('tool', part.id, part.delta, { toolUse: { input: part.delta } });
      case 'tool-input-end':
        return yield* this.#endTool();
      case 'finish':
        return yield* this.#finish(part);
    }
  }

  *#delta(
    kind: OpenBlock['kind'],
    id: string,
    text: string,
    delta: ContentBlockDelta,
  ): Iterable<ConverseStreamOutput> {
    if (this.#open?.kind !== kind) yield* this.#openBlock({ kind, id, input: '' });
    this.#text += text;
    if (this.#open) this.#open.input += text;
    yield { contentBlockDelta: { contentBlockIndex: this.#index, delta } };
  }

  *#startTool({ id, toolName }: Part<'tool-input-start'>): Iterable<ConverseStreamOutput> {
    yield* this.#openBlock({ kind: 'tool', id, input: '' });
    this.#calls++;
    const start = { toolUse: { toolUseId: id, name: toolName } };
    yield { contentBlockStart: { contentBlockIndex: this.#index, start } };
  }

  *#endTool(): Iterable<ConverseStreamOutput> {
    if (this.#open?.input.trim() === '') {
      yield { contentBlockDelta: { contentBlockIndex: this.#index, delta: { toolUse: { input: '{}' } } } };
    } else if (!isJsonObject(this.#open?.input ?? '')) {
      this.#malformed = true;
    }
    yield* this.#close();
    const waited = this.#waiting;
    this.#waiting = [];
    for (const part of waited) yield* this.take(part);
  }

  *#openBlock(block: OpenBlock): Iterable<ConverseStreamOutput> {
    yield* this.#close();
    yield* this.#begin();
    this.#index++;
    this.#open = block;
  }

  *#begin(): Iterable<ConverseStreamOutput> {
    if (this.#begun) return;
    this.#begun = true;
    yield { messageStart: { role: 'assistant' } };
  }

  *#close(): Iterable<ConverseStreamOutput> {
    if (!this.#open) return;
    this.#open = undefined;
    yield { contentBlockStop: { contentBlockIndex: this.#index } };
  }

  *#finish(part: Part<'finish'>): Iterable<ConverseStreamOutput> {
    const { answeredBy, estimates, startedAt } = this.#options;
    yield* this.#close();
    yield* this.#begin();
    const stopSequence = part.providerMetadata?.[providerName]?.stopSequence;
    const counted = part.usage.raw !== undefined;
    yield {
      messageStop: {
        stopReason: this.#stopReason(part, stopSequence !== undefined),
        additionalModelResponseFields: {
          answeredBy,
          ...(stopSequence === undefined ? {} : { stop_sequence: String(stopSequence) }),
          ...(counted ? {} : { usage: 'estimated' }),
        },
      },
    };
    const usage = counted ? tokenUsage(part.usage) : total(estimates.input, estimates.of(this.#text));
    yield { metadata: { usage, metrics: { latencyMs: Math.round(performance.now() - startedAt) } } };
  }

  #stopReason({ finishReason }: Part<'finish'>, bySequence: boolean): StopReason {
    if (finishReason.unified === 'length') return 'max_tokens';
    if (finishReason.unified === 'content-filter') return 'content_filtered';
    if (this.#malformed) return 'malformed_tool_use';
    // Not every server says that it stopped for a tool.
    if (this.#calls > 0) return 'tool_use';
    return bySequence ? 'stop_sequence' : 'end_turn';
  }
}

function mustWait(part: LanguageModelV3StreamPart, open: string): boolean {
  return 'id' in part && part.id !== open && /^(?:text|reasoning|tool-input)-/.test(part.type);
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** As on Bedrock, tokens read from a cache are not among the input tokens. */
function tokenUsage({ inputTokens, outputTokens }: LanguageModelV3Usage): TokenUsage {
  const cached = inputTokens.cacheRead ?? 0;
  const input = inputTokens.total ?? 0;
  const output = outputTokens.total ?? 0;
  if (cached === 0) return total(input, output);
  return {
    inputTokens: input - cached,
    outputTokens: output,
    totalTokens: input + output,
    cacheReadInputTokens: cached,
  };
}

function total(inputTokens: number, outputTokens: number): TokenUsage {
  return { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens };
}
