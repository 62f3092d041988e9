import type {
  CodeInterpreterResult,
  ContentBlock,
  InvokeCodeInterpreterCommandInput,
} from '@aws-sdk/client-bedrock-agentcore';
import { TIMEOUT_HEADER } from '../engine/wire/timeout-header.ts';
import { ToolFailure } from '../failure.ts';
import type { AgentCore } from './agentcore.ts';
import type { SessionRef } from './tool-sessions/session-tool.ts';
import { untilAborted } from './until-aborted.ts';

/** The interpreter that every account has. */
export const systemInterpreter = 'aws.codeinterpreter.v1';

/** How long after its limit a call is given up, should the other side not have ended it. */
const GRACE_MS = 5000;

type Request = Pick<InvokeCodeInterpreterCommandInput, 'name' | 'arguments'>;

/**
 * Does one thing in a code session and waits for all of the answer.
 * @throws ToolFailure `TimedOut` when the limit is over and the other side did not end the call.
 */
export async function invokeCodeInterpreter(
  agentcore: AgentCore,
  { id: sessionId, resource }: SessionRef,
  request: Request,
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
): Promise<CodeInterpreterResult> {
  const client = await agentcore.data();
  const sdk = await import('@aws-sdk/client-bedrock-agentcore');
  const command = new sdk.InvokeCodeInterpreterCommand({
    codeInterpreterIdentifier: resource,
    sessionId,
    ...request,
  });
  command.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      headers[TIMEOUT_HEADER] = String(timeoutMs);
      return next(args);
    },
    { step: 'build', name: 'callTimeout' },
  );
  const overdue = AbortSignal.timeout(timeoutMs + GRACE_MS);
  const abortSignal = AbortSignal.any([signal, overdue]);
  try {
    const { stream } = await client.send(command, { abortSignal });
    return await untilAborted(collect(stream ?? []), abortSignal);
  } catch (error) {
    if (!overdue.aborted || signal.aborted) throw error;
    throw new ToolFailure({
      code: 'TimedOut',
      message: `No answer within ${timeoutMs / 1000} s from session ${sessionId}.`,
      hint: 'Give more time with timeout_seconds, or do the work in smaller steps.',
    });
  }
}

async function collect(stream: AsyncIterable<unknown> | Iterable<unknown>): Promise<CodeInterpreterResult> {
  const content: ContentBlock[] = [];
  let last: CodeInterpreterResult | undefined;
  for await (const event of stream as AsyncIterable<{ result?: CodeInterpreterResult }>) {
    if (!event.result) continue;
    last = event.result;
    content.push(...(event.result.content ?? []));
  }
  if (!last)
    throw new ToolFailure({
      code: 'NoAnswer',
      message: 'The code interpreter answered nothing.',
      retryable: true,
    });
  return { ...last, content };
}
