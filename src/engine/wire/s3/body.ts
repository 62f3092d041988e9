import type { IncomingMessage } from 'node:http';
import { MAX_OBJECT_BYTES, tooLarge } from '../../services/objects/content.ts';
import { ObjectError } from '../../services/objects/objects.ts';
import { IDLE_MS } from '../body.ts';
import type { Payload } from './authenticate.ts';
import { type Check, payloadCheck, statedChecks } from './checks.ts';
import { decodeChunks } from './chunked.ts';

/** A body as its sender meant it: without framing, and checked at its end. */
export interface Body {
  /** Throws an ObjectError, at its end at the latest, where the content is not what was signed or stated. */
  content: AsyncIterable<Uint8Array>;
  /** The checksums that have been stated and found right, by algorithm, in base64; filled when `content` ends. */
  checksums: Record<string, string>;
}

/** The request's headers, and parameters that stand for one, by lower-case name. */
export type Values = ReadonlyMap<string, string>;

/**
 * The body of a request.
 * @throws ObjectError 411 `MissingContentLength`, 400 `EntityTooLarge`, or what is wrong with the checksums stated.
 */
export function readBody(
  request: IncomingMessage,
  payload: Payload,
  values: Values,
  { maxBytes = MAX_OBJECT_BYTES, idleMs = IDLE_MS }: { maxBytes?: number; idleMs?: number } = {},
): Body {
  const length = lengthOf(payload, values);
  if (length > maxBytes) throw tooLarge(maxBytes);
  const checksums: Record<string, string> = {};
  const checks = [...payloadCheck(payload), ...statedChecks(values, checksums)];
  const raw = arriving(request, idleMs);
  async function* content(): AsyncGenerator<Uint8Array> {
    const decoded = payload.encoding === 'chunks' ? decodeChunks(raw, { ...payload, length }) : raw;
    const trailer = yield* watched(decoded, checks);
    for (const { verify } of checks) verify(trailer ?? new Map());
  }
  return { content: content(), checksums };
}

/** The whole of a short body. */
export async function readText(body: Body): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body.content) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function lengthOf({ encoding }: Payload, values: Values): number {
  const name = encoding === 'chunks' ? 'x-amz-decoded-content-length' : 'content-length';
  const stated = values.get(name);
  if (stated === undefined && encoding === 'plain' && !values.has('transfer-encoding')) return 0;
  if (stated === undefined) {
    throw new ObjectError('MissingContentLength', 411, `You must provide the HTTP header ${name}.`);
  }
  if (/^\d{1,15}$/.test(stated)) return Number(stated);
  throw new ObjectError('InvalidArgument', 400, `The header ${name} must be a number of bytes.`);
}

/** Shows all that passes to the checks. @returns what the source returns. */
async function* watched<End>(
  source: AsyncGenerator<Buffer, End>,
  checks: readonly Check[],
): AsyncGenerator<Buffer, End> {
  try {
    for (;;) {
      const next = await source.next();
      if (next.done) return next.value;
      for (const { update } of checks) update(next.value);
      yield next.value;
    }
  } finally {
    await source.return(undefined as never);
  }
}

/** The bytes of a request as they come. Whoever stops reading leaves the connection as it is. */
async function* arriving(request: IncomingMessage, idleMs: number): AsyncGenerator<Buffer, undefined> {
  const chunks: AsyncIterator<Buffer> = request.iterator({ destroyOnReturn: false });
  let stalled = false;
  try {
    for (;;) {
      const next = await within(idleMs, chunks.next());
      stalled = next === undefined;
      if (next === undefined) throw timeout(idleMs);
      if (next.done) return;
      yield next.value;
    }
  } catch (error) {
    if (error instanceof ObjectError) throw error;
    throw new ObjectError('IncompleteBody', 400, 'The connection closed before the body was complete.');
  } finally {
    // It would wait for the chunk that does not come.
    if (!stalled) await chunks.return?.();
  }
}

/** @returns undefined where the work takes longer. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}

function timeout(idleMs: number): ObjectError {
  return new ObjectError('RequestTimeout', 400, `No part of the body came for ${idleMs / 1000} seconds.`);
}
