import type { PayloadType } from '@aws-sdk/client-bedrock-agentcore';
import { z } from 'zod';
import { createEvent, type Kept } from '../agentcore/memory/events.ts';
import { type Extracted, untilExtracted } from '../agentcore/memory/extraction.ts';
import { factsPlace, forgetRecord, type KeptFact, rememberFact } from '../agentcore/memory/facts.ts';
import { findMemory, type Memory } from '../agentcore/memory/memories.ts';
import { messageOf } from '../agentcore/memory/messages.ts';
import { actorId, memorySessionId } from '../agentcore/memory/names.ts';
import { placesOf } from '../agentcore/memory/namespaces.ts';
import { readableRecord } from '../agentcore/memory/readable.ts';
import { ToolFailure } from '../failure.ts';
import { parsed } from './aws-api.ts';
import { defineTool, foreign, type ToolCall } from './define.ts';

const MAX_MESSAGES = 100;
const MAX_CHARACTERS = 100_000;

/** As other APIs have messages. */
function asLine(message: unknown): unknown {
  if (typeof message !== 'object' || message === null) return message;
  const { role, text, content } = message as Record<string, unknown>;
  const said = text ?? content;
  return typeof role === 'string' && typeof said === 'string' ? `${role}: ${said}` : message;
}

const message = z.preprocess(asLine, z.string().min(1).max(MAX_CHARACTERS));
const asText = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : value);

const input = z.strictObject({
  text: z.string().min(1).max(16_000).optional(),
  replaces: z.string().min(1).optional().describe('Id to correct; no text: forget'),
  messages: z.array(message).min(1).max(MAX_MESSAGES).optional().describe('E.g. "user: Hi"'),
  blob: z.preprocess(asText, z.string()).optional(),
  actor: z.string().min(1).default('user'),
  session: z.string().min(1).optional(),
  memory: z.string().min(1).optional(),
  wait: z.boolean().optional(),
});

type Arguments = z.output<typeof input>;

const output = z.object({
  id: z.string(),
  session: z.string().optional(),
  extraction: z.string().optional(),
  similar: foreign(z.array(z.object({ id: z.string(), text: z.string() })).optional()),
  /** The text of the fact that made way. */
  replaced: foreign(z.unknown().optional()),
  note: z.string().optional(),
});

type Output = z.output<typeof output>;

export const remember = defineTool({
  name: 'remember',
  title: 'Remember',
  toolset: 'memory',
  kind: 'write',
  description:
    'Keep for later and other clients: a fact (text), messages to learn from (wait: till learned) or a blob.',
  input,
  output,
  async handle(args, call) {
    checkArguments(args);
    const { agentcore, pins } = call.context;
    const memory = await findMemory(agentcore, args.memory, { pins, signal: call.signal });
    const actor = actorId(args.actor);
    const data = await keep(args, { memory, actor }, call);
    const notes = [data.note, actor !== args.actor && `The actor ${args.actor} is ${actor}.`];
    return {
      data: { ...data, note: notes.filter(Boolean).join(' ') || undefined },
      region: memory.region,
    };
  },
});

function checkArguments({ text, messages, blob, replaces }: Arguments): void {
  const given = [text, messages, blob].filter((content) => content !== undefined);
  const forgets = given.length === 0 && replaces !== undefined;
  if (given.length !== 1 && !forgets)
    throw new ToolFailure({
      code: 'InvalidArgument',
      message: `remember: ${given.length === 0 ? 'there is nothing to keep' : 'text, messages and blob exclude each other'}.`,
      hint: 'Give text, a fact in one sentence; or messages of a conversation, oldest first; or blob, JSON.',
    });
  if (replaces !== undefined && text === undefined && !forgets)
    throw new ToolFailure({
      code: 'InvalidArgument',
      message: 'remember: replaces goes with text, which corrects it, or alone, to forget it.',
      hint: 'Messages correct what they contradict by themselves.',
    });
}

