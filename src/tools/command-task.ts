import { awaitCommand, type CommandTask, handleOf, stopCommand } from '../agentcore/command-tasks.ts';
import type { Context } from '../context.ts';
import { ToolFailure } from '../failure.ts';
import type { ToolCall } from './define.ts';
import { outcomeOf, runCode } from './run-code.ts';

/** What get_task answers about a command that run_code started in the background: as if run_code had waited for it. */
export async function answerForCommand(
  task: CommandTask,
  { cancel, seconds }: { cancel: boolean; seconds: number },
  { context, signal, progress }: ToolCall,
) {
  const { agentcore, sessions } = context;
  if (cancel && context.config.readOnly)
    throw new ToolFailure({
      code: 'WritesNotAllowed',
      message: 'Cancelling would end a command, and this server was started with --read-only.',
      hint: 'Leave cancel out to look at the command or to wait for it.',
    });
  try {
    progress('asking for the command');
    const onPoll = () => progress('the command is running');
    const { status, result } = await sessions.at(task.session, signal, async (session) => {
      if (cancel) await stopCommand(agentcore, session, task.id, signal);
      return awaitCommand(agentcore, session, task.id, { seconds, signal, onPoll });
    });
    const data = { task: handleOf(task), tool: runCode.name, status };
    return {
      data,
      inner: { tool: runCode, answer: { data: { session: task.session, ...outcomeOf(result) } } },
    };
  } catch (error) {
    await refuseEnded(context, task.session, error, signal);
    throw error;
  }
}

/** @throws ToolFailure `SessionEnded` where that is the reason of an error. */
async function refuseEnded(
  { sessions }: Context,
  session: string,
  error: unknown,
  signal: AbortSignal,
): Promise<void> {
  if (['ConflictException', 'ResourceNotFoundException'].includes((error as Error).name))
    await sessions.open(session, signal);
}
