import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Limits, Sandbox } from '../../../src/engine/sandbox/sandbox.ts';
import { describeSandbox, PATIENT, sandboxes, useSandbox } from './support.ts';

const MiB = 1024 ** 2;
const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

describeSandbox('output beyond its limit', () => {
  const shared = useSandbox({ outputBytes: 100_000 });
  const { python, shell } = shared;
  const read = (file = '') => shared.sandbox.readFile(file, 64 * MiB);

  it('is cut, and all of it is in a file, of stdout and stderr each', async () => {
    const outcome = await shell(
      'head -c 250000 /dev/zero | tr "\\0" x; head -c 130000 /dev/zero >&2; exit 4',
    );
    expect(outcome).toMatchObject({ stdout: 'x'.repeat(100_000), exitCode: 4 });
    expect(JSON.stringify(outcome.stderr).length).toBeGreaterThan(99_990);
    expect(JSON.stringify(outcome.stderr).length).toBeLessThanOrEqual(100_002);
    const [out, err] = outcome.overflow;
    expect(out).toEqual({ stream: 'stdout', bytes: 250_000, savedBytes: 250_000, file: expect.any(String) });
    expect(err).toEqual({ stream: 'stderr', bytes: 130_000, savedBytes: 130_000, file: expect.any(String) });
    expect((await read(out?.file)).equals(Buffer.alloc(250_000, 'x'))).toBe(true);
    expect((await read(err?.file)).equals(Buffer.alloc(130_000))).toBe(true);
  });

  it('has no file where all of it is kept', async () => {
    await shell('rm -rf long-output');
    const outcome = await shell('head -c 99000 /dev/zero | tr "\\0" x');
    expect(outcome).toMatchObject({ stdout: 'x'.repeat(99_000), overflow: [] });
    expect((await shell('ls -A')).stdout).not.toContain('long-output');
  });

  it('is the same to the last of 30 MiB, for a command, a cell and a program', async () => {
    const size = 30 * MiB;
    const wanted = (await shell(`head -c ${size} /dev/urandom > noise; sha256sum noise`)).stdout.slice(0, 64);
    const command = await shell('cat noise');
    const cell = await python('import sys\nsys.stdout.buffer.write(open("noise", "rb").read());');
    const program = await shared.sandbox.spawn(['/bin/cat', 'noise'], { output: { keep: 50_000 } });
    let kept = 0;
    for await (const { data } of program.output) kept += data.length;
    expect(kept).toBeLessThanOrEqual(50_000);
    expect(await program.exited).toBe(0);
    for (const { overflow } of [command, cell, program]) {
      expect(overflow).toEqual([
        {
          stream: 'stdout',
          bytes: size,
          savedBytes: size,
          file: expect.stringMatching(/^long-output\/\d+\.txt$/),
        },
      ]);
      expect(sha256(await read(overflow[0]?.file))).toBe(wanted);
      await shared.sandbox.removeFile(overflow[0]?.file ?? '');
    }
  });

  it('of a cell that is killed, and of the next, are in files of their own', async () => {
    const killed = await python('import os\nprint("k" * 200_000, flush=True)\nos.kill(os.getpid(), 9)');
    const next = await python('print("n" * 200_000)');
    expect(killed).toMatchObject({ interruption: 'crashed', overflow: [{ bytes: 200_001 }] });
    expect(next).toMatchObject({ exitCode: 0, overflow: [{ bytes: 200_001 }] });
    for (const [{ overflow }, letter] of [
      [killed, 'k'],
      [next, 'n'],
    ] as const)
      expect((await read(overflow[0]?.file)).toString()).toBe(`${letter.repeat(200_000)}\n`);
  });
});

