import { randomBytes } from 'node:crypto';
import type { ConverseStreamCommandInput, ConverseStreamOutput } from '@aws-sdk/client-bedrock-runtime';
import { modelFailed } from '../exceptions.ts';
import type { LanguageModel } from '../model.ts';
import { estimateTokens } from '../tokens.ts';
import { refuseBedrockOnly } from '../unsupported.ts';
import { type Conversation, conversationOf } from './conversation.ts';
import { firstFitting } from './rules.ts';
import { type Rule, ScriptFile } from './script-file.ts';
import { simulated } from './simulated.ts';
import { fill } from './template.ts';

/** A text comes in pieces of at most so many characters. */
const piece = /.{1,16}/gsu;

/**
 * A model that answers by the rules of a file (see `Script`). Every answer says so in
 * `additionalModelResponseFields.answeredBy`, by `name`. Token counts are estimates by length.
 */
export function createScriptedModel(file: string, name: string): LanguageModel['converse'] {
  const script = new ScriptFile(file);
  return async function* (request, signal) {
    const startedAt = performance.now();
    refuseBedrockOnly(request);
    const { rules } = await script.read();
    signal.throwIfAborted();
    const conversation = conversationOf(request);
    const found = firstFitting(rules, conversation);
    if (!found) throw modelFailed(`No rule of ${file} fits ${described(conversation)}`);
    const rule = fill(found.rule, found.variables);
    if (rule.error) throw simulated(rule.error.name, rule.error.message);
    refuseUnknownTools(rule, conversation, `Rule ${found.number} of ${file}`);
    yield* events(rule, name);
    yield metadata(rule, request, performance.now() - startedAt);
  };
}

function described({ prompt, results, afterTool }: Conversation): string {
  const [first] = results;
  if (afterTool && first)
    return `the result of the tool ${first.tool}: ${shown(first.text)}. Add a rule with "after_tool": "${first.tool}".`;
  return `the prompt ${shown(prompt)}. Add a rule for it, or a last one without "when".`;
}

const shown = (text: string) => JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);

function refuseUnknownTools({ tool_calls = [] }: Rule, { tools }: Conversation, who: string): void {
  const unknown = tool_calls.find(({ name }) => !tools.includes(name));
  if (!unknown) return;
  throw modelFailed(
    `${who} calls the tool ${unknown.name}, which the request does not offer. Offered: ${tools.join(', ') || 'none'}. Add "tool": "${unknown.name}" to its conditions.`,
  );
}

function* events(rule: Rule, answeredBy: string): Iterable<ConverseStreamOutput> {
  const { text = '', tool_calls = [], stop_reason } = rule;
  yield { messageStart: { role: 'assistant' } };
  let contentBlockIndex = 0;
  if (text !== '') {
    for (const part of text.match(piece) ?? [])
      yield { contentBlockDelta: { contentBlockIndex, delta: { text: part } } };
    yield { contentBlockStop: { contentBlockIndex } };
    contentBlockIndex++;
  }
  for (const { name, input } of tool_calls) {
    const toolUse = { toolUseId: `tooluse_${randomBytes(16).toString('base64url')}`, name };
    yield { contentBlockStart: { contentBlockIndex, start: { toolUse } } };
    for (const part of JSON.stringify(input).match(piece) ?? [])
      yield { contentBlockDelta: { contentBlockIndex, delta: { toolUse: { input: part } } } };
    yield { contentBlockStop: { contentBlockIndex } };
    contentBlockIndex++;
  }
  const stopReason = stop_reason ?? (tool_calls.length ? 'tool_use' : 'end_turn');
  yield { messageStop: { stopReason, additionalModelResponseFields: { answeredBy } } };
}

function metadata(rule: Rule, request: ConverseStreamCommandInput, ms: number): ConverseStreamOutput {
  const inputTokens = estimateTokens([request.system, request.messages, request.toolConfig]);
  const outputTokens = estimateTokens([rule.text, rule.tool_calls]);
  const usage = { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens };
  return { metadata: { usage, metrics: { latencyMs: Math.round(ms) } } };
}
