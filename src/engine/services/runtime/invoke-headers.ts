import { randomBytes } from 'node:crypto';
import type { Call, InputOf } from '../../service.ts';
import { invalid } from '../exceptions.ts';
import { CUSTOM } from './headers.ts';
import type { Protocol } from './target.ts';

const SESSION_ID = 'x-amzn-bedrock-agentcore-runtime-session-id';
const REQUEST_ID = 'x-amzn-bedrock-agentcore-runtime-request-id';
const MAX_VALUE_BYTES = 4 * 1024;

/** What says where a call belongs in a trace. */
export type Trace = Pick<InputOf<'InvokeAgentRuntime'>, 'traceId' | 'traceParent' | 'traceState' | 'baggage'>;

/** The caller's trace; where it has none, the beginning of one. Both notations name the same trace where they can. */
export function traceOf({
  traceId,
  traceParent,
  traceState,
  baggage,
}: Trace): Trace & { traceId: string; traceParent: string } {
  const id = traceIdOf(traceParent, traceId) ?? randomBytes(16).toString('hex');
  const span = randomBytes(8).toString('hex');
  return {
    traceId: traceId ?? `Root=1-${id.slice(0, 8)}-${id.slice(8)};Parent=${span};Sampled=1`,
    traceParent: traceParent ?? `00-${id}-${span}-01`,
    traceState,
    baggage,
  };
}

function traceIdOf(traceParent: string | undefined, xRay: string | undefined): string | undefined {
  const [, id] = /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(traceParent ?? '') ?? [];
  const [, seconds, rest] = /Root=1-([0-9a-f]{8})-([0-9a-f]{24})/.exec(xRay ?? '') ?? [];
  return id ?? (seconds && rest && seconds + rest);
}

export interface Delivery {
  protocol: Protocol;
  /** None where the server is to choose one, as an MCP server does when it is initialized. */
  sessionId: string | undefined;
  trace: Trace;
  /** Names in lower case. */
  allowlist: readonly string[];
}

/**
 * The headers of a call that its agent gets: who and where it is, its trace, and of the caller's own those of the
 * allow-list and all that begin with `X-Amzn-Bedrock-AgentCore-Runtime-Custom-`. `Authorization` is delivered only where it
 * holds a token; a signature is nobody else's business.
 * @throws ValidationException for a value of more than 4 KB.
 */
export function deliveredHeaders(
  call: Call,
  { protocol, sessionId, trace, allowlist }: Delivery,
): Record<string, string> {
  const headers = {
    [protocol === 'MCP' ? 'mcp-session-id' : SESSION_ID]: sessionId,
    [REQUEST_ID]: call.requestId,
    'x-amzn-trace-id': trace.traceId,
    traceparent: trace.traceParent,
    tracestate: trace.traceState,
    baggage: trace.baggage,
  };
  return { ...callersOwn(call, allowlist), ...present(headers) };
}

function callersOwn({ headers, bearer }: Call, allowlist: readonly string[]): Record<string, string> {
  const delivered: Record<string, string> = {};
  for (const [name, values] of headers) {
    const wanted = name.startsWith(CUSTOM) || allowlist.includes(name);
    if (!wanted || (name === 'authorization' && !bearer)) continue;
    const value = values.join(', ');
    if (Buffer.byteLength(value) > MAX_VALUE_BYTES)
      throw invalid(name, `The header ${name} has more than ${MAX_VALUE_BYTES} bytes.`);
    delivered[name] = value;
  }
  return delivered;
}

/** The members that are there. */
export function present(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
    ),
  );
}
