import type { Browser } from 'playwright-core';
import { ToolFailure } from '../../failure.ts';
import type { AgentCore } from '../agentcore.ts';
import { remember } from '../calls.ts';
import type { SessionRef } from '../tool-sessions/session-tool.ts';
import { untilAborted } from '../until-aborted.ts';
import { signedAutomation } from './streams.ts';

const CONNECT_MS = 20_000;

/** What opens a stream of a session; AWS has an IAM action of this name. */
const OPERATION = 'ConnectBrowserAutomationStream';

/**
 * Playwright's connection to the browser of a session, over its automation stream.
 * @throws what the service answers instead, in the form of the SDK's errors; ToolFailure `Timeout` after 20 seconds,
 * `BrowserNotReached` where the stream breaks before it is open.
 */
export async function connectBrowser(
  agentcore: AgentCore,
  session: SessionRef,
  signal: AbortSignal,
): Promise<Browser> {
  const [{ chromium }, { url, headers }] = await Promise.all([
    import('playwright-core'),
    signedAutomation(agentcore, session),
  ]);
  const connecting = chromium.connectOverCDP(url, { headers, timeout: CONNECT_MS });
  try {
    return await untilAborted(connecting, signal);
  } catch (error) {
    connecting.then((late) => late.close()).catch(() => {});
    signal.throwIfAborted();
    throw (await refusal(agentcore, session, error as Error)) ?? notReached(session, error as Error);
  }
}

/** The error of a service as Playwright tells it, which the SDK would have made of it. */
async function refusal(
  agentcore: AgentCore,
  { id, resource }: SessionRef,
  { message }: Error,
): Promise<Error | undefined> {
  const [, status, body = ''] =
    /WebSocket error: \S+ (\d{3})\b.*\n?([\s\S]*?)(?:\nCall log:|$)/.exec(message) ?? [];
  if (!status) return undefined;
  const words = wordsOf(body) || `HTTP status ${status}`;
  const error = Object.assign(new Error(words), {
    name: nameOf(Number(status), words),
    $fault: Number(status) < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode: Number(status) },
  });
  const { backend } = agentcore;
  const input = { browserIdentifier: resource, sessionId: id };
  return remember(error, { backend, operation: OPERATION, region: await agentcore.region(), input });
}

function wordsOf(body: string): string {
  try {
    const { message, Message } = JSON.parse(body);
    return String(message ?? Message ?? '');
  } catch {
    return body.slice(0, 500).trim();
  }
}

/** The headers with the name are not to be had of Playwright. */
function nameOf(status: number, words: string): string {
  if (status === 401 || status === 403) {
    if (/not authorized/i.test(words)) return 'AccessDeniedException';
    if (/expired/i.test(words)) return 'ExpiredTokenException';
    if (/signature|security token|access key|credential/i.test(words)) return 'InvalidSignatureException';
    return 'AccessDeniedException';
  }
  return statusNames[status] ?? (status < 500 ? 'ValidationException' : 'InternalServerException');
}

const statusNames: Readonly<Record<number, string>> = {
  404: 'ResourceNotFoundException',
  409: 'ConflictException',
  429: 'ThrottlingException',
};

function notReached({ id }: SessionRef, error: Error): ToolFailure {
  const isLate = error.name === 'TimeoutError';
  const [reason = ''] = error.message
    .replace(/^browserType\.connectOverCDP: (?:WebSocket error: )?/, '')
    .split('\nCall log:');
  return new ToolFailure(
    {
      code: isLate ? 'Timeout' : 'BrowserNotReached',
      message: `The automation stream of session ${id} did not open${isLate ? ` within ${CONNECT_MS / 1000} s` : `: ${reason.trim()}`}.`,
      hint: 'Call again; where it stays so, stop_session ends the session, and a new one may do. On AWS, a proxy or VPN may let no WebSockets through.',
      retryable: true,
    },
    { cause: error },
  );
}
