import { expect, it } from 'vitest';
import { describeSandbox, PATIENT, resultOf, sandboxes, useSandbox } from './support.ts';

const MiB = 1024 ** 2;

describeSandbox('an interrupted cell', () => {
  const shared = useSandbox();
  const { python } = shared;

  it('stops at its limit and keeps the variables', async () => {
    await python('kept = 1');
    const outcome = await python('print("started")\nimport time\ntime.sleep(60)', { timeoutMs: 200 });
    expect(outcome).toMatchObject({
      stdout: 'started\n',
      exitCode: 1,
      interruption: 'timeout',
      stateLost: false,
    });
    expect(outcome.stderr).toContain('KeyboardInterrupt');
    expect(resultOf(await python('kept'))).toBe('1');
  });

  it('stops in a top-level await, and what it awaited does not come back', async () => {
    await python(
      'import asyncio\nlog = []\nasync def late():\n  await asyncio.sleep(0.3); log.append("late")',
    );
    expect(await python('await late()', { timeoutMs: 100 })).toMatchObject({
      interruption: 'timeout',
      stateLost: false,
    });
    expect(resultOf(await python('await asyncio.sleep(0.5)\nlog'))).toBe('[]');
  });

  it('stops together with the programs it started', async () => {
    const outcome = await python('import subprocess\nsubprocess.run(["sleep", "60"])', { timeoutMs: 200 });
    expect(outcome).toMatchObject({ interruption: 'timeout', stateLost: false });
    expect((await python('!sleep 60', { timeoutMs: 200 })).interruption).toBe('timeout');
    expect((await python('!pgrep sleep')).stdout).toBe('');
  });

  it('can be cancelled while it runs', async () => {
    const cancel = new AbortController();
    const cell = shared.sandbox.runCell({ code: 'while True: pass' }, { ...PATIENT, signal: cancel.signal });
    setTimeout(() => cancel.abort(), 100);
    expect(await cell).toMatchObject({ interruption: 'cancelled', exitCode: 1, stateLost: false });
    expect(resultOf(await python('kept'))).toBe('1');
  });

  it('is killed when it will not stop, and the next cell has a new kernel', async () => {
    const stubborn = 'import time\nwhile True:\n  try: time.sleep(60)\n  except KeyboardInterrupt: pass';
    const outcome = await python(stubborn, { timeoutMs: 200 });
    expect(outcome).toMatchObject({ interruption: 'timeout', exitCode: 137, stateLost: true });
    expect(outcome.stderr).toContain('variables of earlier cells are gone');
    expect(await python('kept')).toMatchObject({ exitCode: 1, stateLost: false });
    const deaf = 'import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(60)';
    expect(await python(deaf, { timeoutMs: 200 })).toMatchObject({
      interruption: 'timeout',
      stateLost: true,
    });
  });

  it('stops while the kernel is still starting', async () => {
    const fresh = { code: 'import time; time.sleep(60)', fresh: true };
    await python('1');
    expect(await shared.sandbox.runCell(fresh, { timeoutMs: 1 })).toMatchObject({ interruption: 'timeout' });
    expect((await python('print("next")')).stdout).toBe('next\n');
  });
});

