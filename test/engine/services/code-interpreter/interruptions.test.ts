import { beforeAll, expect, test } from 'vitest';
import { until } from '../../../support/engine.ts';
import { describeSandbox } from '../../../support/sandbox.ts';
import { inSession, startSession, textOf, useEngine } from './support.ts';

describeSandbox('calls that do not run to their own end', () => {
  const engine = useEngine();
  let session: ReturnType<typeof inSession>;

  beforeAll(async () => {
    const client = engine.client();
    session = inSession(client, await startSession(client));
  });

  /** Whether a file is there; made by code that has begun, or has been interrupted. */
  const exists = async (path: string) => !(await session.shell(`test -e ${path}`)).isError;

  test('the time limit of a call interrupts code, and keeps its variables', async () => {
    await session.python('kept = "kept"');
    const late = await session.python('print("begun"); import time; time.sleep(60)', { timeoutMs: 700 });
    expect(late).toMatchObject({ isError: true, structuredContent: { stdout: 'begun' } });
    expect(late.structuredContent?.exitCode).not.toBe(0);
    expect(textOf(late)).toContain('KeyboardInterrupt');
    expect(textOf(late)).toContain('Stopped after 0.7 s: the time limit of this call.');
    expect(textOf(await session.python('print(kept)'))).toBe('kept');
  });

  test('the time limit of a call ends a command with everything it started', async () => {
    const late = await session.shell('sleep 61 & echo begun; sleep 61', { timeoutMs: 700 });
    expect(late).toMatchObject({ isError: true, structuredContent: { stdout: 'begun\n' } });
    expect(late.structuredContent?.exitCode).not.toBe(0);
    expect(textOf(late)).toContain('the time limit of this call');
    const left = await session.shell("cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep 'sleep 6[1]'");
    expect(left.structuredContent).toMatchObject({ stdout: '', exitCode: 1 });
  });

  test('code that ignores the interrupt is ended all the same, and what is lost is said', async () => {
    await session.python('lost = 1');
    const stubborn =
      'import time\nwhile True:\n    try:\n        time.sleep(60)\n    except KeyboardInterrupt:\n        pass';
    const late = await session.python(stubborn, { timeoutMs: 500 });
    expect(late.isError).toBe(true);
    expect(textOf(late)).toContain('the time limit of this call');
    expect(textOf(late)).toContain('variables of earlier cells are gone');
    expect(textOf(await session.python('lost'))).toContain('NameError');
  });

  test('a client that never reads its answer has its code run all the same', async () => {
    const gone = new AbortController();
    const code = 'import time\nopen("started", "w").close()\ntime.sleep(1)\nunread = "done"';
    const call = session.python(code, { signal: gone.signal });
    await until(() => exists('started'));
    gone.abort();
    await expect(call).rejects.toThrow();
    expect(textOf(await session.python('print(unread)'))).toBe('done');
  });

  test('a client that waits with a time limit and goes away interrupts its code; the state stays', async () => {
    await session.python('state = "kept"');
    const gone = new AbortController();
    const code =
      'import time\nopen("begun", "w").close()\ntry:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    open("interrupted", "w").close()';
    const call = session.python(code, { signal: gone.signal, timeoutMs: 60_000 });
    await until(() => exists('begun'));
    gone.abort();
    await expect(call).rejects.toThrow();
    await until(() => exists('interrupted'));
    expect(textOf(await session.python('print(state)'))).toBe('kept');
  });

  test('cells of one session wait for each other, commands do not', async () => {
    const slow = session.python('import time\nopen("slow", "w").close()\ntime.sleep(1)\norder = ["slow"]');
    await until(() => exists('slow'));
    const next = session.python('order.append("next"); print(order)');
    expect(textOf(await session.shell('echo at once'))).toBe('at once\n');
    await slow;
    expect(textOf(await next)).toBe("['slow', 'next']");
  });

  test('many calls at once all get their own answer', async () => {
    const texts = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const call = index % 2 ? session.python(`print(${index})`) : session.shell(`printf ${index}`);
        return textOf(await call);
      }),
    );
    expect(texts).toEqual(Array.from({ length: 12 }, (_, index) => String(index)));
  });

  test('what the session cannot even start is answered at once', async () => {
    await session.python('import resource; resource.prlimit(1, resource.RLIMIT_NPROC, (0, 0))');
    const refused = await session.shell('true');
    expect(refused.isError).toBe(true);
    expect(textOf(refused)).toContain('Nothing more could be started in this session');
  });
});
