import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Context } from '../../src/context.ts';
import { ToolFailure } from '../../src/failure.ts';
import { runTool } from '../../src/tools/call.ts';
import { catalog } from '../../src/tools/catalog.ts';
import { defineTool, foreign, type Tool } from '../../src/tools/define.ts';
import { descriptorOf } from '../../src/tools/descriptor.ts';
import { getTask } from '../../src/tools/get-task.ts';
import { UnknownToolError } from '../../src/tools/offer.ts';
import { contextWith, patient } from '../support/contexts.ts';

/** Works until it is told to finish or is cancelled. */
class Slow {
  readonly signals: AbortSignal[] = [];
  finish: (text: string) => void = () => {};
  fail: (error: Error) => void = () => {};

  readonly tool = defineTool({
    name: 'work',
    title: 'Work',
    toolset: 'core',
    kind: 'execute',
    long: true,
    description: 'Works.',
    input: z.strictObject({}),
    output: z.object({ stdout: foreign(z.string()) }),
    handle: (_args, { signal, progress }) => {
      this.signals.push(signal);
      progress('half way');
      return new Promise((resolve, reject) => {
        this.finish = (text) =>
          resolve({ data: { stdout: text }, images: [{ mimeType: 'image/png', base64: 'AA==' }] });
        this.fail = reject;
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    },
  });
}

function answering(kind: Tool['kind'], more: Partial<Tool> = {}): Tool {
  return {
    ...defineTool({
      name: 'act',
      title: 'Act',
      toolset: 'core',
      kind,
      description: 'Acts.',
      input: z.strictObject({ dry_run: z.boolean().default(false) }),
      output: z.object({ done: z.boolean() }),
      handle: async () => ({ data: { done: true } }),
    }),
    ...more,
  } as Tool;
}

function setUp() {
  const slow = new Slow();
  return { slow, context: contextWith([], [slow.tool, getTask]) };
}

const call = (context: Context, name: string, args: unknown = {}) => runTool(context, name, args, patient());

async function handedOut(context: Context): Promise<string> {
  const { structuredContent } = await call(context, 'work', { wait_seconds: 0 });
  expect(structuredContent).toMatchObject({
    status: 'running',
    task: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
  return (structuredContent as { task: string }).task;
}

describe('a long call', () => {
  test('that ends in time is answered like any other', async () => {
    const { slow, context } = setUp();
    const answered = call(context, 'work', { wait_seconds: 30 });
    await Promise.resolve();
    slow.finish('done');
    const { structuredContent, content, isError } = await answered;
    expect(isError).toBeUndefined();
    expect(structuredContent).toEqual({ stdout: 'done', origin: 'local, account 000000000000, us-east-1' });
    expect(content.map(({ type }) => type)).toEqual(['text', 'image']);
  });

  test('that does not is handed out as a task, and get_task brings its answer', async () => {
    const { slow, context } = setUp();
    const task = await handedOut(context);
    expect((await call(context, 'get_task', { task, wait_seconds: 0 })).structuredContent).toMatchObject({
      status: 'running',
      tool: 'work',
      progress: 'half way',
    });
    const waiting = call(context, 'get_task', { task, wait_seconds: 30 });
    slow.finish('at last');
    const { structuredContent, content } = await waiting;
    expect(structuredContent).toMatchObject({
      status: 'completed',
      result: { stdout: 'at last' },
      origin: 'local, account 000000000000, us-east-1',
    });
    expect(content[0]).toMatchObject({ text: expect.stringMatching(/<(untrusted-\w+)>\nat last\n<\/\1>/) });
    expect(content[1]).toMatchObject({ type: 'image' });
    expect((await call(context, 'get_task', { task })).structuredContent).toEqual(structuredContent);
  });

  test('that fails later fails in get_task', async () => {
    const { slow, context } = setUp();
    const task = await handedOut(context);
    slow.fail(new ToolFailure({ code: 'Broken', message: 'It broke.', hint: 'Mend it.' }));
    expect(await call(context, 'get_task', { task })).toMatchObject({
      isError: true,
      structuredContent: { code: 'Broken', message: 'It broke.', hint: 'Mend it.' },
    });
  });

  test('is cancelled when its caller goes away', async () => {
    const { slow, context } = setUp();
    const gone = new AbortController();
    const answered = runTool(context, 'work', { wait_seconds: 30 }, { signal: gone.signal });
    gone.abort();
    expect(await answered).toMatchObject({ isError: true, structuredContent: { code: 'Cancelled' } });
    expect(slow.signals[0]?.aborted).toBe(true);
  });

  test('once handed out is no longer bound to its first caller', async () => {
    const { slow, context } = setUp();
    const gone = new AbortController();
    const { structuredContent } = await runTool(
      context,
      'work',
      { wait_seconds: 0 },
      { signal: gone.signal },
    );
    gone.abort();
    expect(slow.signals[0]?.aborted).toBe(false);
    slow.finish('still here');
    const { task } = structuredContent as { task: string };
    expect((await call(context, 'get_task', { task })).structuredContent).toMatchObject({
      result: { stdout: 'still here' },
    });
  });

  test('once handed out can be cancelled, and only looking at it does not cancel it', async () => {
    const { slow, context } = setUp();
    const task = await handedOut(context);
    const gone = new AbortController();
    const looking = runTool(context, 'get_task', { task, wait_seconds: 30 }, { signal: gone.signal });
    gone.abort();
    await looking;
    expect(slow.signals[0]?.aborted).toBe(false);
    expect((await call(context, 'get_task', { task, cancel: true })).structuredContent).toMatchObject({
      status: 'cancelled',
    });
    expect(slow.signals[0]?.aborted).toBe(true);
  });

  test('tells its waiting caller how far it is', async () => {
    const { slow, context } = setUp();
    const heard: string[] = [];
    const done = new EventTarget();
    const answered = runTool(
      context,
      'work',
      { wait_seconds: 60 },
      {
        ...patient(),
        progress(message) {
          heard.push(message);
          done.dispatchEvent(new Event('heard'));
        },
      },
    );
    await once(done, 'heard');
    slow.finish('done');
    await answered;
    expect(heard).toEqual([expect.stringMatching(/^half way \(\d+ s\)$/)]);
  });

  test('hands on at once what it says while it is waited for, but not every word', async () => {
    const heard: string[] = [];
    const talkative = answering('execute', {
      long: true,
      async handle(_args, { progress }) {
        for (let word = 1; word <= 100; word++) {
          await sleep(10);
          progress(`word ${word}`);
        }
        return { data: { done: true } };
      },
    });
    const context = contextWith([], [talkative, getTask]);
    await runTool(context, 'act', {}, { ...patient(), progress: (message) => heard.push(message) });
    expect(heard[0]).toBe('word 1');
    expect(heard.length).toBeGreaterThan(1);
    expect(heard.length).toBeLessThan(50);
  });

  test('is waited for where nobody could ask for its task', async () => {
    const slow = new Slow();
    const flags = ['--exclude-tools', 'get_task', '--wait-seconds', '0'];
    const context = contextWith(flags, [slow.tool, getTask]);
    const answered = call(context, 'work');
    await Promise.resolve();
    slow.finish('done');
    expect((await answered).structuredContent).toMatchObject({ stdout: 'done' });
    const [work] = context.offer.tools;
    expect(JSON.stringify(work && descriptorOf(work, {}))).not.toMatch(/wait_seconds|"task"/);
    expect((await call(context, 'work', { wait_seconds: 0 })).structuredContent).toMatchObject({
      code: 'InvalidArgument',
    });
  });

  test('is refused when too many run', async () => {
    const { context } = setUp();
    for (let i = 0; i < 64; i++) await handedOut(context);
    expect(await call(context, 'work', { wait_seconds: 0 })).toMatchObject({
      isError: true,
      structuredContent: { code: 'TooManyTasks', retryable: true },
    });
  });

  test('all end when the process does', async () => {
    const { slow, context } = setUp();
    await handedOut(context);
    await handedOut(context);
    await context.tasks.close(1000);
    expect(slow.signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });
});

test('a task nobody was told about is not found', async () => {
  const { context } = setUp();
  expect(await call(context, 'get_task', { task: '0123456789abcdef' })).toMatchObject({
    isError: true,
    structuredContent: { code: 'NotFound', hint: expect.stringContaining('an hour') },
  });
});

describe('the end of the process', () => {
  const lettingGoAfter = async (ms: number) => {
    const released = { value: false };
    const begun = Promise.withResolvers<void>();
    const slow = answering('execute', {
      async handle(_args, { signal }) {
        begun.resolve();
        await once(signal, 'abort');
        await sleep(ms);
        released.value = true;
        signal.throwIfAborted();
        return { data: {} };
      },
    });
    const context = contextWith([], [slow]);
    const gone = new AbortController();
    const answered = runTool(context, 'act', {}, { signal: gone.signal });
    await begun.promise;
    return { released, context, answered, gone };
  };

  test('waits until cancelled work has let go', async () => {
    const { released, context, answered } = await lettingGoAfter(200);
    await context.tasks.close();
    expect(released.value).toBe(true);
    expect((await answered).structuredContent).toMatchObject({ code: 'Cancelled' });
  });

  test('waits for what was cancelled before, too', async () => {
    const { released, context, answered, gone } = await lettingGoAfter(200);
    gone.abort();
    expect((await answered).structuredContent).toMatchObject({ code: 'Cancelled' });
    expect(released.value).toBe(false);
    await context.tasks.close();
    expect(released.value).toBe(true);
  });

  test('does not wait for ever, and not at all for nothing', async () => {
    const { context } = await lettingGoAfter(60_000);
    const began = performance.now();
    await context.tasks.close(100);
    await contextWith().tasks.close();
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

describe('a call', () => {
  test('of an unknown name is an error of the protocol that names the nearest tool', async () => {
    const context = contextWith();
    await expect(call(context, 'run_cod')).rejects.toThrow(UnknownToolError);
    await expect(call(context, 'run_cod')).rejects.toThrow(
      'There is no tool "run_cod". Did you mean run_code?',
    );
    await expect(call(context, 'x'.repeat(100_000))).rejects.toThrow(/^.{1,300}$/);
  });

  test.each([
    ['--read-only', /restarts it without that flag/],
    ['--exclude-tools run_code', /--exclude-tools/],
    ['--toolsets api', /--toolsets api,code or --tools run_code\./],
    ['--tools get_status', /--tools get_status,run_code\./],
  ])('of a tool that %s turned off names the flag', async (flags, hint) => {
    const result = await call(contextWith(flags.split(' ')), 'run_code', { code: '1' });
    expect(result).toMatchObject({
      isError: true,
      structuredContent: { code: 'ToolDisabled', hint: expect.stringMatching(hint) },
    });
  });

  test('whose handler throws anything fails, and the server goes on', async () => {
    const broken = answering('read', { handle: () => Promise.reject(new TypeError('x is not a function')) });
    expect(await call(contextWith([], [broken]), 'act')).toMatchObject({
      isError: true,
      structuredContent: { code: 'TypeError', message: 'x is not a function' },
    });
  });
});

test.each([
  ['run_code', { code: '1', session: '' }],
  ['run_code', { code: '1', session: ' \n' }],
  ['stop_session', { session: '' }],
  ['stop_session', { session: ' ' }],
])('%s takes no blank label: %j', async (tool, args) => {
  const context = contextWith();
  expect(await call(context, tool, args)).toMatchObject({
    isError: true,
    structuredContent: {
      code: 'InvalidArgument',
      message: expect.stringMatching(/^session is (empty|blank); it must be an id or a label\.$/),
    },
  });
  expect(existsSync(context.config.dataDir)).toBe(false);
});

describe('on AWS without --allow-writes', () => {
  const aws = ['--backend', 'aws', '--region', 'eu-west-1'];
  const refused = { isError: true, structuredContent: { code: 'WritesNotAllowed' } };

  test.each(['write', 'destructive', 'execute'] as const)('a tool of kind %s is refused', async (kind) => {
    expect(await call(contextWith(aws, [answering(kind, { offline: undefined })]), 'act')).toMatchObject(
      refused,
    );
  });

  test('the flag is named', async () => {
    const { structuredContent } = await call(contextWith(aws, [answering('write')]), 'act');
    expect((structuredContent as { hint: string }).hint).toContain('--allow-writes');
  });

  test('a tool may say that a call changes nothing', async () => {
    const tool = answering('write', { changes: ({ dry_run }) => !dry_run, offline: undefined });
    const context = contextWith(aws, [tool]);
    expect(await call(context, 'act', { dry_run: true })).not.toHaveProperty('isError');
    expect(await call(context, 'act')).toMatchObject(refused);
  });

  test('every tool that is there says no before anything is sent', async () => {
    const context = contextWith(aws);
    for (const { name, kind, offline } of catalog) {
      if (kind === 'read' || offline) continue;
      const needed: Record<string, object> = {
        stop_session: { session: 'x' },
        call_aws_api: { operation: 'CreateMemory' },
        create_memory: { name: 'x' },
        deploy_agent: { name: 'x', path: 'x' },
        invoke_agent_runtime: { agent: 'x', prompt: 'x' },
      };
      const args = needed[name] ?? {};
      expect(await call(context, name, args), name).toMatchObject(refused);
    }
  });
});
