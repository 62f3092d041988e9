import {
  type ContentBlock,
  type ContentBlockDelta,
  type ContentBlockStart,
  type ConverseResponse,
  type ConverseStreamOutput,
  ModelStreamErrorException,
} from '@aws-sdk/client-bedrock-runtime';
import { modelFailed } from './exceptions.ts';

type Document = Extract<ContentBlock, { toolUse: object }>['toolUse']['input'];
type Citation = NonNullable<
  Extract<ContentBlock, { citationsContent: object }>['citationsContent']['citations']
>[number];

/** One content block while its deltas come in. */
interface Draft {
  start?: ContentBlockStart;
  text: string;
  reasoning: string;
  signature?: string;
  redacted: Uint8Array[];
  input: string;
  citations: Citation[];
}

/**
 * The whole answer that a stream of events makes, as Converse gives it. A tool's input that is no JSON (the stop reason
 * is `malformed_tool_use`, or `max_tokens` where it was cut) is given as the text it is.
 * @throws ModelErrorException where the events end too early.
 */
export async function collect(events: AsyncIterable<ConverseStreamOutput>): Promise<ConverseResponse> {
  const drafts = new Map<number, Draft>();
  const draft = (index = 0) => {
    const known = drafts.get(index) ?? emptyDraft();
    drafts.set(index, known);
    return known;
  };
  const response: Partial<ConverseResponse> = {};
  for await (const { contentBlockStart, contentBlockDelta, messageStop, metadata } of unbroken(events)) {
    if (contentBlockStart) draft(contentBlockStart.contentBlockIndex).start = contentBlockStart.start;
    if (contentBlockDelta?.delta) add(draft(contentBlockDelta.contentBlockIndex), contentBlockDelta.delta);
    Object.assign(response, messageStop, metadata);
  }
  const { stopReason, usage, metrics } = response;
  if (!stopReason || !usage || !metrics) throw modelFailed('The answer of the model ended too early.');
  const content = [...drafts].sort(([a], [b]) => a - b).flatMap(([, draft]) => blocks(draft));
  return { ...response, stopReason, usage, metrics, output: { message: { role: 'assistant', content } } };
}

/** A stream that breaks off is, of a whole answer, a model that failed. */
async function* unbroken(events: AsyncIterable<ConverseStreamOutput>): AsyncIterable<ConverseStreamOutput> {
  try {
    yield* events;
  } catch (error) {
    throw error instanceof ModelStreamErrorException ? modelFailed(error.message) : error;
  }
}

function emptyDraft(): Draft {
  return { text: '', reasoning: '', redacted: [], input: '', citations: [] };
}

function add(draft: Draft, delta: ContentBlockDelta): void {
  draft.text += delta.text ?? '';
  draft.input += delta.toolUse?.input ?? '';
  draft.reasoning += delta.reasoningContent?.text ?? '';
  if (delta.reasoningContent?.signature) draft.signature = delta.reasoningContent.signature;
  if (delta.reasoningContent?.redactedContent) draft.redacted.push(delta.reasoningContent.redactedContent);
  if (delta.citation) draft.citations.push(delta.citation as Citation);
}

function blocks({ start, text, reasoning, signature, redacted, input, citations }: Draft): ContentBlock[] {
  if (start?.toolUse) {
    const { toolUseId, name, type } = start.toolUse;
    return [{ toolUse: { toolUseId, name, type, input: parsed(input) } }];
  }
  if (reasoning || signature)
    return [{ reasoningContent: { reasoningText: { text: reasoning, signature } } }];
  if (redacted.length) return [{ reasoningContent: { redactedContent: Buffer.concat(redacted) } }];
  if (citations.length) return [{ citationsContent: { content: [{ text }], citations } }];
  return text ? [{ text }] : [];
}

function parsed(input: string): Document {
  if (input.trim() === '') return {};
  try {
    return JSON.parse(input);
  } catch {
    return input;
  }
}
