import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentAnswer } from '../agentcore/agents/answers.ts';
import { type Invocation, invokeAgent } from '../agentcore/agents/invoke.ts';
import { errorsIn } from '../agentcore/agents/log-errors.ts';
import { readLogs } from '../agentcore/agents/logs.ts';
import type { Context } from '../context.ts';
import { ToolFailure } from '../failure.ts';
import type { ToolCall } from './define.ts';
import { failureOf } from './failures.ts';

/** How long a failure waits for the agent's own words, and how many lines of them it tells. */
const LOG_MS = 4_000;
const LOG_RETRY_MS = 400;
const LOG_LINES = 20;
/** The clocks of this machine and of AWS differ. */
const CLOCKS_MS = 10_000;

/** After these, the agent's log says more. */
const ofTheAgent = /^(?:RuntimeClientError|Http[45]\d\d|InternalServer|DeployFailed)$/;
/** The engine's words where nothing is left of the session. */
const nothingLeft = /^The (?:session ended during the call|agent did not start): /;

/** Calls an agent. @throws ToolFailure with the end of what the agent printed, where it is the agent that failed. */
export async function askAgent(
  invocation: Invocation,
  { context, signal, progress }: ToolCall,
): Promise<AgentAnswer> {
  const begun = new Date(Date.now() - CLOCKS_MS);
  try {
    return await invokeAgent(context.agentcore, invocation, { signal, progress });
  } catch (error) {
    signal.throwIfAborted();
    const { details } = await failureOf(context, error);
    const { agent, session: id, qualifier } = invocation;
    const hasEnded = nothingLeft.test(details.foreign ?? '');
    if (hasEnded) context.agentSessions.ended({ agent, id, qualifier });
    const printed = ofTheAgent.test(details.code) && (await lastWords(context, invocation, begun));
    const isNew = printed && !details.foreign?.includes(printed.split('\n').at(-1) ?? '');
    const foreign = [details.foreign, isNew && `The agent's log:\n${printed}`].filter(Boolean).join('\n\n');
    const hints = [
      isModuleMissing(foreign)
        ? 'Name the packages that it imports in requirements.txt beside the code, and deploy it again.'
        : details.hint,
      hasEnded ? `The session ${id} has ended, with all that was in it.` : `The session is ${id}.`,
      await context.agentcore.notice?.(),
    ];
    const hint = hints.filter(Boolean).join(' ');
    throw new ToolFailure({ ...details, foreign: foreign || undefined, hint }, { cause: error });
  }
}

const isModuleMissing = (words: string) => /\bNo module named '?[\w.]+/.test(words);

/** The last error in the log of the session, or else its last lines. They may come a moment after the answer. */
async function lastWords(
  { agentcore }: Context,
  { agent, session, qualifier }: Invocation,
  since: Date,
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(LOG_MS);
  const read = () => readLogs(agentcore, agent, { qualifier, session, since, signal });
  try {
    const first = await read();
    const { lines } = first.lines.length > 0 ? first : await sleep(LOG_RETRY_MS).then(read);
    const error = errorsIn(lines).at(-1)?.text.split('\n');
    return (error ?? lines.map(({ text }) => text)).slice(-LOG_LINES).join('\n') || undefined;
  } catch {
    return undefined;
  }
}
