import { ToolFailure } from '../../failure.ts';
import type { AgentCore } from '../agentcore.ts';
import type { Agent } from './agents.ts';
import { type AgentAnswer, readAnswer } from './answers.ts';
import { invokeWithBearer } from './bearer.ts';

/** One call of an agent. */
export interface Invocation {
  agent: Agent;
  session: string;
  payload: Uint8Array;
  qualifier?: string;
  /** Named to the agent as the one it works for. */
  user?: string;
  /** For an agent that wants a token instead of a signature. */
  bearer?: string;
}

/** The body of an answer as it comes. */
export interface Incoming {
  body: AsyncIterable<Uint8Array>;
  contentType: string;
}

/** Calls an agent and reads its whole answer. */
export async function invokeAgent(
  agentcore: AgentCore,
  invocation: Invocation,
  { signal, progress }: { signal: AbortSignal; progress(message: string): void },
): Promise<AgentAnswer> {
  const { agent, bearer } = invocation;
  const wantsToken = agent.runtime?.authorizerConfiguration !== undefined;
  if (wantsToken && !bearer) throw tokenMissing(agent);
  const { body, contentType } = bearer
    ? await invokeWithBearer(await agentcore.dataUrl(agent.region), { ...invocation, bearer }, signal)
    : await invokeSigned(agentcore, invocation, signal);
  return readAnswer(untilAborted(body, signal), contentType, progress);
}

/** What the protocols of agents answer with. */
export const ACCEPT = 'application/json, text/event-stream';

async function invokeSigned(
  agentcore: AgentCore,
  { agent, session, payload, qualifier, user }: Invocation,
  signal: AbortSignal,
): Promise<Incoming> {
  const { InvokeAgentRuntimeCommand } = await import('@aws-sdk/client-bedrock-agentcore');
  const client = await agentcore.data(agent.region);
  const isMcp = agent.runtime?.protocolConfiguration?.serverProtocol === 'MCP';
  const { response, contentType = '' } = await client.send(
    new InvokeAgentRuntimeCommand({
      agentRuntimeArn: agent.arn,
      runtimeSessionId: session,
      ...(isMcp && { mcpSessionId: session }),
      contentType: 'application/json',
      accept: ACCEPT,
      qualifier,
      runtimeUserId: user,
      payload,
    }),
    { abortSignal: signal },
  );
  const none = (async function* () {})();
  return { body: (response as AsyncIterable<Uint8Array> | undefined) ?? none, contentType };
}

/** A stream that falls silent does not notice an abort by itself. */
async function* untilAborted(
  stream: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const iterator = stream[Symbol.asyncIterator]();
  let abort: () => void = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
  });
  aborted.catch(() => {});
  try {
    signal.throwIfAborted();
    for (;;) {
      const { value, done } = await Promise.race([iterator.next(), aborted]);
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener('abort', abort);
    if ('destroy' in stream) (stream as { destroy(): void }).destroy();
  }
}

function tokenMissing({ name }: Agent): ToolFailure {
  return new ToolFailure({
    code: 'TokenMissing',
    message: `The agent ${name} takes only calls with a bearer token (JSON web token).`,
    hint: "Give bearer: the name of a variable of the server's environment that holds the token, or file:<workspace file>.",
  });
}
