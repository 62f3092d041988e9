import { expect, it } from 'vitest';
import { describeSandbox, useSandbox } from './support.ts';

const MiB = 1024 ** 2;

describeSandbox('files', () => {
  const shared = useSandbox({ diskBytes: 64 * MiB });
  const { shell } = shared;
  const read = (path: string, maxBytes = MiB) => shared.sandbox.readFile(path, maxBytes);
  const write = (path: string, content: string | Buffer) =>
    shared.sandbox.writeFile(path, Buffer.from(content));

  it('are written with the folders above them and read back, byte for byte', async () => {
    const content = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
    await write('new/folder/ünï 漢.bin', content);
    expect(await read('new/folder/ünï 漢.bin')).toEqual(content);
    expect(await read('/workspace/new/folder/ünï 漢.bin')).toEqual(content);
    await write('empty', '');
    expect(await read('empty')).toHaveLength(0);
    await write('/tmp/elsewhere.txt', 'tmp');
    expect((await shell('cat /tmp/elsewhere.txt')).stdout).toBe('tmp');
  });

  it('replace what was there and keep its mode', async () => {
    await shell('printf old > script.sh; chmod 755 script.sh');
    await write('script.sh', 'echo new');
    expect((await shell('./script.sh; ls -A | grep -c "^\\.[0-9a-f]*$"')).stdout).toBe('new\n0\n');
  });

  it('of 40 MB pass both ways', async () => {
    const content = Buffer.alloc(40 * MiB, 'ab');
    await write('large', content);
    expect((await read('large', 64 * MiB)).equals(content)).toBe(true);
    await shared.sandbox.removeFile('large');
  });

  it('are listed with their kind and size', async () => {
    await shell(
      'mkdir -p list/folder; printf 12345 > list/file; ln -s file list/link; mkfifo list/pipe; ln -s gone list/broken',
    );
    const entries = await shared.sandbox.listFiles('list');
    expect(entries.toSorted((a, b) => a.path.localeCompare(b.path))).toEqual([
      { path: 'list/file', kind: 'file', size: 5 },
      { path: 'list/folder', kind: 'directory', size: 0 },
      { path: 'list/link', kind: 'file', size: 5 },
    ]);
    expect(await shared.sandbox.listFiles('')).toEqual(await shared.sandbox.listFiles('/workspace'));
    expect((await shared.sandbox.listFiles('/tmp')).map(({ path }) => path)).toContain('/tmp/elsewhere.txt');
  });

  it('are removed, folders with everything in them', async () => {
    await shell('mkdir -p gone/deep; touch gone/deep/file keep; ln -s ../keep gone/link');
    await shared.sandbox.removeFile('gone');
    expect((await shell('ls -d gone')).exitCode).not.toBe(0);
    expect((await shell('ls keep')).exitCode).toBe(0);
    await shell('ln -s /workspace self; ln -s keep link');
    await shared.sandbox.removeFile('link');
    await shared.sandbox.removeFile('self');
    expect((await shell('ls keep')).exitCode).toBe(0);
  });

  it('are removed at any depth, however many there are', async () => {
    await shell(
      'python -c \'import os\nfor n in range(3000): os.mkdir("d"); open("f", "w"); os.chdir("d")\'; mkdir -p many; cd many; seq 5000 | xargs mkdir',
    );
    await shared.sandbox.removeFile('d');
    await shared.sandbox.removeFile('many');
    expect((await shell('ls -d d many')).stdout).toBe('');
  });

  it('with more and longer names than can be listed are refused, and the session lives on', async () => {
    const make = 'for n in range(25000): open("many/%06d" % n + "\\x01" * 240, "w").close()';
    await shell(`mkdir many; python -c '${make}'`);
    await expect(shared.sandbox.listFiles('many')).rejects.toMatchObject({ code: 'too-large' });
    await shared.sandbox.removeFile('many');
    expect(await shell('echo here')).toMatchObject({ stdout: 'here\n' });
  });

  it('that are too large are refused with both sizes', async () => {
    await write('big', Buffer.alloc(2000));
    await expect(read('big', 1999)).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringMatching(/big.*2000.*1999/),
    });
    await expect(write('huge', Buffer.alloc(80 * MiB))).rejects.toMatchObject({ code: 'no-space' });
    expect((await shell('ls -A | grep -c "^\\.[0-9a-f]"')).stdout).toBe('0\n');
  });

  it.each([
    ['read', 'missing', 'not-found'],
    ['read', 'list', 'not-a-file'],
    ['read', 'list/pipe', 'not-a-file'],
    ['read', 'bad/\0/nul', 'forbidden'],
    ['read', 'x'.repeat(5000), 'not-found'],
    ['read', '/proc/1/environ', 'forbidden'],
    ['read', '/dev/zero', 'forbidden'],
    ['read', '/etc/shadow', 'not-found'],
    ['read', 'to-environ', 'forbidden'],
    ['read', 'to-shadow', 'not-found'],
    ['read', 'to-zero', 'forbidden'],
    ['read', 'loop', 'not-found'],
    ['read', '', 'not-a-file'],
    ['write', 'list', 'not-a-file'],
    ['write', 'list/pipe', 'not-a-file'],
    ['write', 'folder/', 'not-a-file'],
    ['write', 'list/file/below', 'not-a-directory'],
    ['write', '/etc/passwd', 'forbidden'],
    ['write', '/usr/new', 'forbidden'],
    ['write', '/opt/agentcore/kernel.py', 'forbidden'],
    ['write', '/dev/null', 'forbidden'],
    ['write', '/proc/self/oom_score_adj', 'forbidden'],
    ['write', 'to-proc/oom_score_adj', 'forbidden'],
    ['write', `${'y'.repeat(300)}`, 'not-found'],
    ['list', 'missing', 'not-found'],
    ['list', 'list/file', 'not-a-directory'],
    ['list', '/proc/self/fd', 'forbidden'],
    ['remove', 'missing', 'not-found'],
    ['remove', '/workspace', 'forbidden'],
    ['remove', '.', 'forbidden'],
    ['remove', '/', 'forbidden'],
    ['remove', '/etc/passwd', 'forbidden'],
  ] as const)('%s of %s is refused as %s', async (operation, path, code) => {
    await shell(
      'ln -sfn /proc/self/environ to-environ; ln -sfn /etc/shadow to-shadow; ln -sfn /dev/zero to-zero; ln -sfn loop loop; ln -sfn /proc/self to-proc',
    );
    const { sandbox } = shared;
    const operations = {
      read: () => read(path),
      write: () => write(path, 'x'),
      list: () => sandbox.listFiles(path),
      remove: () => sandbox.removeFile(path),
    };
    await expect(operations[operation]()).rejects.toMatchObject({ name: 'SandboxError', code });
  });

  it('through links are followed where they lead into the session', async () => {
    await shell('ln -s list/file through');
    await write('through', 'through the link');
    expect((await read('list/file')).toString()).toBe('through the link');
  });
});
