import type { ContentStopEvent } from '@aws-sdk/client-bedrock-agentcore';
import { expect, test } from 'vitest';
import type { Call } from '../../../../src/engine/service.ts';
import type { Target } from '../../../../src/engine/services/runtime/target.ts';
import { until } from '../../../support/engine.ts';
import { describeSandbox } from '../../../support/sandbox.ts';
import { obedient } from './data-agents.ts';
import { failureOf, newSession, useAgents } from './data-support.ts';

interface Ran {
  stdout: string;
  stderr: string;
  stop?: ContentStopEvent | undefined;
  largest: number;
}

describeSandbox('InvokeAgentRuntimeCommand', () => {
  const agents = useAgents();

  async function start(
    { runtimeArn }: Target,
    runtimeSessionId: string,
    command: string,
    timeout?: number,
    more?: Partial<Call>,
  ) {
    return agents.call(
      'InvokeAgentRuntimeCommand',
      { agentRuntimeArn: runtimeArn, runtimeSessionId, body: { command, timeout } },
      more,
    );
  }

  async function run(...given: Parameters<typeof start>): Promise<Ran> {
    const { stream, contentType } = await start(...given);
    expect(contentType).toBe('application/vnd.amazon.eventstream');
    const ran: Ran = { stdout: '', stderr: '', largest: 0 };
    let started = false;
    for await (const { chunk } of stream ?? []) {
      if (!started) expect(chunk).toEqual({ contentStart: {} });
      started = true;
      const { stdout = '', stderr = '' } = chunk?.contentDelta ?? {};
      ran.stdout += stdout;
      ran.stderr += stderr;
      ran.largest = Math.max(ran.largest, Buffer.byteLength(stdout), Buffer.byteLength(stderr));
      ran.stop = chunk?.contentStop;
    }
    return ran;
  }

  test('runs bash beside the agent, with its files and environment', async () => {
    const agent = agents.deploy(obedient, { environment: { MINE: 'mine' } });
    const session = newSession();
    const first = await run(
      agent,
      session,
      'echo "$MINE $PWD $0"; ls; echo wrong >&2; echo kept > /tmp/kept; lost=1; exit 3',
    );
    expect(first).toMatchObject({
      stdout: 'mine /var/task /bin/bash\nmain.py\n',
      stderr: 'wrong\n',
      stop: { exitCode: 3, status: 'COMPLETED' },
    });
    expect((await run(agent, session, 'cat /tmp/kept; echo "[$lost]"')).stdout).toBe('kept\n[]\n');
    expect(await agents.run(agent, session, 'answer = open("/tmp/kept").read()')).toBe('kept\n');
    const asked = agents.logs.of(session).filter((line) => line.includes('command of request'));
    expect(asked[0]).toMatch(/^\[agentcore\] command of request the-request-id: echo "\$MINE/);
    expect(agents.logs.of(session)).not.toContain('wrong');
    await agents.stop(agent, session);
  });

  test('ends a command that takes too long, with all it started', async () => {
    const agent = agents.deploy(obedient);
    const session = newSession();
    const { stdout, stop } = await run(
      agent,
      session,
      'echo begun; trap "" TERM; (trap "" TERM; sleep 600) & wait; sleep 600',
      1,
    );
    expect(stdout).toBe('begun\n');
    expect(stop).toEqual({ exitCode: -1, status: 'TIMED_OUT' });
    expect((await run(agent, session, 'pgrep -c sleep || true')).stdout.trim()).toBe('0');
    expect(await failureOf(start(agent, session, 'true', 0))).toMatchObject({ name: 'ValidationException' });
    expect(await failureOf(start(agent, session, 'true', 3601))).toMatchObject({
      name: 'ValidationException',
    });
    await agents.stop(agent, session);
  });

  test('cuts output between characters, in pieces of 64 KB at most', async () => {
    const agent = agents.deploy(obedient);
    const session = newSession();
    const { stdout, largest } = await run(agent, session, `python3 -c "print('a' + '€𝄞' * 100000, end='')"`);
    expect(stdout).toBe(`a${'€𝄞'.repeat(100_000)}`);
    expect(largest).toBeLessThanOrEqual(64 * 1024);
    const bytes = await run(agent, session, 'head -c 100000 /dev/zero | tr "\\0" "\\377"');
    expect(bytes.stdout).toBe('\ufffd'.repeat(100_000));
    expect(bytes.largest).toBeLessThanOrEqual(64 * 1024);
    await agents.stop(agent, session);
  });

  test('prints 100 MB at most', async () => {
    const agent = agents.deploy(obedient);
    const session = newSession();
    const { name, message } = await failureOf(run(agent, session, 'yes a line that is not very short'));
    expect(name).toBe('RuntimeClientError');
    expect(message).toMatch(/^The command printed more than 100000000 bytes\./);
    await until(async () => (await run(agent, session, 'pgrep -c yes || true')).stdout.trim() === '0');
    await agents.stop(agent, session);
  });

  test('ends with its caller, and with its session', async () => {
    const agent = agents.deploy(obedient);
    const session = newSession();
    const caller = new AbortController();
    const command = run(agent, session, 'exec sleep 600', 600, { signal: caller.signal });
    await until(async () => (await run(agent, session, 'pgrep -c sleep || true')).stdout.trim() === '1');
    caller.abort();
    expect((await command).stop).toEqual({ exitCode: 143, status: 'COMPLETED' });
    const other = failureOf(run(agent, session, 'exec sleep 600'));
    await until(async () => (await run(agent, session, 'pgrep -c sleep || true')).stdout.trim() === '1');
    await agents.stop(agent, session);
    expect(await other).toMatchObject({
      name: 'RuntimeClientError',
      message: expect.stringContaining('The session ended during the call: it was stopped.'),
    });
  });

  test('keeps its session in use, also where nobody reads', async () => {
    const agent = agents.deploy(obedient, { idleSeconds: 1 });
    const session = newSession();
    const command = await start(agent, session, 'sleep 3; echo done > /tmp/done');
    await until(
      async () => (await run(agent, session, 'cat /tmp/done 2>/dev/null || true')).stdout === 'done\n',
    );
    expect(command.runtimeSessionId).toBe(session);
    await until(() => agents.logs.of(session).at(-1)?.includes('ended: it was idle'));
  });
});
