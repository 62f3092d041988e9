import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { RuntimeClientError } from '@aws-sdk/client-bedrock-agentcore';
import type { Call, Handlers, InputOf, OutputOf } from '../../service.ts';
import { invalid } from '../exceptions.ts';
import { findAdmitted } from './data-access.ts';
import { type Answered, type Asking, ask } from './invoke-ask.ts';
import { deliveredHeaders, present, type Trace, traceOf } from './invoke-headers.ts';
import { initializes, notAcceptable } from './invoke-mcp.ts';
import type { Sessions } from './sessions.ts';
import type { Target, Targets } from './target.ts';

/** As on AWS. */
const MAX_PAYLOAD_BYTES = 100_000_000;
const MAX_CARD_BYTES = 1024 ** 2;
const CARD_PATH = '/.well-known/agent-card.json';

type Input = InputOf<'InvokeAgentRuntime'>;
type Output = OutputOf<'InvokeAgentRuntime'>;

export interface InvokeParts {
  targets: Targets;
  sessions: Sessions;
}

/** The calls that agents answer themselves. */
export function invokeHandlers({ targets, sessions }: InvokeParts): Handlers {
  return {
    async InvokeAgentRuntime(input, call) {
      const target = findAdmitted(targets, input, call);
      const payload = payloadOf(input);
      const refusal = target.config.protocol === 'MCP' ? notAcceptable(input) : undefined;
      if (refusal) return refusedOutput(refusal);
      const sessionId = sessions.resolve(target, input) ?? randomUUID();
      const trace = traceOf(input);
      const answer = await ask(asking(sessions, target, sessionId, call), ({ target, contract }) => ({
        method: 'POST',
        path: contract.path,
        headers: requestHeaders(input, call, { target, sessionId, trace, payload }),
        body: payload,
      }));
      return answerOutput(input, { sessionId, trace, answer, sessions });
    },

    async GetAgentCard(input, call) {
      const target = findAdmitted(targets, input, call);
      const { protocol, headerAllowlist } = target.config;
      if (protocol !== 'A2A')
        throw invalid('agentRuntimeArn', `The agent speaks ${protocol}; only A2A agents have an agent card.`);
      const sessionId = input.runtimeSessionId ?? randomUUID();
      const delivery = { protocol, sessionId, trace: traceOf({}), allowlist: headerAllowlist };
      const { status, body } = await ask(asking(sessions, target, sessionId, call), () => ({
        method: 'GET',
        path: CARD_PATH,
        headers: deliveredHeaders(call, delivery),
      }));
      return { runtimeSessionId: sessionId, agentCard: await readCard(body), statusCode: status };
    },
  };
}

function asking(sessions: Sessions, target: Target, sessionId: string, call: Call): Asking {
  return { sessions, target, sessionId, caller: call.signal, timeoutMs: call.timeoutMs };
}

/** The wire gives it as bytes. */
function payloadOf({ payload }: Input): Uint8Array {
  const bytes = (payload ?? new Uint8Array()) as Uint8Array;
  if (bytes.byteLength <= MAX_PAYLOAD_BYTES) return bytes;
  throw invalid(
    'payload',
    `The payload has ${bytes.byteLength} bytes; at most ${MAX_PAYLOAD_BYTES} can be sent.`,
  );
}

interface Invocation {
  sessionId: string;
  trace: Trace;
}

function requestHeaders(
  input: Input,
  call: Call,
  { target: { config }, sessionId, trace, payload }: Invocation & { target: Target; payload: Uint8Array },
): Record<string, string> {
  const { protocol, headerAllowlist: allowlist } = config;
  const delivered = protocol === 'MCP' ? mcpSession(input, sessionId, payload) : sessionId;
  return {
    ...deliveredHeaders(call, { protocol, sessionId: delivered, trace, allowlist }),
    ...present({
      'content-type': input.contentType ?? 'application/json',
      accept: input.accept,
      'mcp-protocol-version': input.mcpProtocolVersion,
      'mcp-method': input.mcpMethod,
      'mcp-name': input.mcpName,
    }),
  };
}

/** The server's own session, where the client has one; a server that is being initialized gets to choose. */
function mcpSession(input: Input, sessionId: string, payload: Uint8Array): string | undefined {
  return input.mcpSessionId ?? (initializes(input, payload) ? undefined : sessionId);
}

function answerOutput(
  input: Input,
  { sessionId, trace, answer, sessions }: Invocation & { answer: Answered; sessions: Sessions },
): Output {
  const { status, headers, body, compute } = answer;
  const mcp = compute.target.config.protocol === 'MCP';
  const chosen = mcp ? first(headers['mcp-session-id']) : undefined;
  if (chosen) sessions.alias({ compute, id: chosen });
  return {
    runtimeSessionId: sessionId,
    ...(mcp && { mcpSessionId: chosen ?? input.mcpSessionId ?? sessionId }),
    mcpProtocolVersion: first(headers['mcp-protocol-version']) ?? input.mcpProtocolVersion,
    ...trace,
    contentType: headers['content-type'] ?? 'application/octet-stream',
    response: body as unknown as Output['response'],
    statusCode: status,
  };
}

function refusedOutput({ status, body }: { status: number; body: Uint8Array }): Output {
  const response = Readable.from([body]) as unknown as Output['response'];
  return { statusCode: status, contentType: 'application/json', response };
}

const first = (value: string | string[] | undefined) => [value].flat()[0];

async function readCard(body: Readable): Promise<OutputOf<'GetAgentCard'>['agentCard']> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_CARD_BYTES) throw badCard(`is larger than ${MAX_CARD_BYTES} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch (error) {
    throw badCard(`is not JSON: ${(error as Error).message}`);
  }
}

function badCard(what: string): RuntimeClientError {
  return new RuntimeClientError({ $metadata: {}, message: `The agent's card at ${CARD_PATH} ${what}.` });
}
