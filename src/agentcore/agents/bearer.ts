import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { ToolFailure } from '../../failure.ts';
import { keepSecret } from '../../secrets.ts';
import { dereference, type Sources } from '../references.ts';
import type { Agent } from './agents.ts';
import { ACCEPT, type Incoming, type Invocation } from './invoke.ts';

/** An agent answers within 15 minutes, and falls silent no longer. */
const SILENCE_MS = 16 * 60_000;

/**
 * A token by reference: the name of a variable of the server's environment, or `file:` and a file of the workspace.
 * @throws ToolFailure `TokenMissing` where nothing is there; a token itself is not taken, so that none gets into a talk.
 */
export async function tokenOf(reference: string, sources: Sources): Promise<string> {
  const { isReference, value = '' } = await dereference(reference, sources);
  const token = value.trim().replace(/^bearer\s+/i, '');
  if (/^[!-~]+$/.test(token)) {
    keepSecret(token);
    return token;
  }
  if (!isReference) keepSecret(reference);
  throw new ToolFailure({
    code: 'TokenMissing',
    message: isReference
      ? `bearer: there is no token in ${reference}.`
      : 'bearer does not name where the token is.',
    hint: "Give the name of a variable of the server's environment, or file:<workspace file>. A token itself does not belong into a conversation.",
  });
}

/**
 * Calls an agent that wants a token, which the SDK cannot.
 * @throws ToolFailure with what the service answers; the system's error where it cannot be reached.
 */
export async function invokeWithBearer(
  url: string,
  { agent, session, payload, qualifier, user, bearer }: Invocation & { bearer: string },
  signal: AbortSignal,
): Promise<Incoming> {
  const isMcp = agent.runtime?.protocolConfiguration?.serverProtocol === 'MCP';
  const headers = {
    accept: ACCEPT,
    ...(isMcp && { 'mcp-session-id': session }),
    ...(user && { 'x-amzn-bedrock-agentcore-runtime-user-id': user }),
  };
  const answer = await post(
    `${url}/runtimes/${encodeURIComponent(agent.arn)}/invocations`,
    { agent, session, qualifier, bearer, headers, payload },
    signal,
  );
  return { body: answer, contentType: answer.headers['content-type'] ?? '' };
}

/**
 * Ends a session of an agent that wants a token.
 * @throws ToolFailure with what the service answers.
 */
export async function stopWithBearer(
  url: string,
  named: Pick<Posted, 'agent' | 'session' | 'qualifier' | 'bearer'>,
  signal: AbortSignal,
): Promise<void> {
  const payload = Buffer.from(JSON.stringify({ clientToken: randomUUID() }));
  const address = `${url}/runtimes/${encodeURIComponent(named.agent.arn)}/stopruntimesession`;
  await text(await post(address, { ...named, headers: {}, payload }, signal));
}

interface Posted {
  agent: Pick<Agent, 'arn' | 'name'>;
  session: string;
  qualifier?: string | undefined;
  bearer: string;
  headers: Record<string, string>;
  /** JSON. */
  payload: Uint8Array;
}

async function post(
  url: string,
  { agent, session, qualifier, bearer, headers, payload }: Posted,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const address = new URL(url);
  if (qualifier) address.searchParams.set('qualifier', qualifier);
  const all = {
    authorization: `Bearer ${bearer}`,
    'content-type': 'application/json',
    'content-length': String(payload.byteLength),
    'x-amzn-bedrock-agentcore-runtime-session-id': session,
    ...headers,
  };
  const answer = await send(address, all, payload, signal);
  const { statusCode = 0 } = answer;
  if (statusCode >= 200 && statusCode < 300) return answer;
  throw await refused(answer, agent.name);
}

async function send(
  address: URL,
  headers: Record<string, string>,
  payload: Uint8Array,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { request } = await (address.protocol === 'https:' ? import('node:https') : import('node:http'));
  return new Promise((resolve, reject) => {
    const sent = request(
      address,
      { method: 'POST', headers, signal, agent: false, timeout: SILENCE_MS },
      resolve,
    );
    sent.on('timeout', () => sent.destroy(new DOMException('No answer came.', 'TimeoutError')));
    sent.on('error', (error) => reject(signal.aborted ? signal.reason : error));
    sent.end(payload);
  });
}

async function refused(answer: IncomingMessage, name: string): Promise<ToolFailure> {
  const { statusCode, headers } = answer;
  const body = (await text(answer)).slice(0, 4_000);
  const [type] = String(headers['x-amzn-errortype'] ?? '').split(':');
  const code = /^\w{1,64}$/.test(type ?? '') ? (type ?? '').replace(/Exception$/, '') : `Http${statusCode}`;
  const isToken = statusCode === 401 || statusCode === 403;
  return new ToolFailure({
    code: code || `Http${statusCode}`,
    message: isToken
      ? `The agent ${name} did not take the token.`
      : `The agent ${name} answered with HTTP ${statusCode}.`,
    foreign: [body, headers['www-authenticate']?.replace(/^Bearer\s+/i, '')].filter(Boolean).join('\n'),
    hint: isToken
      ? 'The token may have expired, or be of another issuer, audience or client than the agent allows.'
      : "get_logs shows the agent's own words.",
    requestId: headers['x-amzn-requestid'] as string | undefined,
  });
}
