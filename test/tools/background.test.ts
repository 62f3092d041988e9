import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import type { Context } from '../../src/context.ts';
import { stopEngine } from '../../src/engine/process.ts';
import { createContext } from '../../src/server.ts';
import { runTool } from '../../src/tools/call.ts';
import { contextWith, patient } from '../support/contexts.ts';
import { until } from '../support/engine.ts';
import { connect } from '../support/mcp-clients.ts';
import { describeSandbox } from '../support/sandbox.ts';

/** One engine for all tests here. */
const dir = mkdtempSync(join(tmpdir(), 'background '));
const flags = ['--data-dir', `${dir}/data`, '--workspace', `${dir}/workspace`, '--engine-idle', '60'];
const context = createContext(parseConfig(flags, { env: {}, cwd: dir }));

afterAll(async () => {
  await context.tasks.close(1000);
  await stopEngine(`${dir}/data`);
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
});

type Answer = Record<string, unknown> & { task: string; session: string };

async function call(context: Context, name: string, args: object, options = patient()): Promise<Answer> {
  const { structuredContent } = await runTool(context, name, args, options);
  return structuredContent as Answer;
}

const command = (code: string) => ({ code, language: 'shell', background: true });

describeSandbox('a command in the background', () => {
  test.concurrent('is a task at once; get_task looks at it, waits for it and gives its result', async () => {
    const started = await call(context, 'run_code', {
      ...command('echo begun; while [ ! -e go ]; do sleep 0.05; done; echo done; echo warned >&2; exit 3'),
      session: 'work',
      wait_seconds: 0,
    });
    const { task, session } = started;
    expect(started).toMatchObject({
      session,
      status: 'running',
      task: expect.stringMatching(new RegExp(`^${session}\\.[0-9a-f-]{36}$`)),
      note: expect.stringContaining('A new session was started for "work"'),
      origin: expect.stringContaining('local'),
    });
    const begun = await until(async () => {
      const looked = await call(context, 'get_task', { task, wait_seconds: 0 });
      return JSON.stringify(looked).includes('begun') ? looked : undefined;
    });
    expect(begun).toEqual({
      task,
      tool: 'run_code',
      status: 'running',
      result: { session, stdout: 'begun\n', stderr: '' },
      origin: started.origin,
    });
    const heard: string[] = [];
    const waiting = call(
      context,
      'get_task',
      { task, wait_seconds: 60 },
      { ...patient(), progress: (message) => heard.push(message) },
    );
    await until(() => heard.some((message) => message.startsWith('the command is running')));
    await call(context, 'run_code', { code: 'touch go', language: 'shell', session: 'work' });
    const result = {
      session,
      exit_code: 3,
      stdout: 'begun\ndone\n',
      stderr: 'warned\n',
      seconds: expect.any(Number),
    };
    expect(await waiting).toMatchObject({ status: 'failed', result });
    expect(await call(context, 'get_task', { task })).toMatchObject({ status: 'failed', result });
    expect(await call(context, 'get_task', { task, cancel: true })).toMatchObject({ status: 'failed' });
    expect(await call(context, 'get_task', { task: `${task.slice(0, -4)}beef` })).toMatchObject({
      code: 'NotFound',
      hint: expect.stringContaining('Copy task whole'),
    });
  });

  test.concurrent('keeps the session that was started for it, ends when it is cancelled, and with its session', async () => {
    const { task, session, note } = await call(context, 'run_code', command('echo up; exec sleep 600'));
    expect(note).toContain(`pass session: "${session}"`);
    await until(async () =>
      JSON.stringify(await call(context, 'get_task', { task, wait_seconds: 0 })).includes('up'),
    );
    expect(await call(context, 'get_task', { task, cancel: true })).toMatchObject({
      status: 'cancelled',
      result: { stdout: 'up\n', exit_code: 143 },
    });
    const second = await call(context, 'run_code', { ...command('exec sleep 600'), session });
    expect(second).not.toHaveProperty('note');
    await call(context, 'stop_session', { session });
    expect(await call(context, 'get_task', { task: second.task })).toMatchObject({
      code: 'SessionEnded',
      message: expect.stringContaining(`Session ${session} is TERMINATED: it was stopped`),
    });
  });

  test.concurrent('waits for nobody: a get_task that is cancelled leaves it alone', async () => {
    const { task } = await call(context, 'run_code', command('sleep 600'));
    const gone = { signal: AbortSignal.timeout(300) };
    expect(await call(context, 'get_task', { task, wait_seconds: 600 }, gone)).toMatchObject({
      code: 'Cancelled',
    });
    expect(await call(context, 'get_task', { task, wait_seconds: 0 })).toMatchObject({ status: 'running' });
  });

  test.concurrent('has its long output cut, and the whole of it as a file to download', async () => {
    const { task, session } = await call(context, 'run_code', command('seq 1 400000'));
    const { result } = (await call(context, 'get_task', { task, wait_seconds: 60 })) as { result?: Answer };
    const [, file = ''] =
      /all 2688895 bytes are in the session's file (\S+)\./.exec(String(result?.stderr)) ?? [];
    expect(await call(context, 'run_code', { session, download: [file] })).toMatchObject({
      downloaded: [expect.stringMatching(/long-output\/1\.txt$/)],
    });
    const saved = await context.workspace.read(file, 3_000_000);
    expect(saved.toString()).toBe(`${Array.from({ length: 400_000 }, (_, index) => index + 1).join('\n')}\n`);
  });

  test('is found by another server, and by the next one', async () => {
    const target = { args: flags };
    const first = await connect('1.x', target);
    const started = await first.callTool({ name: 'run_code', arguments: command('sleep 0.5; echo done') });
    const { task } = started.structuredContent as Answer;
    expect(JSON.stringify(started.content)).toContain(task);
    const second = await connect('2.x modern', target);
    const ask = { name: 'get_task', arguments: { task, wait_seconds: 30 } };
    expect(await second.callTool(ask)).toMatchObject({
      structuredContent: { status: 'completed', result: { stdout: 'done\n', exit_code: 0 } },
    });
    await first.close();
    await second.close();
    const third = await connect('2.x legacy', target);
    expect(await third.callTool(ask)).toMatchObject({ structuredContent: { status: 'completed' } });
  });
});

test.each([
  [{ code: '1', background: true }, /for shell commands, not for python/, /goes on as a task anyway/],
  [{ language: 'shell', background: true, upload: ['a'] }, /no command to start/, /as code/],
  [{ ...command('ls'), download: ['a'] }, /no files to download yet/, /another call in its session/],
])('run_code refuses %j', async (args, message, hint) => {
  expect(await call(contextWith(), 'run_code', args)).toMatchObject({
    code: 'InvalidArgument',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  });
});

test('without get_task there is no background', async () => {
  const context = contextWith(['--exclude-tools', 'get_task']);
  expect(await call(context, 'run_code', command('ls'))).toMatchObject({ code: 'InvalidArgument' });
});

test('a server that only reads cancels no command', async () => {
  const context = contextWith(['--read-only', '--tools', 'get_logs,get_task']);
  const task = '01KA1B2C3D4E5F6G7H8J9KMNPQ.00000000-0000-4000-8000-000000000000';
  expect(await call(context, 'get_task', { task, cancel: true })).toMatchObject({ code: 'WritesNotAllowed' });
});
