import {
  type CodeInterpreterResult,
  StopCodeInterpreterSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import { beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../../support/engine.ts';
import { describeSandbox } from '../../../support/sandbox.ts';
import { identifier, inSession, startSession, textOf, useEngine } from './support.ts';

const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

/** Starts processes until no more can be. */
const FILL = `
import os, time
try:
    while True:
        if os.fork() == 0: time.sleep(614)
except OSError:
    print("full")
    time.sleep(614)`;

/** What each test does with the background commands of one session. */
function tasksIn(session: ReturnType<typeof inSession>) {
  const get = (taskId: string) => session.tool('getTask', { taskId });
  return {
    get,
    stop: (taskId: string) => session.tool('stopTask', { taskId }),
    async start(command: string): Promise<string> {
      const { structuredContent } = await session.tool('startCommandExecution', { command });
      return structuredContent?.taskId ?? '';
    },
    /** What getTask says at the end. */
    ended: (taskId: string) =>
      until(async () => {
        const result = await get(taskId);
        return result.structuredContent?.taskStatus === 'working' ? undefined : result;
      }),
    /** What getTask says once this has been printed. */
    printed: (taskId: string, text: string) =>
      until(async () => {
        const result = await get(taskId);
        return result.structuredContent?.stdout?.includes(text) ? result : undefined;
      }),
  };
}

describeSandbox('background commands', () => {
  const engine = useEngine();
  let session: ReturnType<typeof inSession>;
  let tasks: ReturnType<typeof tasksIn>;

  beforeAll(async () => {
    const client = engine.client();
    session = inSession(client, await startSession(client));
    tasks = tasksIn(session);
  });

  test('are answered as AWS answers them, from their start to their end', async () => {
    const started = await session.tool('startCommandExecution', {
      command: 'echo begun; echo warned >&2; while [ ! -e go ]; do sleep 0.05; done; echo done; exit 3',
    });
    expect(started).toEqual({
      content: [{ type: 'text', text: 'Successfully started a command execution task' }],
      structuredContent: { taskId: uuid, taskStatus: 'submitted', stdout: '', stderr: '' },
      isError: false,
    });
    const taskId = started.structuredContent?.taskId ?? '';
    expect(await tasks.printed(taskId, 'begun')).toEqual({
      content: [{ type: 'text', text: 'Task is working' }],
      structuredContent: { taskStatus: 'working', stdout: 'begun\n', stderr: 'warned\n' },
      isError: false,
    });
    await session.shell('touch go');
    const finished: CodeInterpreterResult = {
      content: [{ type: 'text', text: 'Task is failed' }],
      structuredContent: {
        taskStatus: 'failed',
        stdout: 'begun\ndone\n',
        stderr: 'warned\n',
        exitCode: 3,
        executionTime: expect.any(Number),
      },
      isError: false,
    };
    expect(await tasks.ended(taskId)).toEqual(finished);
    expect(await tasks.get(taskId)).toEqual(finished);
    expect(await tasks.stop(taskId)).toEqual({
      content: [{ type: 'text', text: `Task ${taskId} had ended before: it is failed.` }],
      isError: true,
    });
    expect((await tasks.ended(await tasks.start('true'))).structuredContent).toMatchObject({
      taskStatus: 'completed',
      exitCode: 0,
    });
  });

  test('are stopped with their whole process group, even what does not heed the signal', async () => {
    const stubborn = await tasks.start(
      '(trap "" TERM; echo up; exec sleep 611) & trap "echo leaving; exit 9" TERM; wait',
    );
    await tasks.printed(stubborn, 'up');
    expect(await tasks.stop(stubborn)).toEqual({
      content: [{ type: 'text', text: 'Successfully canceled a command execution task' }],
      isError: false,
    });
    expect(await tasks.get(stubborn)).toMatchObject({
      content: [{ text: 'Task is canceled' }],
      structuredContent: { taskStatus: 'canceled', stdout: 'up\nleaving\n', exitCode: 9 },
    });
    expect(await tasks.stop(stubborn)).toMatchObject({ isError: false });
    const deaf = await tasks.start('trap "" TERM; echo up; while :; do sleep 612; done');
    await tasks.printed(deaf, 'up');
    await tasks.stop(deaf);
    expect((await tasks.get(deaf)).structuredContent).toMatchObject({
      taskStatus: 'canceled',
      exitCode: 137,
    });
    expect(textOf(await session.shell('ps ax | grep -c "[s]leep 61"'))).toMatch(/^0/);
  });

  test('that become daemons are over, and their daemons go on', async () => {
    const taskId = await tasks.start(
      'setsid sh -c "while sleep 0.05; do echo tick >> ticks; done" & echo parent',
    );
    expect((await tasks.ended(taskId)).structuredContent).toMatchObject({
      taskStatus: 'completed',
      stdout: 'parent\n',
    });
    await until(async () => !(await session.shell('test -s ticks')).isError);
    await session.shell('pkill -f "sleep 0.0[5]|tick[s]"');
  });

  test('that print without end are cut, and all of it is in a file that can be read', async () => {
    const taskId = await tasks.start('head -c 3000000 /dev/zero | tr "\\0" x; while :; do sleep 1; done');
    const cut = await until(async () => {
      const { structuredContent } = await tasks.get(taskId);
      return structuredContent?.stderr ? structuredContent : undefined;
    });
    expect(cut.stdout).toBe('x'.repeat(1024 ** 2));
    const [, file = ''] =
      /^stdout is cut here; it goes on in the session's file (\S+)\.$/.exec(cut.stderr ?? '') ?? [];
    await tasks.stop(taskId);
    expect((await tasks.get(taskId)).structuredContent?.stderr).toBe(
      `stdout is cut here; all 3000000 bytes are in the session's file ${file}.`,
    );
    const { content } = await session.tool('readFiles', { paths: [file] });
    expect(content?.[0]?.resource?.text).toBe('x'.repeat(3_000_000));
    const zeros = await tasks.ended(
      await tasks.start('head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2'),
    );
    expect(JSON.stringify(zeros).length).toBeLessThan(3 * 1024 ** 2);
  });

  test('that are not there are told apart from those that are', async () => {
    for (const tool of ['getTask', 'stopTask'] as const)
      expect(await session.tool(tool, { taskId: 'no-such-task' })).toEqual({
        content: [
          { type: 'text', text: expect.stringContaining('There is no task no-such-task in this session') },
        ],
        isError: true,
      });
    const client = engine.client();
    const other = tasksIn(inSession(client, await startSession(client)));
    expect(await other.get(await tasks.start('true'))).toMatchObject({ isError: true });
  });

  test('are limited: so many run, and so many ended ones are kept', async () => {
    const first = await tasks.start('true');
    await tasks.ended(first);
    const running = await Promise.all(Array.from({ length: 16 }, () => tasks.start('exec sleep 613')));
    expect(await session.tool('startCommandExecution', { command: 'true' })).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/^16 background commands are running/) }],
    });
    await Promise.all(running.map(tasks.stop));
    for (const _ of Array(20)) await tasks.ended(await tasks.start('true'));
    await tasks.start('true');
    expect(await tasks.get(first)).toMatchObject({ isError: true });
  });

  test('are forgotten earlier where they printed much, the one that ended first before all', async () => {
    const mebibyte = 'head -c 1048576 /dev/zero | tr "\\0" x';
    const early = await tasks.start('until [ -e late ]; do sleep 0.05; done');
    const print = async () => {
      const taskId = await tasks.start(`${mebibyte}; (${mebibyte}) >&2`);
      const { structuredContent } = await tasks.ended(taskId);
      expect([structuredContent?.stdout?.length, structuredContent?.stderr?.length]).toEqual([
        2 ** 20,
        2 ** 20,
      ]);
      return taskId;
    };
    const [first = '', second = ''] = [await print(), await print()];
    for (const _ of Array(6)) await print();
    expect(await tasks.get(first)).toMatchObject({ isError: false });
    await session.shell('touch late');
    await tasks.ended(early);
    expect(await tasks.get(first)).toMatchObject({ isError: false });
    await print();
    expect(await tasks.get(first)).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('more than 16 MiB together') }],
    });
    for (const kept of [second, early]) expect(await tasks.get(kept)).toMatchObject({ isError: false });
  });
});

