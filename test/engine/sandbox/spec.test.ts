import { execFile } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createSandboxes } from '../../../src/engine/sandbox/index.ts';
import { giveFolder } from '../../../src/engine/sandbox/ownership.ts';
import type { Sandbox, SandboxSpec } from '../../../src/engine/sandbox/sandbox.ts';
import { temporaryDir } from '../../support/temporary.ts';
import { describeSandbox, PATIENT, resultOf, sandboxes } from './support.ts';

async function started(spec: SandboxSpec): Promise<Sandbox> {
  const sandbox = await sandboxes.start('made to order', spec);
  onTestFinished(() => sandbox.close());
  return sandbox;
}

const run = async (sandbox: Sandbox, command: string) => {
  const { stdout, stderr } = await sandbox.runCommand(command, PATIENT);
  return stdout + stderr;
};

describeSandbox('a folder of the host', () => {
  it('that is bound to be written to keeps what is written for the next sandbox, whose user is another', async () => {
    const source = join(temporaryDir(), 'storage');
    mkdirSync(source, { mode: 0o700 });
    const spec: SandboxSpec = { mounts: [{ kind: 'bind', source, target: '/mnt/data', writable: true }] };
    const first = await started(spec);
    const fill =
      'umask 077; mkdir -p a/b; echo one > a/b/file; chmod 400 a/b/file; chmod 500 a/b; ln -s /etc/passwd link; id -u';
    const user = await run(first, `cd /mnt/data && ${fill}`);
    expect(user).toMatch(/^\d+\n$/);
    await first.close();
    expect(readFileSync(join(source, 'a/b/file'), 'utf8')).toBe('one\n');
    const second = await started(spec);
    const change = 'cat a/b/file; chmod 700 a/b; rm a/b/file; echo two > a/b/file; touch new; ls; id -u';
    const [content, ...rest] = (await run(second, `cd /mnt/data && ${change}`)).split('\n');
    expect([content, rest.slice(0, 3)]).toEqual(['one', ['a', 'link', 'new']]);
    if (process.getuid?.() === 0) expect(rest[3]).not.toBe(user.trim());
    expect(readFileSync(join(source, 'a/b/file'), 'utf8')).toBe('two\n');
  });

  it('that is only bound cannot be written to', async () => {
    const source = join(temporaryDir(), 'code');
    mkdirSync(source, { mode: 0o755 });
    writeFileSync(join(source, 'main.py'), 'print("hi")', { mode: 0o666 });
    chmodSync(source, 0o777);
    const sandbox = await started({
      mounts: [{ kind: 'bind', source, target: '/var/task' }],
      workingDirectory: '/var/task',
    });
    expect(
      await run(sandbox, 'python main.py; echo x > main.py; touch new; rm main.py; chmod 600 main.py'),
    ).toMatch(/^hi\n(.*Read-only file system\n){4}$/);
    await expect(sandbox.writeFile('new', Buffer.from('x'))).rejects.toMatchObject({ name: 'SandboxError' });
    expect(readFileSync(join(source, 'main.py'), 'utf8')).toBe('print("hi")');
  });

  it('cannot get other files of the host their owner by links in it', async () => {
    const place = temporaryDir();
    const source = join(place, 'storage');
    const outside = join(place, 'outside');
    mkdirSync(source);
    mkdirSync(outside);
    writeFileSync(join(outside, 'file'), 'x');
    symlinkSync(outside, join(source, 'folder'));
    symlinkSync(join(outside, 'file'), join(source, 'file'));
    writeFileSync(Buffer.concat([Buffer.from(`${source}/not text `), Buffer.from([0xff, 0xfe])]), 'x');
    const before = [outside, join(outside, 'file')].map((path) => statSync(path).uid);
    const sandbox = await started({
      mounts: [{ kind: 'bind', source, target: '/mnt/data', writable: true }],
    });
    expect([outside, join(outside, 'file')].map((path) => statSync(path).uid)).toEqual(before);
    expect(await run(sandbox, 'find /mnt/data ! -user $(id -u) | wc -l')).toBe('0\n');
    await expect(giveFolder(join(source, 'folder'), 61_200)).rejects.toThrow(/cannot be given/);
    expect(lstatSync(outside).uid).toBe(before[0]);
  });

  it('that is not there is an error that names it', async () => {
    for (const writable of [{}, { writable: true } as const]) {
      const mounts: SandboxSpec['mounts'] = [
        { kind: 'bind', source: '/no such folder', target: '/x', ...writable },
      ];
      await expect(sandboxes.start('x', { mounts })).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('/no such folder'),
      });
    }
  });
});

