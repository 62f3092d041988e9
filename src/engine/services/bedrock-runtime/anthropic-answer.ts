import { randomUUID } from 'node:crypto';
import type {
  ContentBlock,
  ContentBlockDelta,
  ConverseResponse,
  ConverseStreamMetadataEvent,
  ConverseStreamOutput,
  MessageStopEvent,
  ResponseStream,
} from '@aws-sdk/client-bedrock-runtime';

type AnthropicEvent = Readonly<Record<string, unknown>> & { type: string };

/** An answer as Anthropic's models give it to InvokeModel; `answeredBy` stands where the model's own name is. */
export function anthropicMessage(response: ConverseResponse, answeredBy: string): object {
  const { output, stopReason, usage, additionalModelResponseFields } = response;
  return {
    ...head(answeredBy, additionalModelResponseFields),
    content: (output?.message?.content ?? []).flatMap(toAnthropic),
    ...stop({ stopReason, additionalModelResponseFields }),
    usage: counts(usage),
  };
}

/**
 * The same as a stream: one JSON object per chunk. The tokens of the request are known only at the end, where
 * `message_delta` and the metrics of `message_stop` have them.
 */
export async function* anthropicEvents(
  events: AsyncIterable<ConverseStreamOutput>,
  answeredBy: string,
): AsyncGenerator<ResponseStream> {
  for await (const event of eventsOf(events, answeredBy)) {
    yield { chunk: { bytes: Buffer.from(JSON.stringify(event)) } };
  }
}

async function* eventsOf(
  events: AsyncIterable<ConverseStreamOutput>,
  answeredBy: string,
): AsyncGenerator<AnthropicEvent> {
  const startedAt = performance.now();
  let firstByteLatency = 0;
  let openIndex: number | undefined;
  let stopped: MessageStopEvent | undefined;
  for await (const event of events) {
    if (event.messageStart) {
      const usage = { input_tokens: 0, output_tokens: 0 };
      const message = { ...head(answeredBy), content: [], stop_reason: null, stop_sequence: null, usage };
      yield { type: 'message_start', message };
    }
    if (event.contentBlockStart) {
      const { contentBlockIndex: index, start } = event.contentBlockStart;
      openIndex = index;
      const { toolUseId: id, name } = start?.toolUse ?? {};
      yield { type: 'content_block_start', index, content_block: { type: 'tool_use', id, name, input: {} } };
    }
    if (event.contentBlockDelta) {
      const { contentBlockIndex: index, delta = {} as ContentBlockDelta } = event.contentBlockDelta;
      firstByteLatency ||= Math.round(performance.now() - startedAt);
      // Converse begins only tool calls with an event.
      if (openIndex !== index) yield { type: 'content_block_start', index, content_block: emptyBlock(delta) };
      openIndex = index;
      yield { type: 'content_block_delta', index, delta: toAnthropicDelta(delta) };
    }
    if (event.contentBlockStop) {
      yield { type: 'content_block_stop', index: event.contentBlockStop.contentBlockIndex };
    }
    if (event.messageStop) stopped = event.messageStop;
    if (event.metadata) yield* ending(stopped, event.metadata, firstByteLatency);
  }
}

function* ending(
  stopped: Partial<MessageStopEvent> = {},
  { usage, metrics }: ConverseStreamMetadataEvent,
  firstByteLatency: number,
): Iterable<AnthropicEvent> {
  yield { type: 'message_delta', delta: stop(stopped), usage: counts(usage) };
  yield {
    type: 'message_stop',
    'amazon-bedrock-invocationMetrics': {
      inputTokenCount: usage?.inputTokens,
      outputTokenCount: usage?.outputTokens,
      invocationLatency: metrics?.latencyMs,
      firstByteLatency,
    },
  };
}

function head(answeredBy: string, fields?: unknown) {
  const model = (fields as { answeredBy?: string } | undefined)?.answeredBy ?? answeredBy;
  return { id: `msg_bdrk_${randomUUID().replaceAll('-', '')}`, type: 'message', role: 'assistant', model };
}

function stop({ stopReason, additionalModelResponseFields }: Partial<MessageStopEvent>) {
  const { stop_sequence = null } = (additionalModelResponseFields ?? {}) as { stop_sequence?: string };
  return { stop_reason: anthropicReason(stopReason), stop_sequence };
}

/** What Anthropic has no word for is the end of the turn. */
function anthropicReason(reason: MessageStopEvent['stopReason']): string {
  switch (reason) {
    case 'tool_use':
    case 'max_tokens':
    case 'stop_sequence':
    case 'model_context_window_exceeded':
      return reason;
    case 'content_filtered':
      return 'refusal';
    default:
      return 'end_turn';
  }
}

function counts(usage: ConverseResponse['usage']) {
  const { inputTokens = 0, outputTokens = 0, cacheReadInputTokens: cached } = usage ?? {};
  return {
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    ...(cached === undefined ? {} : { cache_read_input_tokens: cached }),
  };
}

function toAnthropic(block: ContentBlock): object[] {
  if (block.text !== undefined) return [{ type: 'text', text: block.text }];
  if (block.toolUse) {
    const { toolUseId: id, name, input } = block.toolUse;
    return [{ type: 'tool_use', id, name, input }];
  }
  const reasoning = block.reasoningContent?.reasoningText;
  return reasoning
    ? [{ type: 'thinking', thinking: reasoning.text, signature: reasoning.signature ?? '' }]
    : [];
}

function emptyBlock(delta: ContentBlockDelta): object {
  return delta.reasoningContent
    ? { type: 'thinking', thinking: '', signature: '' }
    : { type: 'text', text: '' };
}

function toAnthropicDelta({ text, toolUse, reasoningContent }: ContentBlockDelta): object {
  if (toolUse) return { type: 'input_json_delta', partial_json: toolUse.input };
  if (reasoningContent?.signature !== undefined)
    return { type: 'signature_delta', signature: reasoningContent.signature };
  if (reasoningContent) return { type: 'thinking_delta', thinking: reasoningContent.text ?? '' };
  return { type: 'text_delta', text: text ?? '' };
}
