import type { ConverseResponse } from '@aws-sdk/client-bedrock-runtime';

/** What a model said, as far as it can be read. */
export type Reading =
  | { json: unknown; said: string }
  /** `refused`: words without any JSON, as where a model does not want to. */
  | { said: string; wrong: string; refused: boolean };

/** The input of the tool that was to be called, or JSON in the text of a model that calls none. */
export function readAnswer({ output, stopReason }: ConverseResponse, tool: string): Reading {
  const content = output?.message?.content ?? [];
  const cutOff = stopReason === 'max_tokens' && 'It was too long and cut off. Give less: what matters most.';
  const call = content.find(({ toolUse }) => toolUse)?.toolUse;
  if (call) {
    const { input } = call;
    if (typeof input !== 'string') return { json: input, said: JSON.stringify(input ?? {}) };
    return { said: input, wrong: cutOff || `The input of ${tool} is no JSON.`, refused: false };
  }
  const said = content
    .flatMap(({ text }) => text ?? [])
    .join('\n')
    .trim();
  for (const text of jsonIn(said)) {
    const json = parsed(text);
    if (json !== undefined) return { json: asInput(json, tool), said };
  }
  if (cutOff) return { said, wrong: cutOff, refused: false };
  const filtered = stopReason === 'content_filtered' || stopReason === 'guardrail_intervened';
  if (filtered) return { said, wrong: 'The answer was filtered out.', refused: true };
  if (said === '') return { said, wrong: 'The answer is empty.', refused: false };
  const broken = said.includes('{');
  return {
    said,
    wrong: broken
      ? 'The JSON in the answer cannot be read.'
      : `The answer has no JSON, and ${tool} was not called.`,
    refused: !broken,
  };
}

/** Where JSON may stand in a text: all of it, in a fence, or between words. */
function* jsonIn(text: string): Iterable<string> {
  yield text;
  for (const [, fenced = ''] of text.matchAll(/```(?:json)?\s*\n(.*?)```/gs)) yield fenced;
  yield text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Some models write a tool's call as text. */
function asInput(json: object, tool: string): unknown {
  const { name, arguments: args, parameters, input } = json as Record<string, unknown>;
  return name === tool ? (args ?? parameters ?? input ?? json) : json;
}
