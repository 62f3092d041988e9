import { expect, it } from 'vitest';
import { describeSandbox, PATIENT, useSandbox } from './support.ts';

describeSandbox('a command', () => {
  const shared = useSandbox({ outputBytes: 100_000, processes: 128 });
  const { python, shell } = shared;

  it('runs under /bin/sh in the working directory', async () => {
    const outcome = await shell('pwd; echo to stderr >&2; exit 3');
    expect(outcome).toMatchObject({
      stdout: '/workspace\n',
      stderr: 'to stderr\n',
      exitCode: 3,
      overflow: [],
    });
    expect(outcome.seconds).toBeGreaterThan(0);
    expect(await shell('no-such-program')).toMatchObject({ exitCode: 127 });
    expect(await shell('echo "ünï 漢\ud800"')).toMatchObject({ stdout: 'ünï 漢\ufffd\n' });
  });

  it('sees the installed packages, and no keyboard', async () => {
    const outcome = await shell('cat; python -c "import numpy, sys; print(sys.version_info[0])"');
    expect(outcome).toMatchObject({ stdout: '3\n', stderr: '', exitCode: 0 });
  });

  it('runs beside cells and other commands', async () => {
    const started = shell('sleep 20 & wait', { timeoutMs: 3_000 });
    expect((await shell('echo meanwhile')).stdout).toBe('meanwhile\n');
    expect((await python('print("cell")')).stdout).toBe('cell\n');
    expect(await started).toMatchObject({ interruption: 'timeout', exitCode: 143 });
  });

  it('ends with its shell; what it left running goes on', async () => {
    const outcome = await shell('(while sleep 0.05; do echo tick; done) & echo $!', PATIENT);
    expect(outcome.exitCode).toBe(0);
    const pid = outcome.stdout.trim();
    await shell('sleep 0.3');
    expect(await shell(`kill ${pid}`)).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('is killed when it does not heed the signal to end', async () => {
    const outcome = await shell('trap "" TERM; while :; do sleep 1; done', { timeoutMs: 200 });
    expect(outcome).toMatchObject({ interruption: 'timeout', exitCode: 137 });
    expect((await shell('ps ax 2>/dev/null | grep -c "[s]leep 1" || true')).stdout.trim()).toMatch(/^0?$/);
  });

  it('can be cancelled, also before it starts', async () => {
    const cancel = new AbortController();
    const outcome = shared.sandbox.runCommand('sleep 30', { ...PATIENT, signal: cancel.signal });
    setTimeout(() => cancel.abort(), 50);
    expect(await outcome).toMatchObject({ interruption: 'cancelled' });
    const early = await shared.sandbox.runCommand('touch ran', { ...PATIENT, signal: AbortSignal.abort() });
    expect(early).toMatchObject({ interruption: 'cancelled' });
    expect((await shell('ls ran')).exitCode).not.toBe(0);
  });

  it('that starts processes without end is stopped, and the session goes on', async () => {
    const bomb = await shell('bomb() { bomb | bomb & }; bomb; sleep 30', { timeoutMs: 800 });
    expect(bomb.exitCode).not.toBe(0);
    const next = await shell('echo alive | cat');
    expect(next).toMatchObject({ stdout: 'alive\n', exitCode: 0 });
    const fork = await python('import os\nwhile True: os.fork()', { timeoutMs: 800 });
    expect(fork.exitCode).not.toBe(0);
    expect(
      (await python('import subprocess; print(subprocess.run(["echo", "ok"], capture_output=True).stdout)'))
        .stdout,
    ).toBe("b'ok\\n'\n");
    expect((await shell('echo still | cat')).stdout).toBe('still\n');
  });
});
