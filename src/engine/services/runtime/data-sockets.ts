import { randomUUID } from 'node:crypto';
import { RuntimeClientError } from '@aws-sdk/client-bedrock-agentcore';
import type { Service, Tunnel, VisitRequest } from '../../service.ts';
import { invalid } from '../exceptions.ts';
import { findAdmitted, socketPath } from './data-access.ts';
import { STREAMING_MS } from './invoke-ask.ts';
import { deliveredHeaders, traceOf } from './invoke-headers.ts';
import { contracts } from './session-contract.ts';
import type { Sessions } from './sessions.ts';
import type { Targets } from './target.ts';

const SESSION_ID = 'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id';
/** As the model's, which this path has none of. */
const [MIN_ID, MAX_ID] = [33, 256];

export interface SocketParts {
  targets: Targets;
  sessions: Sessions;
}

/** WebSockets to agents, for at most an hour each, as on AWS. A session with one open is in use. */
export function socketHandlers({ targets, sessions }: SocketParts): NonNullable<Service['sockets']> {
  return {
    async [socketPath](request) {
      const { labels, query, call } = request;
      const target = findAdmitted(targets, { ...query, ...labels }, call);
      const { protocol, headerAllowlist: allowlist } = target.config;
      const { socketPath: path } = contracts[protocol];
      if (path === undefined)
        throw invalid('agentRuntimeArn', `The agent speaks ${protocol}, which has no WebSockets.`);
      const sessionId = sessionOf(request);
      const { compute, release } = await sessions.use(target, sessionId);
      try {
        const stream = await compute.connect();
        bound(stream, release);
        const headers = deliveredHeaders(call, { protocol, sessionId, trace: traceOf({}), allowlist });
        return { stream, path, headers, answerHeaders: { [SESSION_ID]: sessionId }, refusal };
      } catch (error) {
        release();
        throw await compute.explain(error);
      }
    },
  };
}

function refusal(reason: string): RuntimeClientError {
  return new RuntimeClientError({
    $metadata: {},
    message: `The agent did not open the WebSocket: ${reason}.`,
  });
}

function sessionOf({ call, query }: VisitRequest): string {
  const id = call.headers.get(SESSION_ID.toLowerCase())?.[0] ?? query[SESSION_ID];
  if (id === undefined) return randomUUID();
  if (id.length < MIN_ID || id.length > MAX_ID)
    throw invalid(SESSION_ID, `A session id has ${MIN_ID} to ${MAX_ID} characters, not ${id.length}.`);
  return id;
}

function bound(stream: Tunnel['stream'], release: () => void): void {
  const timer = setTimeout(() => stream.destroy(), STREAMING_MS).unref();
  stream.once('close', () => {
    clearTimeout(timer);
    release();
  });
}
