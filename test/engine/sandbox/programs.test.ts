import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Process, Sandbox } from '../../../src/engine/sandbox/sandbox.ts';
import { describeSandbox, PATIENT, resultOf, sandboxes, useSandbox } from './support.ts';

const MiB = 1024 ** 2;

const FILL = `
import os, time
try:
    while os.fork(): pass
except BlockingIOError: print("full", flush=True)
time.sleep(1000)`;

/** Everything a process prints, and how it ends. */
async function all(process: Process) {
  const result = { stdout: '', stderr: '', dropped: 0, bytes: 0, pieces: 0 };
  for await (const { stream, data, dropped } of process.output) {
    if (data.length < MiB) result[stream] += data.toString();
    result.dropped += dropped;
    result.bytes += data.length;
    result.pieces++;
  }
  return { ...result, exitCode: await process.exited };
}

const sh = (sandbox: Sandbox, script: string, options?: Parameters<Sandbox['spawn']>[1]) =>
  sandbox.spawn(['/bin/sh', '-c', script], options);

describeSandbox('a program beside the calls', () => {
  const shared = useSandbox({ processes: 100 });

  it('hands on both streams as they come, and its exit code', async () => {
    const program = await sh(shared.sandbox, 'echo one; read line; echo two >&2; exit 7');
    expect(await all(program)).toMatchObject({ stdout: 'one\n', stderr: 'two\n', dropped: 0, exitCode: 7 });
    const slow = await sh(shared.sandbox, 'echo first; sleep 60');
    for await (const { data } of slow.output) {
      expect(data.toString()).toBe('first\n');
      slow.kill();
    }
    expect(await slow.exited).toBe(137);
  });

  it('that cannot be started exits with 126 and says why', async () => {
    const start = async (...args: Parameters<Sandbox['spawn']>) => all(await shared.sandbox.spawn(...args));
    expect(await start(['/no/such/program'])).toMatchObject({
      exitCode: 126,
      stderr: expect.stringContaining('No such file'),
    });
    expect(await start(['/etc/passwd'])).toMatchObject({ exitCode: 126 });
    expect(await start(['/bin/echo', 'a\0b'])).toMatchObject({ exitCode: 126 });
    expect(await start(['/bin/pwd'], { workingDirectory: '/nowhere' })).toMatchObject({
      exitCode: 126,
      stderr: expect.stringContaining('/nowhere'),
    });
    expect(await start(['/bin/true'], { environment: { 'A=B': 'x' } })).toMatchObject({ exitCode: 126 });
    expect(await start(['/bin/echo', 'x'.repeat(3 * MiB)])).toMatchObject({ exitCode: 126 });
  });

  it('has the folder and the environment it is given, and a search path', async () => {
    const program = await shared.sandbox.spawn(['sh', '-c', 'pwd; echo $GREETING $HOME'], {
      workingDirectory: '/tmp',
      environment: { GREETING: 'ünï 漢' },
    });
    expect(await all(program)).toMatchObject({ stdout: '/tmp\nünï 漢 /home/sandbox\n' });
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGKILL', 137],
  ] as const)('ends by %s, with its children, even when it has only just begun', async (signal, exitCode) => {
    const program = await sh(shared.sandbox, 'sleep 4321; sleep 4321');
    program.kill(signal);
    expect(await program.exited).toBe(exitCode);
    const later = await sh(shared.sandbox, 'echo up; sleep 4321; sleep 4321');
    for await (const _ of later.output) later.kill(signal);
    expect(await later.exited).toBe(exitCode);
    expect((await shared.shell('pgrep -f "[s]leep 4321" || echo none')).stdout).toBe('none\n');
  });

  it('gets a SIGINT', async () => {
    // No shell: dash loses a SIGINT that comes while it starts a command.
    const program = await shared.sandbox.spawn(['sleep', '4321']);
    program.kill('SIGINT');
    expect(await program.exited).toBe(130);
  });

  it('ends for its reader with its main process, though a child that stays holds its streams', async () => {
    const program = await sh(shared.sandbox, '(while sleep 0.02; do echo tick; done) & echo started; exit 3');
    const { stdout, exitCode } = await all(program);
    expect([stdout.slice(0, 8), exitCode]).toEqual(['started\n', 3]);
    await pause(300);
    expect((await shared.shell('pkill -f "[s]leep 0.02"; pkill -n sh; true')).exitCode).toBeLessThan(256);
  });

  it('carries every byte to a slow reader', async () => {
    const program = await sh(shared.sandbox, 'seq 1 3000000');
    let text = '';
    for await (const { data } of program.output) {
      if (text === '') await pause(300);
      text += data;
    }
    const lines = text.split('\n');
    expect([lines.length, lines[0], lines.at(-2)]).toEqual([3_000_001, '1', '3000000']);
  });

  it('waits for a reader who does not read, and holds up nobody else', async () => {
    const program = await sh(shared.sandbox, 'yes; echo never');
    let over = false;
    void program.exited.then(() => {
      over = true;
    });
    const before = process.memoryUsage().rss;
    await pause(500);
    expect((await shared.shell('echo meanwhile')).stdout).toBe('meanwhile\n');
    expect((await shared.python('6 * 7')).exitCode).toBe(0);
    expect(over).toBe(false);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MiB);
    program.kill();
    const { bytes } = await all(program);
    expect(bytes).toBeGreaterThanOrEqual(MiB);
    expect(bytes).toBeLessThan(8 * MiB);
  });

  it('is let to go on by a reader who has left', async () => {
    const program = await sh(shared.sandbox, 'head -c 20000000 /dev/zero; exit 5');
    for await (const { data } of program.output) if (data.length > 0) break;
    expect(await program.exited).toBe(5);
  });

  it('prints gigabytes into a small allowance, and how much was left out is known', async () => {
    const size = 2_000_000_000;
    const script = `echo begin; head -c ${size} /dev/zero; sleep 0.2; echo end >&2; exit 4`;
    const started = performance.now();
    const program = await sh(shared.sandbox, script, { output: { burst: 100_000, perSecond: 200_000 } });
    const { stdout, stderr, bytes, dropped, exitCode } = await all(program);
    const seconds = (performance.now() - started) / 1000;
    expect(stdout.slice(0, 6)).toBe('begin\n');
    expect(stderr).toBe('end\n');
    expect(exitCode).toBe(4);
    expect(bytes + dropped).toBe(size + 10);
    expect(bytes).toBeLessThan(100_000 + seconds * 200_000 + 65_536);
  });

  it('with an allowance is not held up by a reader who does not read', async () => {
    const program = await sh(shared.sandbox, 'head -c 50000000 /dev/zero; exit 6', {
      output: { burst: 1e9, perSecond: 1e9 },
    });
    expect(await program.exited).toBe(6);
    const { bytes, dropped } = await all(program);
    expect(bytes + dropped).toBe(50_000_000);
    expect(bytes).toBeLessThan(8 * MiB);
  });

  it('is not ended to make room for others: they are refused', async () => {
    const program = await shared.sandbox.spawn(['python', '-c', FILL]);
    for await (const { data } of program.output) {
      if (!data.toString().includes('full')) continue;
      const refused = { code: 'no-space', message: expect.stringContaining('limit of 100 processes') };
      await expect(shared.sandbox.runCommand('echo more', PATIENT)).rejects.toMatchObject(refused);
      await expect(shared.sandbox.spawn(['/bin/true'])).rejects.toMatchObject(refused);
      program.kill();
    }
    expect(await program.exited).toBe(137);
    expect((await shared.shell('echo room')).stdout).toBe('room\n');
  });
});