describeSandbox('background commands and the end', () => {
  const engine = useEngine({ limits: { memoryBytes: 300 * 1024 ** 2, processes: 64 } });

  async function start(sessionTimeoutSeconds = 300) {
    const client = engine.client();
    const id = await startSession(client, { sessionTimeoutSeconds });
    const session = inSession(client, id);
    return { client, id, session, tasks: tasksIn(session) };
  }

  describe.concurrent('of', () => {
    test('memory', async () => {
      const { session, tasks } = await start();
      const greedy = await tasks.start(
        'for i in 1 2 3 4; do python3 -c "import time; x = bytes(1) * (120 << 20); time.sleep(20)" & done; wait',
      );
      const { structuredContent } = await tasks.ended(greedy);
      expect(structuredContent).toMatchObject({ taskStatus: 'failed', exitCode: 137 });
      expect(structuredContent?.stderr).toContain('memory limit of 300 MiB');
      expect(textOf(await session.shell('echo goes on'))).toBe('goes on\n');
    });

    test('processes: what fills them can be stopped', async () => {
      const { session, tasks } = await start();
      await session.tool('writeFiles', { content: [{ path: 'fill.py', text: FILL }] });
      const bomb = await tasks.start('exec python3 -u fill.py');
      await tasks.printed(bomb, 'full');
      expect(textOf(await session.shell('true'))).toContain('The limit of 64 processes is reached');
      expect(await session.tool('startCommandExecution', { command: 'true' })).toMatchObject({
        isError: true,
      });
      expect(await tasks.stop(bomb)).toMatchObject({ isError: false });
      expect(textOf(await session.shell('echo room'))).toBe('room\n');
    });

    test('their session, which they do not keep', async () => {
      const { client, id, tasks } = await start(2);
      const taskId = await tasks.start('exec sleep 615');
      const stopping = tasks.stop;
      await until(() =>
        tasks.get(taskId).then(
          () => false,
          (error) => error.name === 'ConflictException',
        ),
      );
      await expect(stopping(taskId)).rejects.toMatchObject({
        name: 'ConflictException',
        message: expect.stringContaining('time to live of 2 s'),
      });
      const second = await start();
      const other = await second.tasks.start('exec sleep 616');
      await client.send(
        new StopCodeInterpreterSessionCommand({
          codeInterpreterIdentifier: identifier,
          sessionId: second.id,
        }),
      );
      await expect(second.tasks.get(other)).rejects.toMatchObject({ name: 'ConflictException' });
      expect(id).not.toBe(second.id);
    });
  });
});
