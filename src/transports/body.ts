import type { IncomingMessage } from 'node:http';
import type { Refusal } from './guards.ts';

const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
const REFUSED = -32000;

type Read = { message: object } | { refused: Refusal; code: number };

/** One JSON-RPC message, or why it is none. Reads on beyond the limit, so that clients see the answer. */
export async function readMessage(request: IncomingMessage, maxBytes: number): Promise<Read> {
  const chunks: Buffer[] = [];
  let size = 0;
  if (Number(request.headers['content-length']) > 2 * maxBytes) return tooLarge(maxBytes);
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > 2 * maxBytes) return tooLarge(maxBytes);
    if (size <= maxBytes) chunks.push(chunk);
  }
  return size > maxBytes ? tooLarge(maxBytes) : parse(Buffer.concat(chunks));
}

function parse(body: Buffer): Read {
  let message: unknown;
  try {
    message = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return refused(400, PARSE_ERROR, 'Parse error: the request body is not valid JSON.');
  }
  if (Array.isArray(message))
    return refused(400, INVALID_REQUEST, 'Invalid Request: MCP has no batches; send each message by itself.');
  if (typeof message !== 'object' || message === null)
    return refused(400, INVALID_REQUEST, 'Invalid Request: a JSON-RPC message is an object.');
  return { message };
}

function refused(status: number, code: number, message: string): Read {
  return { refused: { status, message }, code };
}

function tooLarge(maxBytes: number): Read {
  const message = `Payload Too Large: the request body must not exceed ${maxBytes} bytes.`;
  return { refused: { status: 413, message, headers: { connection: 'close' } }, code: REFUSED };
}