describeSandbox('a kernel', () => {
  const shared = useSandbox();
  const { python, shell } = shared;

  it('is new when asked for a fresh one', async () => {
    await python('old = 1\nimport json');
    const outcome = await shared.sandbox.runCell(
      { code: 'import sys\n"old" in globals()', fresh: true },
      PATIENT,
    );
    expect(resultOf(outcome)).toBe('False');
    expect(outcome).toMatchObject({ stateLost: false, stderr: '' });
  });

  it.each([
    ['exit()', 0],
    ['quit()', 0],
    ['import os; os._exit(5)', 5],
    ['import os, signal; os.kill(os.getpid(), signal.SIGKILL)', 137],
    ['import ctypes; ctypes.string_at(0)', 139],
  ])('is replaced after %s', async (code, exitCode) => {
    await python('before = 1');
    const outcome = await python(code);
    expect(outcome).toMatchObject({ exitCode, stateLost: true });
    expect(outcome.stderr).toContain('variables of earlier cells are gone');
    expect(await python('before')).toMatchObject({ exitCode: 1, stateLost: false });
  });

  it('hands over what was printed before it left', async () => {
    expect(await python('print("bye")\nexit()')).toMatchObject({ stdout: 'bye\n', stateLost: true });
    const outcome = await python('import os\nprint("bye")\nos._exit(1)');
    expect(outcome).toMatchObject({ stdout: 'bye\n', interruption: 'crashed' });
  });

  it('survives a cell that closes or replaces its streams', async () => {
    await python('import sys\nkept = 1\nsys.stderr = None');
    expect((await python('1 / 0')).stderr).toContain('ZeroDivisionError');
    await python('sys.stdout.close()');
    expect(resultOf(await python('kept'))).toBe('1');
    await shared.sandbox.runCell({ code: '1', fresh: true }, PATIENT);
  });

  it('lives on after sys.exit, whose status is the exit code', async () => {
    await python('before = 1');
    expect(await python('import sys; sys.exit(3)')).toMatchObject({ exitCode: 3, stateLost: false });
    expect(await python('sys.exit()')).toMatchObject({ exitCode: 0 });
    expect(resultOf(await python('before'))).toBe('1');
  });

  it('that dies between cells is missed by the next one', async () => {
    await python('before = 1');
    await shell('pkill -9 -f [k]ernel.py; sleep 0.2');
    const outcome = await python('print("here")');
    expect(outcome).toMatchObject({ stdout: 'here\n', exitCode: 0, stateLost: true });
    expect(outcome.stderr).toContain('had ended since the last cell');
  });
});

describeSandbox('the memory limit', () => {
  it('fails an allocation that is too large, and ends everything when processes exceed it together', async () => {
    const sandbox = await sandboxes.start('memory', { limits: { memoryBytes: 384 * MiB } });
    try {
      const python = (code: string) => sandbox.runCell({ code }, PATIENT);
      const alone = await python('kept = 1\nx = bytearray(1 << 30)');
      expect(alone).toMatchObject({ exitCode: 1, stateLost: false });
      expect(alone.stderr).toContain('MemoryError');
      expect(resultOf(await python('kept'))).toBe('1');
      const together = await python(
        'import os, time\nfor _ in range(8):\n  if os.fork() == 0:\n    y = b"x" * (100 << 20); time.sleep(60); os._exit(0)\ntime.sleep(60)',
      );
      expect(together).toMatchObject({ interruption: 'memory', stateLost: true });
      expect(together.stderr).toContain('memory limit of 384 MiB');
      expect(resultOf(await python('1 + 1'))).toBe('2');
    } finally {
      await sandbox.close();
    }
  });

  it('may be exceeded again soon after, and only what is lost is lost', async () => {
    const sandbox = await sandboxes.start('again', { limits: { memoryBytes: 256 * MiB } });
    try {
      const command = 'for i in 1 2 3 4; do head -c 120M /dev/zero | tail & done; wait';
      for (let time = 0; time < 3; time++) {
        expect(await sandbox.runCommand(command, PATIENT)).toMatchObject({ interruption: 'memory' });
        await new Promise((resolve) => setTimeout(resolve, 2200));
      }
      expect((await sandbox.runCommand('echo goes on', PATIENT)).stdout).toBe('goes on\n');
    } finally {
      await sandbox.close();
    }
  });

  it('does not count what forks share', async () => {
    const sandbox = await sandboxes.start('sharing', { limits: { memoryBytes: 512 * MiB } });
    try {
      const code =
        'import os, time\nbig = b"x" * (200 << 20)\nfor _ in range(6):\n  if os.fork() == 0:\n    time.sleep(1); os._exit(0)\ntime.sleep(1.2)\nlen(big)';
      expect(await sandbox.runCell({ code }, PATIENT)).toMatchObject({ exitCode: 0, stateLost: false });
    } finally {
      await sandbox.close();
    }
  });
});
