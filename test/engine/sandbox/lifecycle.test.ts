import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeSandbox, PATIENT, resultOf, sandboxes } from './support.ts';

/** How many processes of this machine have a text in their command line. */
function processesWith(text: string): number {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(text);
    } catch {
      return false;
    }
  }).length;
}

async function until(condition: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect.fail(`Still waiting for: ${condition}`);
}

/** A number of seconds to sleep that nobody else sleeps. */
const unusual = () => String(100_000 + randomBytes(4).readUInt32BE());

describeSandbox('the end of a sandbox', () => {
  it('leaves no process, however far it went from its parents', async () => {
    const sandbox = await sandboxes.start('leftovers');
    const mark = unusual();
    const daemon = `import os\nif os.fork() == 0:\n  os.setsid()\n  if os.fork() == 0: os.execvp("sleep", ["sleep", "${mark}"])\n  os._exit(0)`;
    await sandbox.runCell({ code: daemon }, PATIENT);
    await sandbox.runCommand(`(setsid sleep ${mark} &) ; nohup sleep ${mark} & true`, PATIENT);
    await until(() => processesWith(mark) >= 3);
    const pending = sandbox.runCell({ code: 'import time; time.sleep(60)' }, PATIENT);
    const refused = expect(pending).rejects.toMatchObject({
      code: 'ended',
      message: expect.stringContaining('closed'),
    });
    await sandbox.close();
    await refused;
    expect(processesWith(mark)).toBe(0);
    expect(await sandbox.ended).toBe('it was closed');
    await sandbox.close();
    await expect(sandbox.runCommand('true', PATIENT)).rejects.toMatchObject({ code: 'ended' });
    await expect(sandbox.listFiles('')).rejects.toMatchObject({ name: 'SandboxError', code: 'ended' });
  });

  it.each([
    ['KILL', '-9'],
    ['TERM', '-TERM'],
    ['INT', '-INT'],
    ['STOP', '-STOP'],
    ['SEGV', '-SEGV'],
    ['RTMIN', '-34'],
  ])('does not come by %s from its own code', async (_, option) => {
    const sandbox = await sandboxes.start('attacked');
    try {
      const sent = await sandbox.runCommand(`pkill ${option} -f [s]upervisor.py; kill ${option} 1`, PATIENT);
      expect(sent.exitCode).toBe(0);
      expect((await sandbox.runCell({ code: 'print(6 * 7)' }, PATIENT)).stdout).toBe('42\n');
    } finally {
      await sandbox.close();
    }
  });

  it('does not come where the code kills everything', async () => {
    const sandbox = await sandboxes.start('massacre');
    try {
      const code = 'import time; open("started", "w").close(); time.sleep(60)';
      const cell = sandbox.runCell({ code }, PATIENT);
      await sandbox.runCommand('until [ -e started ]; do sleep 0.05; done; kill -9 -1', PATIENT);
      expect(await cell).toMatchObject({ exitCode: 137, interruption: 'crashed', stateLost: true });
      expect((await sandbox.runCell({ code: 'print(6 * 7)' }, PATIENT)).stdout).toBe('42\n');
    } finally {
      await sandbox.close();
    }
  });

  it('does not wait for a kernel that other code has stopped', async () => {
    const sandbox = await sandboxes.start('stopped');
    try {
      await sandbox.runCell({ code: 'value = 42' }, PATIENT);
      await sandbox.runCommand('pkill -STOP -f [k]ernel.py', PATIENT);
      expect((await sandbox.runCell({ code: 'print(value)' }, PATIENT)).stdout).toBe('42\n');
    } finally {
      await sandbox.close();
    }
  });

  it('does not come, nor does that of a cell, where a kernel is killed while it starts', async () => {
    const sandbox = await sandboxes.start('stillborn');
    try {
      const cell = sandbox.runCell({ code: 'print(6 * 7)' }, PATIENT);
      await sandbox.runCommand('until pkill -KILL -f [k]ernel.py; do :; done', PATIENT);
      expect(await cell).toMatchObject({ stdout: '42\n', stderr: '', exitCode: 0, stateLost: false });
    } finally {
      await sandbox.close();
    }
  });

  it('does not come where nothing more can be started, which is said', async () => {
    const sandbox = await sandboxes.start('childless');
    try {
      await sandbox.runCell(
        { code: 'import resource; resource.prlimit(1, resource.RLIMIT_NPROC, (0, 0))' },
        PATIENT,
      );
      const refused = { code: 'no-space', message: expect.stringContaining('Nothing more could be started') };
      await expect(sandbox.runCommand('true', PATIENT)).rejects.toMatchObject(refused);
      expect((await sandbox.runCell({ code: '1' }, PATIENT)).exitCode).toBe(0);
      expect(await sandbox.runCell({ code: 'import os; os._exit(3)' }, PATIENT)).toMatchObject({
        exitCode: 3,
      });
      await expect(sandbox.runCell({ code: '1' }, PATIENT)).rejects.toMatchObject(refused);
      expect(await sandbox.listFiles('')).toEqual([]);
    } finally {
      await sandbox.close();
    }
  });

  it('comes with a reason when the supervisor fails', async () => {
    const sandbox = await sandboxes.start('starved');
    expect((await sandbox.runCell({ code: '1' }, PATIENT)).exitCode).toBe(0);
    const starve =
      'import resource, time; resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0)); time.sleep(60)';
    const cell = sandbox.runCell({ code: starve }, { timeoutMs: 1000 });
    await expect(cell.then(() => sandbox.runCommand('true', PATIENT))).rejects.toMatchObject({
      code: 'ended',
    });
    expect(await sandbox.ended).toMatch(
      /supervisor stopped with exit code 1: OSError: .*Too many open files/,
    );
  });

  it('comes with the end of the engine, even by SIGKILL under load', async () => {
    const mark = unusual();
    const runner = fileURLToPath(new URL('load-runner.ts', import.meta.url));
    const engine: ChildProcess = spawn(process.execPath, [runner, mark], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: engine.stdout as Readable });
    expect((await once(lines, 'line'))[0]).toBe('loaded');
    await until(() => processesWith(mark) >= 6);
    const mounts = readFileSync('/proc/self/mounts', 'utf8');
    engine.kill('SIGKILL');
    await until(() => processesWith(mark) === 0);
    expect(readFileSync('/proc/self/mounts', 'utf8')).toBe(mounts);
  });
});