describeSandbox('programs and the end', () => {
  it('are told of the memory limit, each with its exit code', async () => {
    const sandbox = await sandboxes.start('programs', { limits: { memoryBytes: 256 * MiB } });
    try {
      const idle = await sandbox.spawn(['/bin/sleep', '1000']);
      const greedy = await sh(sandbox, 'for i in 1 2 3 4; do head -c 120M /dev/zero | tail & done; wait');
      for (const program of [greedy, idle]) {
        expect(await all(program)).toMatchObject({
          exitCode: 137,
          stderr: expect.stringContaining('memory limit of 256 MiB'),
        });
        expect(program.interruption).toBe('memory');
      }
      expect((await sandbox.runCommand('echo goes on', PATIENT)).stdout).toBe('goes on\n');
    } finally {
      await sandbox.close();
    }
  });

  it('end with their sandbox', async () => {
    const sandbox = await sandboxes.start('ending');
    const program = await sh(sandbox, 'echo up; sleep 1000');
    const read: string[] = [];
    for await (const { data } of program.output) {
      read.push(data.toString());
      await sandbox.close();
    }
    expect(read).toEqual(['up\n']);
    await expect(program.exited).rejects.toMatchObject({ code: 'ended' });
    await expect(sandbox.spawn(['/bin/true'])).rejects.toMatchObject({ code: 'ended' });
    program.kill();
  });
});

describe('a sandbox without a kernel', () => {
  describeSandbox('until one is needed', () => {
    it('starts one at the first cell', async () => {
      const sandbox = await sandboxes.start('lazy', { environment: { FOO: 'bar' } });
      try {
        const kernels = 'pgrep -cf [k]ernel.py || true';
        expect((await sandbox.runCommand(kernels, PATIENT)).stdout).toBe('0\n');
        const cell = await sandbox.runCell({ code: 'import os; os.environ["FOO"]' }, PATIENT);
        expect([resultOf(cell), cell.stateLost]).toEqual(["'bar'", false]);
        expect((await sandbox.runCommand(kernels, PATIENT)).stdout).toBe('1\n');
      } finally {
        await sandbox.close();
      }
    });
  });
});
