import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { runTool } from '../../src/tools/call.ts';
import { contextWith, patient } from '../support/contexts.ts';
import { until } from '../support/engine.ts';
import { RawStdio } from '../support/raw-stdio.ts';
import { describeSandbox } from '../support/sandbox.ts';

/** Without `session`, so that nobody else knows where it runs. */
const endless = { code: 'import time\nopen("begun", "w")\ntime.sleep(600)' };

async function call(context: Context, name: string, args: object, options = patient()) {
  const { structuredContent } = await runTool(context, name, args, options);
  return structuredContent as Record<string, unknown>;
}

async function ready(context: Context): Promise<string[]> {
  const { items } = await call(context, 'list_resources', { kind: 'code_session', limit: 100 });
  return (items as { id: string }[]).map(({ id }) => id);
}

const noneIsReady = (context: Context) => until(async () => (await ready(context)).length === 0);

/** The session in which {@link endless} has begun. */
function begun(context: Context): Promise<string> {
  return until(async () => {
    const [session] = await ready(context);
    if (!session) return undefined;
    const { stdout } = await call(context, 'run_code', { session, language: 'shell', code: 'ls' });
    return String(stdout).includes('begun') ? session : undefined;
  });
}

describeSandbox('a session that only its call knows', () => {
  test('ends with the call that is cancelled while its code runs', async () => {
    const context = contextWith();
    const gone = new AbortController();
    const running = call(context, 'run_code', { ...endless, wait_seconds: 600 }, { signal: gone.signal });
    await begun(context);
    gone.abort();
    expect(await running).toMatchObject({ code: 'Cancelled' });
    await noneIsReady(context);
  });

  test('ends with the call, whenever it is cancelled', async () => {
    const context = contextWith();
    await call(context, 'stop_session', {
      session: (await call(context, 'run_code', { code: '1' })).session as string,
    });
    for (const ms of [0, 5, 10, 20, 40, 80, 160])
      expect(await call(context, 'run_code', endless, { signal: AbortSignal.timeout(ms) })).toMatchObject({
        code: 'Cancelled',
      });
    await noneIsReady(context);
    await sleep(1000);
    expect(await ready(context)).toEqual([]);
  });

  test('ends with its task', async () => {
    const context = contextWith();
    const { task } = await call(context, 'run_code', { ...endless, wait_seconds: 0 });
    const session = await begun(context);
    await call(context, 'get_task', { task, wait_seconds: 0 });
    expect(await ready(context)).toEqual([session]);
    expect(await call(context, 'get_task', { task, cancel: true })).toMatchObject({ status: 'cancelled' });
    await noneIsReady(context);
  });

  test('ends with the connection of its client', async () => {
    const context = contextWith();
    const { dataDir, workspace } = context.config;
    const server = new RawStdio(['--data-dir', dataDir, '--workspace', workspace]);
    await server.initialize();
    const params = { name: 'run_code', arguments: { ...endless, wait_seconds: 600 } };
    server.send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    await begun(context);
    server.process.stdin.end();
    await server.ended;
    await noneIsReady(context);
  });

  test('stays when its code fails or is stopped at its time limit', async () => {
    const context = contextWith();
    const failed = await call(context, 'run_code', { code: '1/0' });
    expect(failed).toMatchObject({ exit_code: 1 });
    const stopped = await call(context, 'run_code', { code: 'while True: pass', timeout_seconds: 1 });
    expect(stopped).toMatchObject({ stderr: expect.stringContaining('Stopped after 1 s') });
    expect((await ready(context)).toSorted()).toEqual([failed.session, stopped.session]);
  });
});