describeSandbox('what a kernel says', () => {
  const forgeries = {
    garbage: 'os.write(3, os.urandom(4096))',
    'an endless frame': 'os.write(3, b"\\xff" * 8)',
    'no JSON': 'os.write(3, struct.pack(">II", 3, 0) + b"{{{")',
    'no object': 'os.write(3, struct.pack(">II", 2, 0) + b"[]")',
    'deep JSON': 'os.write(3, struct.pack(">II", 200000, 0) + b"[" * 200000)',
    'another cell': 'say({"id": 10**9, "exitCode": 0, "outputs": []})',
    'a second start': 'say({"ready": True}); say({"ready": True})',
    'an early end':
      'say({"id": mine(), "exitCode": 0, "outputs": [{"kind": "result", "data": {"text/plain": "forged"}}]})',
    'wrong types': 'say({"id": mine(), "exitCode": {}, "outputs": {"x": 1}, "leaving": 7})',
    'outputs of no kind':
      'say({"id": mine(), "exitCode": "0", "outputs": [1, {"kind": 2}, {"kind": "display", "data": {"a": 1}}]})',
    'a closed channel': 'os.close(3)',
  };
  const tools = `import json, os, struct, sys
def say(message):
    text = json.dumps(message).encode(); os.write(3, struct.pack(">II", len(text), 0) + text)
def mine():
    frame = sys._getframe()
    while "request" not in frame.f_locals: frame = frame.f_back
    return frame.f_locals["request"]["id"]
`;

  it('is not trusted: whatever it forges, later cells get their own answers', async () => {
    const sandbox = await sandboxes.start('forger');
    try {
      for (const [name, forgery] of Object.entries(forgeries)) {
        await sandbox.runCell({ code: `${tools}${forgery}` }, PATIENT);
        const next = await sandbox.runCell({ code: 'print("mine"); 7 * 6' }, PATIENT);
        expect([name, next.stdout, resultOf(next), next.exitCode]).toEqual([name, 'mine\n', '42', 0]);
      }
      expect((await sandbox.runCommand('echo fine', PATIENT)).stdout).toBe('fine\n');
    } finally {
      await sandbox.close();
    }
  });
});
