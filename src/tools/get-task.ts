import { z } from 'zod';
import { readHandle } from '../agentcore/command-tasks.ts';
import { ToolFailure } from '../failure.ts';
import { waitFor } from './call.ts';
import { answerForCommand } from './command-task.ts';
import { defineTool, foreign, waitSeconds } from './define.ts';

const output = z.object({
  task: z.string(),
  tool: z.string(),
  status: z.string(),
  seconds: z.number().optional(),
  progress: foreign(z.string().optional()),
  result: z.record(z.string(), z.unknown()).optional(),
});

export const getTask = defineTool({
  name: 'get_task',
  title: 'Get task',
  toolset: 'core',
  kind: 'write',
  offline: true,
  forTasks: true,
  description:
    'Wait for, look at or cancel (ends its code) what answered `running`; gives its result, or output so far.',
  input: z.strictObject({
    task: z.string().min(1).max(200),
    cancel: z.boolean().default(false),
    wait_seconds: waitSeconds.describe('0: only look'),
  }),
  output,
  changes: ({ task, cancel }) => cancel && readHandle(task) !== undefined,
  async handle({ task: id, cancel, wait_seconds }, call) {
    const { context, signal, progress } = call;
    const seconds = wait_seconds ?? context.config.waitSeconds;
    const command = readHandle(id);
    if (command) return answerForCommand(command, { cancel, seconds }, call);
    const task = context.tasks.find(id);
    if (!task)
      throw new ToolFailure({
        code: 'NotFound',
        message: `There is no task ${id}.`,
        hint: 'Results are kept for an hour, and only as long as the server runs. Make the call again.',
      });
    if (cancel) task.cancel();
    const ended = await waitFor(task, seconds, { signal, progress });
    const last = task.endedAt ?? new Date();
    const data = {
      task: id,
      tool: task.label,
      seconds: Math.round((last.getTime() - task.startedAt.getTime()) / 1000),
    };
    if (!ended) return { data: { ...data, status: 'running', progress: task.progress } };
    if (task.state === 'cancelled') return { data: { ...data, status: 'cancelled' } };
    const inner = await task.result;
    const { images, links } = inner.answer;
    return { data: { ...data, status: 'completed' }, inner, images, links };
  },
});
