import { setTimeout as sleep } from 'node:timers/promises';
import type { CallToolResult } from '@modelcontextprotocol/server';
import type { AgentCore } from '../agentcore/agentcore.ts';
import { askedOf, rememberingAsked } from '../agentcore/calls.ts';
import type { Task } from '../agentcore/tasks.ts';
import type { Context } from '../context.ts';
import { ToolFailure } from '../failure.ts';
import { readArguments } from './arguments.ts';
import { type Finished, longInput, type Tool, type ToolAnswer } from './define.ts';
import { failureOf } from './failures.ts';
import { UnknownToolError } from './offer.ts';
import { renderAnswer, renderFailure } from './response.ts';

/** How often a waiting client hears that the work still goes on. */
const HEARTBEAT_MS = 5000;
/** How often it hears of progress, at most. */
const PROGRESS_MS = 400;
/** How long a failure waits for the account that it came from. */
const ORIGIN_MS = 2000;

/** How a call is connected to the one who made it. */
export interface CallOptions {
  /** Aborts when the caller is no longer interested. */
  signal: AbortSignal;
  /** Called while the caller waits, at least every five seconds. */
  progress?(message: string): void;
}

/**
 * Calls a tool by name, exactly as an MCP client does. Failures are results with `isError`.
 * @throws UnknownToolError when no tool has this name.
 */
export async function runTool(
  context: Context,
  name: string,
  args: unknown,
  options: CallOptions,
): Promise<CallToolResult> {
  const { maxResultTokens: maxTokens } = context.config;
  const { kept } = context;
  try {
    const tool = context.offer.find(name);
    const parsed = readArguments(tool, args, context.pins);
    await permit(context, tool, parsed);
    const answer = await answerOf(context, tool, parsed, options);
    return renderAnswer(tool, answer, {
      maxTokens,
      kept,
      origin: await originOfAnswer(context.agentcore, { tool, answer }),
    });
  } catch (error) {
    if (error instanceof UnknownToolError) throw error;
    const asked = askedOf(error as Error);
    const origin = asked && (await originInTime(context.agentcore, asked.region));
    return renderFailure((await failureOf(context, error)).details, { maxTokens, kept, origin });
  }
}

/** On AWS, what changes something has to be allowed. (The wrong account is refused where the SDK clients are made.) */
async function permit(context: Context, tool: Tool, args: Record<string, unknown>): Promise<void> {
  const { agentcore, config } = context;
  if (agentcore.backend !== 'aws' || config.allowWrites) return;
  const changes = (await tool.changes?.(args)) ?? (tool.kind !== 'read' && !tool.offline);
  if (changes)
    throw new ToolFailure({
      code: 'WritesNotAllowed',
      message: `${tool.name} would change something in an AWS account, and this server only reads there.`,
      hint: 'Its user can allow it by restarting the server with --allow-writes, or use --backend local.',
    });
}

async function answerOf(
  context: Context,
  tool: Tool,
  args: Record<string, unknown>,
  { signal, progress }: CallOptions,
): Promise<ToolAnswer> {
  const task = context.tasks.start(tool.name, async (cancelled, report) => ({
    tool,
    answer: await rememberingAsked(() => tool.handle(args, { context, signal: cancelled, progress: report })),
  }));
  const cancel = () => task.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  const seconds = tool.long ? (longInput.parse(args).wait_seconds ?? context.config.waitSeconds) : undefined;
  try {
    const ended = await waitFor(task, seconds, { signal, progress });
    if (ended || signal.aborted) return (await task.result).answer;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
  context.tasks.keep(task);
  return {
    data: { status: 'running', task: task.id, next: `get_task waits for it: {"task": "${task.id}"}` },
  };
}

/** Waits for a task, handing on what it says, with a sign of life now and then. @returns whether it has ended. */
export async function waitFor(
  task: Task,
  seconds: number | undefined,
  options: CallOptions,
): Promise<boolean> {
  const { progress } = options;
  let next = 0;
  const deaf = task.listen((message) => {
    if (Date.now() < next) return;
    next = Date.now() + PROGRESS_MS;
    progress?.(message);
  });
  return untilEnded(task, seconds, options).finally(deaf);
}

async function untilEnded(
  task: Task,
  seconds: number | undefined,
  { signal, progress }: CallOptions,
): Promise<boolean> {
  const until = seconds === undefined ? Number.POSITIVE_INFINITY : Date.now() + seconds * 1000;
  for (;;) {
    const left = until - Date.now();
    if (await task.ended(Math.max(0, Math.min(left, HEARTBEAT_MS)), signal)) return true;
    if (signal.aborted || left <= HEARTBEAT_MS) return false;
    const running = Math.round((Date.now() - task.startedAt.getTime()) / 1000);
    progress?.(`${task.progress ?? `${task.label} is running`} (${running} s)`);
  }
}

async function originOfAnswer(agentcore: AgentCore, { tool, answer }: Finished): Promise<string | undefined> {
  if (answer.inner) return originOfAnswer(agentcore, answer.inner);
  return tool.offline ? undefined : originOf(agentcore, answer.region);
}

/** With a failure, which is often that nobody answers, the account is not waited for long. */
function originInTime(agentcore: AgentCore, asked: string | undefined): Promise<string> {
  const late = sleep(ORIGIN_MS, agentcore.backend, { ref: false });
  return Promise.race([originOf(agentcore, asked), late]);
}

/** Backend, account and region; without the account where nobody would tell it. */
async function originOf(agentcore: AgentCore, asked: string | undefined): Promise<string> {
  try {
    const { backend, account, region } = await agentcore.origin(asked);
    return `${backend}, account ${account}, ${region}`;
  } catch {
    return agentcore.backend;
  }
}
