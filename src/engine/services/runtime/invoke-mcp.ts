import type { InputOf } from '../../service.ts';

/** Above it, a message is not looked at: one that initializes is small. */
const MAX_LOOKED_AT = 256 * 1024;

type Input = InputOf<'InvokeAgentRuntime'>;

/** What an MCP client has to accept. */
const TYPES = ['application/json', 'text/event-stream'];

/** The answer to a client that does not accept both kinds of answers an MCP server may give; none where it does. */
export function notAcceptable({ accept = '' }: Input): { status: number; body: Buffer } | undefined {
  const accepted = accept.split(',').map((part) => part.split(';')[0]?.trim().toLowerCase());
  if (TYPES.every((type) => accepted.includes(type))) return undefined;
  const message = `Not Acceptable: the header Accept must name both ${TYPES.join(' and ')}.`;
  const error = { jsonrpc: '2.0', id: null, error: { code: -32011, message } };
  return { status: 406, body: Buffer.from(JSON.stringify(error)) };
}

/** Whether a message begins a session: a server that keeps sessions then chooses the id itself. */
export function initializes({ mcpSessionId }: Input, payload: Uint8Array): boolean {
  if (mcpSessionId !== undefined || payload.byteLength > MAX_LOOKED_AT) return false;
  try {
    const message: unknown = JSON.parse(Buffer.from(payload).toString());
    return [message].flat().some((one) => (one as { method?: unknown } | null)?.method === 'initialize');
  } catch {
    return false;
  }
}