describeSandbox('a sandbox made to order', () => {
  it('starts everything in the folder it was told, and relative paths with it', async () => {
    const sandbox = await started({
      mounts: [{ kind: 'memory', target: '/data', bytes: 1 << 20, mode: '0700' }],
      workingDirectory: '/data',
    });
    await sandbox.writeFile('file', Buffer.from('content'));
    expect(await sandbox.listFiles('')).toEqual([{ path: 'file', kind: 'file', size: 7 }]);
    expect(await run(sandbox, 'pwd; cat file')).toBe('/data\ncontent');
    const program = await sandbox.spawn(['pwd']);
    for await (const { data } of program.output) expect(String(data)).toBe('/data\n');
    const { stdout } = await sandbox.runCell(
      { code: 'import os; print(os.getcwd(), open("file").read())' },
      PATIENT,
    );
    expect(stdout).toBe('/data content\n');
  });

  it('refuses a working directory that is none', async () => {
    for (const workingDirectory of ['/nowhere', '/etc/passwd'])
      await expect(sandboxes.start('x', { workingDirectory })).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringMatching(/working directory.*(\/nowhere|\/etc\/passwd)/),
      });
  });

  it('has its environment in commands, cells and programs, but not in its supervisor', async () => {
    const environment = {
      GREETING: 'ünï 漢',
      LD_PRELOAD: '/workspace/evil.so',
      LD_LIBRARY_PATH: '/workspace',
      PYTHONPATH: '/workspace',
      PYTHONMALLOC: 'nonsense',
      HOME: '/proc',
    };
    const sandbox = await started({ environment });
    const { stdout, stderr } = await sandbox.runCommand('echo $GREETING $HOME', PATIENT);
    expect(stdout).toBe('ünï 漢 /proc\n');
    expect(stderr).toContain('evil.so');
    const other = await started({ environment: { GREETING: 'hello' }, kernel: true });
    expect(resultOf(await other.runCell({ code: 'import os; os.environ["GREETING"]' }, PATIENT))).toBe(
      "'hello'",
    );
    const program = await other.spawn(['/bin/sh', '-c', 'echo $GREETING'], {
      environment: { GREETING: 'bye' },
    });
    for await (const { data } of program.output) expect(String(data)).toBe('bye\n');
  });
});

describe('giving a folder away', () => {
  it.skipIf(process.getuid?.() !== 0)(
    'changes the owner of what is in it at every depth that it goes to',
    async () => {
      const folder = temporaryDir();
      mkdirSync(join(folder, 'a/'.repeat(100)), { recursive: true });
      await giveFolder(folder, 61_200);
      expect(statSync(join(folder, 'a/'.repeat(100))).uid).toBe(61_200);
      await giveFolder(folder, 0);
    },
  );
});

describeSandbox('sandboxes', () => {
  it('are only so many at once', async () => {
    const few = createSandboxes({ maxSandboxes: 2 });
    onTestFinished(() => few.close());
    const [first] = await Promise.all([few.start('first'), few.start('second')]);
    await expect(few.start('third')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(
        '2 sandboxes are there already, as many as there may be. End sessions',
      ),
    });
    await first.close();
    // Where there are no fonts yet, a sandbox of their own may take the place for a while.
    await vi.waitFor(async () => (await few.start('third')).close(), { timeout: 60_000 });
  });
});

const LIST_FILES = `
import { createSandboxes } from '${new URL('../../../src/engine/sandbox/index.ts', import.meta.url)}';
const sandboxes = createSandboxes({});
const sandbox = await sandboxes.start('files');
const { stdout } = await sandbox.runCommand('readlink /proc/self/fd/* | grep -c host; ls /proc/self/fd', { timeoutMs: 40_000 });
console.log(JSON.stringify(stdout));
await sandboxes.close();`;

describeSandbox('a file of the host', () => {
  it('that the engine was started with stays outside', async () => {
    const file = join(temporaryDir(), 'host');
    const command = ['exec 200>"$1"; exec "$2" --input-type=module -e "$3"', 'sh', file, process.execPath];
    const { stdout } = await promisify(execFile)('/bin/bash', ['-c', ...command, LIST_FILES]);
    expect(JSON.parse(stdout)).toBe('0\n0\n1\n2\n3\n');
  });
});