/** The user's folder, prepared before something prints too much; what of it must be left as it was. */
const tricks: Record<string, { prepare: string; problem: string; proof: string; expected: string }> = {
  'a link to another folder': {
    prepare: 'mkdir /tmp/elsewhere; ln -s /tmp/elsewhere long-output',
    problem: 'Not a directory',
    proof: 'ls -A /tmp/elsewhere; rm long-output',
    expected: '',
  },
  "a link to the supervisor's descriptors": {
    prepare: 'ln -s /proc/1/fd long-output',
    problem: 'Not a directory',
    proof: 'rm long-output',
    expected: '',
  },
  'a FIFO': {
    prepare: 'mkfifo long-output',
    problem: 'Not a directory',
    proof: 'rm long-output',
    expected: '',
  },
  'a folder that may not be written': {
    prepare: 'mkdir -m 500 long-output',
    problem: 'Permission denied',
    proof: 'ls -A long-output; rmdir long-output',
    expected: '',
  },
  'every name taken, by links, FIFOs and hard links': {
    prepare:
      'echo precious > precious; mkdir long-output; for i in $(seq 1 300); do case $((i % 4)) in 0) ln precious long-output/$i.txt;; 1) ln -s ../precious long-output/$i.txt;; 2) mkfifo long-output/$i.txt;; 3) ln -s /proc/self/fd/1 long-output/$i.txt;; esac; done',
    problem: 'too many names are taken in long-output',
    proof: 'cat precious; rm -r long-output precious',
    expected: 'precious\n',
  },
};

describeSandbox('the file for output is never written through', () => {
  const { shell } = useSandbox({ outputBytes: 1000 });
  const flood = (before = '') => shell(`${before}\nyes | head -c 200000; echo end >&2`);

  for (const [name, { prepare, problem, proof, expected }] of Object.entries(tricks)) {
    it(name, async () => {
      await shell(prepare);
      const outcome = await flood();
      expect(outcome).toMatchObject({ stderr: 'end\n', exitCode: 0 });
      expect(outcome.stdout).toMatch(/^(y\n)+$/);
      expect(outcome.overflow).toEqual([{ stream: 'stdout', bytes: 200_000, savedBytes: 0, problem }]);
      expect((await shell(proof)).stdout).toBe(expected);
    });
  }

  it('a folder that is replaced while it is written', async () => {
    const swap =
      'yes | head -c 100000; mv long-output moved; ln -s /proc/self/fd long-output; yes | head -c 100000';
    const outcome = await shell(swap);
    expect(outcome.overflow).toMatchObject([{ bytes: 200_000, savedBytes: 200_000 }]);
    expect((await shell('cat moved/*.txt | wc -c; rm -r moved long-output')).stdout).toBe('200000\n');
    expect((await flood()).overflow).toMatchObject([{ savedBytes: 200_000 }]);
  });
});

describeSandbox('the room for output', () => {
  async function within<Result>(limits: Partial<Limits>, work: (sandbox: Sandbox) => Promise<Result>) {
    const sandbox = await sandboxes.start('room', { limits: { outputBytes: 1000, ...limits } });
    return work(sandbox).finally(() => sandbox.close());
  }

  it.concurrent('is half of what the disk has left, so that the code can go on', async () => {
    await within({ diskBytes: 20 * MiB }, async (sandbox) => {
      const { overflow, exitCode } = await sandbox.runCommand('yes | head -c 30000000', PATIENT);
      const saved = overflow[0]?.savedBytes ?? 0;
      expect([exitCode, overflow]).toEqual([
        0,
        [expect.objectContaining({ bytes: 30_000_000, problem: 'there is no more room for output' })],
      ]);
      expect(saved).toBeGreaterThan(9 * MiB);
      expect(saved).toBeLessThanOrEqual(10 * MiB);
      expect(await sandbox.readFile(overflow[0]?.file ?? '', 20 * MiB)).toHaveLength(saved);
      await sandbox.writeFile('mine', Buffer.alloc(5 * MiB));
      const full = await sandbox.runCommand('head -c 20M /dev/zero > filler; yes | head -c 300000', PATIENT);
      expect(full).toMatchObject({ exitCode: 0, overflow: [{ savedBytes: 0, problem: expect.any(String) }] });
    });
  });

  it.concurrent('is an eighth of the memory for all files together, and comes back with their removal', async () => {
    await within({ memoryBytes: 256 * MiB }, async (sandbox) => {
      const flood = async () => (await sandbox.runCommand('yes | head -c 30M', PATIENT)).overflow[0];
      const [first, second, third] = [await flood(), await flood(), await flood()];
      expect(first).toEqual({ stream: 'stdout', bytes: 30 * MiB, savedBytes: 30 * MiB, file: first?.file });
      expect(second).toMatchObject({ savedBytes: 2 * MiB, problem: 'there is no more room for output' });
      expect(third).toMatchObject({
        savedBytes: 0,
        problem: 'the files in long-output may have 32 MiB together; remove some',
      });
      await sandbox.removeFile('long-output');
      expect(await flood()).toMatchObject({ savedBytes: 30 * MiB });
    });
  });
});
