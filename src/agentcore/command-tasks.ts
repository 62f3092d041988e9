import { setTimeout as sleep } from 'node:timers/promises';
import type { CodeInterpreterResult, TaskStatus } from '@aws-sdk/client-bedrock-agentcore';
import { ToolFailure } from '../failure.ts';
import type { AgentCore } from './agentcore.ts';
import { invokeCodeInterpreter } from './code-interpreter.ts';
import { isSessionId } from './labels.ts';
import type { SessionRef } from './tool-sessions/session-tool.ts';

/** For each question; none of them waits for the command. */
const CALL_MS = 60_000;
const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 2_000;
const GROWTH = 1.5;

/** A command in the background of a code session, which knows it as long as it runs itself. */
export interface CommandTask {
  /** The session's id. */
  session: string;
  /** AgentCore's own id. */
  id: string;
}

export interface CommandState {
  status: 'running' | 'completed' | 'failed' | 'cancelled';
  /** What it has printed so far; exit code and time once it has ended. */
  result: CodeInterpreterResult;
}

/** All there is to know of a task in one word, so that any server finds it. */
export function handleOf({ session, id }: CommandTask): string {
  return `${session}.${id}`;
}

/** @returns undefined for what {@link handleOf} did not make. */
export function readHandle(handle: string): CommandTask | undefined {
  const [, session = '', id = ''] = /^(\w+)\.([\w-]+)$/.exec(handle) ?? [];
  return isSessionId(session) ? { session, id } : undefined;
}

/** @throws ToolFailure `CommandNotStarted` with the session's own words. */
export async function startCommand(
  agentcore: AgentCore,
  session: SessionRef,
  command: string,
  signal: AbortSignal,
): Promise<CommandTask> {
  const request = { name: 'startCommandExecution', arguments: { command } } as const;
  const result = await invokeCodeInterpreter(agentcore, session, request, { signal, timeoutMs: CALL_MS });
  const id = result.structuredContent?.taskId;
  if (id) return { session: session.id, id };
  throw new ToolFailure({
    code: 'CommandNotStarted',
    message: `The session ${session.id} did not start the command.`,
    foreign: wordsOf(result),
    hint: 'Cancel a command that runs there with get_task, or leave session out for a new one.',
  });
}

/** Has a command ended with all it started, by AgentCore's id for it; nothing where it has ended before. */
export async function stopCommand(
  agentcore: AgentCore,
  session: SessionRef,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const request = { name: 'stopTask', arguments: { taskId: id } } as const;
  await invokeCodeInterpreter(agentcore, session, request, { signal, timeoutMs: CALL_MS });
}

/** Waits for the end of a command, so many seconds at most. @throws ToolFailure `NotFound` for one that the session does not know. */
export async function awaitCommand(
  agentcore: AgentCore,
  session: SessionRef,
  id: string,
  { seconds, signal, onPoll }: { seconds: number; signal: AbortSignal; onPoll(): void },
): Promise<CommandState> {
  const until = Date.now() + seconds * 1000;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * GROWTH, LAST_PAUSE_MS)) {
    const state = await lookAt(agentcore, session, id, signal);
    const left = until - Date.now();
    if (state.status !== 'running' || left <= 0) return state;
    onPoll();
    await sleep(Math.min(pause, left), undefined, { signal });
  }
}

const states: Record<TaskStatus, CommandState['status']> = {
  submitted: 'running',
  working: 'running',
  completed: 'completed',
  failed: 'failed',
  canceled: 'cancelled',
};

async function lookAt(
  agentcore: AgentCore,
  session: SessionRef,
  id: string,
  signal: AbortSignal,
): Promise<CommandState> {
  const request = { name: 'getTask', arguments: { taskId: id } } as const;
  const result = await invokeCodeInterpreter(agentcore, session, request, { signal, timeoutMs: CALL_MS });
  const status = result.structuredContent?.taskStatus;
  if (status) return { status: states[status], result };
  throw new ToolFailure({
    code: 'NotFound',
    message: `The session ${session.id} tells nothing of a command ${id}.`,
    foreign: wordsOf(result),
    hint: 'Copy task whole from the result of run_code.',
  });
}

function wordsOf({ content = [] }: CodeInterpreterResult): string {
  return content.flatMap(({ text }) => text ?? []).join('; ');
}
