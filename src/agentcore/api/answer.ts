import type { NormalizedSchema } from '@smithy/core/schema';
import type { Operation } from '../../engine/wire/operations.ts';
import { hide, isSecret } from './secrets.ts';
import { type Replace, replaceIn } from './walk.ts';

/** What a stream may bring into an answer, in bytes or events; the rest is dropped and the answer says so. */
const MAX_STREAM_BYTES = 8 * 1024 * 1024;
const MAX_EVENTS = 2_000;
/** Larger binary content is only described. */
const MAX_BASE64_BYTES = 64 * 1024;

/** An operation's output as JSON, fit for a model. */
export interface ReadableAnswer {
  result: Record<string, unknown>;
  /** What was left out, and why. */
  notes: string[];
  /** The body of a streaming answer, whole up to the cap. */
  body?: Uint8Array;
}

/** Text where the bytes are text. */
export function readableBytes(bytes: Uint8Array): unknown {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    if (bytes.byteLength > MAX_BASE64_BYTES) return { bytes: bytes.byteLength };
    return { bytes: bytes.byteLength, base64: Buffer.from(bytes).toString('base64') };
  }
}

/**
 * Turns an output of the SDK into JSON: streams collected, bytes as text or base64, secrets hidden.
 * @throws Whatever error ends a stream.
 */
export async function answerOf(
  { output: schema }: Operation,
  output: Readonly<Record<string, unknown>>,
  progress: (message: string) => void,
): Promise<ReadableAnswer> {
  const notes: string[] = [];
  const secrets = new Set<string>();
  const replace: Replace = (part, value, name) => {
    if (isSecret(part, name)) {
      secrets.add(name);
      return { by: hide(value) };
    }
    return part.isBlobSchema() ? { by: readableBytes(value as Uint8Array) } : undefined;
  };
  const result: Record<string, unknown> = {};
  let body: Uint8Array | undefined;
  for (const [name, member] of schema.structIterator()) {
    const value = output[name];
    if (value === undefined || value === null) continue;
    if (!member.isStreaming()) result[name] = replaceIn(member, value, name, replace);
    else if (member.isBlobSchema()) {
      body = await collectBytes(value as AsyncIterable<Uint8Array>, notes);
      result[name] = readableBytes(body);
    } else {
      result[name] = await collectEvents(member, value as AsyncIterable<object>, {
        replace,
        notes,
        progress,
      });
    }
  }
  if (secrets.size > 0) {
    notes.push(`Hidden, because secrets do not belong into a conversation: ${[...secrets].join(', ')}.`);
  }
  return { result, notes, body };
}

async function collectBytes(stream: AsyncIterable<Uint8Array>, notes: string[]): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    if (size + chunk.byteLength > MAX_STREAM_BYTES) {
      notes.push(`The answer goes on after ${size} bytes; the rest was not read.`);
      break;
    }
    chunks.push(chunk);
    size += chunk.byteLength;
  }
  return Buffer.concat(chunks);
}

interface Collecting {
  replace: Replace;
  notes: string[];
  progress(message: string): void;
}

/** The events of a stream, each below the name of its kind. */
async function collectEvents(
  schema: NormalizedSchema,
  stream: AsyncIterable<object>,
  { replace, notes, progress }: Collecting,
): Promise<unknown[]> {
  const events: unknown[] = [];
  for await (const event of stream) {
    if (events.length === MAX_EVENTS) {
      notes.push(`The stream goes on after ${MAX_EVENTS} events; the rest was not read.`);
      break;
    }
    events.push(replaceIn(schema, event, '', replace));
    progress(`${events.length} events`);
  }
  return events;
}
