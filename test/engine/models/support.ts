import type { ConverseStreamCommandInput, ConverseStreamOutput } from '@aws-sdk/client-bedrock-runtime';
import type { LanguageModel } from '../../../src/engine/models/model.ts';

export const modelId = 'us.anthropic.claude-sonnet-4-20250514-v1:0';

/** A request with one text of the user. */
export function ask(
  text: string,
  more: Partial<ConverseStreamCommandInput> = {},
): ConverseStreamCommandInput {
  return { modelId, messages: [{ role: 'user', content: [{ text }] }], ...more };
}

/** The definition of a tool that takes a city. */
export const weatherTool = {
  toolSpec: {
    name: 'get_weather',
    description: 'The weather of a city.',
    inputSchema: { json: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
  },
};

export async function eventsOf(
  model: LanguageModel,
  request: ConverseStreamCommandInput,
  signal = new AbortController().signal,
): Promise<ConverseStreamOutput[]> {
  const events: ConverseStreamOutput[] = [];
  for await (const event of model.converse(request, signal)) events.push(event);
  return events;
}

/** The error that a request ends with. */
export async function failureOf(model: LanguageModel, request: ConverseStreamCommandInput): Promise<Error> {
  const answered = await eventsOf(model, request).catch((error: Error) => error);
  if (answered instanceof Error) return answered;
  throw new Error(`Answered: ${JSON.stringify(answered)}`);
}

/** The texts, the tool inputs and the names of events in their order, as one line each. */
export function outline(events: readonly ConverseStreamOutput[]): string[] {
  return events.map((event) => {
    const { contentBlockStart: start, contentBlockDelta: delta, contentBlockStop: stop } = event;
    if (start) return `${start.contentBlockIndex} start ${start.start?.toolUse?.name}`;
    if (delta) {
      const { text, toolUse, reasoningContent } = delta.delta ?? {};
      const said = text ?? toolUse?.input ?? `thinks ${reasoningContent?.text}`;
      return `${delta.contentBlockIndex} ${said}`;
    }
    if (stop) return `${stop.contentBlockIndex} stop`;
    if (event.messageStop) return `messageStop ${event.messageStop.stopReason}`;
    return Object.keys(event).join();
  });
}