interface Whose {
  memory: Memory;
  actor: string;
}

async function keep(args: Arguments, { memory, actor }: Whose, call: ToolCall): Promise<Output> {
  const { text, replaces } = args;
  const { agentcore } = call.context;
  if (replaces !== undefined && text === undefined) {
    const forgotten = await forgetRecord(agentcore, memory, { id: replaces, actor, signal: call.signal });
    return { id: replaces, replaced: readableRecord(forgotten), note: 'It is forgotten.' };
  }
  if (text === undefined) return keepEvent(args, payloadOf(args), { memory, actor }, call);
  const place = factsPlace(memory, actor);
  if (place) {
    const kept = await rememberFact(agentcore, memory, { text, place, replaces, signal: call.signal });
    return factAnswer(kept, args);
  }
  if (replaces !== undefined)
    throw new ToolFailure({
      code: 'InvalidArgument',
      message: `remember: ${memory.id} has no strategy for single facts, so none can be replaced.`,
      hint: 'Leave replaces out: then the text is kept as a message, which corrects what it contradicts.',
    });
  const payload = [messageOf(`user: ${text}`)];
  const { note, ...kept } = await keepEvent(args, payload, { memory, actor }, call);
  const why = `${memory.id} has no strategy for single facts, so this was kept as a message of the user.`;
  return { ...kept, note: [why, note].filter(Boolean).join(' ') };
}

function payloadOf({ messages, blob }: Arguments): PayloadType[] {
  if (messages) return messages.map(messageOf);
  return [{ blob: parsed(blob) as Extract<PayloadType, { blob: unknown }>['blob'] }];
}

function factAnswer({ id, known, replaced, similar }: KeptFact, { session }: Arguments): Output {
  const notes = [
    known && 'It was remembered already.',
    similar.length > 0 && 'If it corrects one of similar, call again with replaces: its id.',
    session !== undefined && 'A fact is of the actor, not of a session.',
  ];
  return {
    id,
    replaced: replaced && readableRecord(replaced),
    similar: similar.map((record) => ({ id: record.id, text: readableRecord(record.text) })),
    note: notes.filter(Boolean).join(' ') || undefined,
  };
}

async function keepEvent(
  { session: label, wait, blob }: Arguments,
  payload: PayloadType[],
  { memory, actor }: Whose,
  { context, signal, progress }: ToolCall,
): Promise<Output> {
  const { agentcore, config } = context;
  const named = label === undefined ? undefined : memorySessionId(label);
  const kept = await createEvent(agentcore, memory, { actor, session: named, payload, signal });
  const answer = { id: kept.event, session: kept.session };
  const strategies = memory.details.strategies ?? [];
  if (blob !== undefined || strategies.length === 0 || kept.extraction === 'none')
    return { ...answer, extraction: 'none' };
  if (!wait) return { ...answer, extraction: 'pending' };
  progress('waiting until all is learned');
  const extracted = await untilExtracted(agentcore, memory, {
    actor,
    kept,
    places: placesOf(strategies, { actor, session: kept.session }),
    text: payload.map(({ conversational }) => conversational?.content?.text ?? '').join('\n'),
    ms: config.waitSeconds * 1000,
    signal,
  });
  return { ...answer, extraction: extracted.state, note: extractionNote(extracted, kept) };
}

function extractionNote(extracted: Extracted, { session }: Kept): string | undefined {
  switch (extracted.state) {
    case 'done':
      return undefined;
    case 'pending':
      return 'It is kept, and what is learned from it will be found later.';
    case 'failed':
      return `It is kept, but not all could be learned from it: read_aws_api with ListMemoryExtractionJobs says why, StartMemoryExtractionJob tries again (session ${session}).`;
    case 'unknown':
      return `New or changed records since then: ${extracted.records}. Whether more will come, AWS does not say.`;
  }
}
