import { beforeAll, expect, test } from 'vitest';
import { describeSandbox } from '../../../support/sandbox.ts';
import { inSession, startSession, textOf, useEngine } from './support.ts';

describeSandbox('commands and files', () => {
  const engine = useEngine({ limits: { diskBytes: 40 * 1024 ** 2 } });
  let session: ReturnType<typeof inSession>;

  beforeAll(async () => {
    const client = engine.client();
    session = inSession(client, await startSession(client));
  });

  test('executeCommand answers stdout as it was written', async () => {
    expect(await session.shell('echo "¡Hola!"; echo aside >&2')).toEqual({
      content: [{ type: 'text', text: '¡Hola!\n' }],
      structuredContent: {
        stdout: '¡Hola!\n',
        stderr: 'aside\n',
        exitCode: 0,
        executionTime: expect.any(Number),
      },
      isError: false,
    });
  });

  test('executeCommand answers a failure with both outputs as text', async () => {
    const failure = await session.shell('echo out; echo err >&2; exit 3');
    expect(failure).toMatchObject({
      content: [{ type: 'text', text: 'out\nerr\n' }],
      structuredContent: { stdout: 'out\n', stderr: 'err\n', exitCode: 3 },
      isError: true,
    });
    const missing = await session.shell('no-such-program');
    expect(missing).toMatchObject({ isError: true, structuredContent: { exitCode: 127 } });
    expect(missing.structuredContent?.stderr).toMatch(/^\/bin\/sh: .*no-such-program: not found/);
  });

  test('commands and code share the working directory, but no variables', async () => {
    await session.shell('echo from the shell > shared.txt; export ALONE=1');
    expect(textOf(await session.python('print(open("shared.txt").read().strip())'))).toBe('from the shell');
    expect(textOf(await session.shell('echo "[$ALONE]"'))).toBe('[]\n');
  });

  test('writeFiles and readFiles keep text and bytes exact', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const written = await session.tool('writeFiles', {
      content: [
        { path: 'päth/数据 1.txt', text: '日本語\r\n\ufeffend' },
        { path: 'all.bin', blob: bytes },
        { path: 'program.py', text: '' },
      ],
    });
    expect(written).toEqual({
      content: [{ type: 'text', text: 'Successfully wrote all 3 files' }],
      isError: false,
    });
    expect(await session.tool('readFiles', { paths: ['päth/数据 1.txt', 'all.bin', 'program.py'] })).toEqual({
      content: [
        {
          type: 'resource',
          resource: {
            type: 'text',
            uri: 'file:///päth/数据 1.txt',
            mimeType: 'text/plain',
            text: '日本語\r\n\ufeffend',
          },
        },
        {
          type: 'resource',
          resource: {
            type: 'blob',
            uri: 'file:///all.bin',
            mimeType: 'application/octet-stream',
            blob: bytes,
          },
        },
        {
          type: 'resource',
          resource: { type: 'text', uri: 'file:///program.py', mimeType: 'text/x-python', text: '' },
        },
      ],
      isError: false,
    });
  });

  test('readFiles calls text of an unknown kind plain text, and only text', async () => {
    const content = [
      { path: 'Makefile', text: 'all:' },
      { path: 'notes.bin', text: 'text' },
      { path: 'bytes', blob: Buffer.from([0xff]) },
    ];
    await session.tool('writeFiles', { content });
    const read = await session.tool('readFiles', { paths: content.map(({ path }) => path) });
    expect(read.content?.map(({ resource }) => resource?.mimeType)).toEqual([
      'text/plain',
      'text/plain',
      'application/octet-stream',
    ]);
  });

  test('readFiles answers what it can read, and names what it cannot', async () => {
    await session.tool('writeFiles', { content: [{ path: 'there.txt', text: 'yes' }] });
    const { content, isError } = await session.tool('readFiles', {
      paths: ['missing.txt', 'there.txt', '/'],
    });
    expect(isError).toBe(true);
    expect(content).toMatchObject([
      { type: 'text', text: expect.stringContaining('missing.txt') },
      { type: 'resource', resource: { text: 'yes' } },
      { type: 'text', text: expect.stringMatching(/^\/.* is a directory/i) },
    ]);
  });

  test('readFiles answers no more than the AWS SDKs take in one event', async () => {
    await session.shell(
      'head -c 18000000 /dev/urandom > fits.bin; head -c 19000000 /dev/urandom > large.bin',
    );
    const most = 'at most 187\\d{5} can be read in this call. Compress or split it.';
    const { content, isError } = await session.tool('readFiles', {
      paths: ['large.bin', 'fits.bin', 'large.bin'],
    });
    expect(isError).toBe(true);
    expect(content?.[0]?.text).toMatch(new RegExp(`large\\.bin has 19000000 bytes; ${most}`));
    expect(content?.[1]?.resource?.blob).toHaveLength(18_000_000);
    expect(content?.[2]?.text).toMatch(/large\.bin has 19000000 bytes; at most \d{6} can be read/);
    await session.shell('rm fits.bin large.bin');
  });

  test('readFiles answers text that JSON would make too large as bytes', async () => {
    await session.shell("head -c 18000000 /dev/zero | tr '\\0' '\\1' > escaped.txt");
    const { content } = await session.tool('readFiles', { paths: ['escaped.txt'] });
    expect(content?.[0]?.resource).toMatchObject({ type: 'blob', mimeType: 'text/plain' });
    expect(content?.[0]?.resource?.blob).toHaveLength(18_000_000);
    await session.shell('rm escaped.txt');
  });

  test('listFiles answers no more than the AWS SDKs take in one event', async () => {
    const make =
      'import os; os.mkdir("many"); [open(f"many/{n:0200}.txt", "w").close() for n in range(60000)]';
    await session.python(make);
    const { content, isError } = await session.tool('listFiles', { path: 'many' });
    expect(isError).toBe(true);
    expect(content).toMatchObject([{ text: expect.stringContaining('many has 60000 entries, too many') }]);
    await session.tool('removeFiles', { paths: ['many'] });
  });

  test('writeFiles stops at a file that does not fit', async () => {
    const { content, isError } = await session.tool('writeFiles', {
      content: [
        { path: 'small.txt', text: 'small' },
        { path: 'large.bin', blob: new Uint8Array(41 * 1024 ** 2) },
        { path: 'after.txt', text: 'never' },
      ],
    });
    expect(isError).toBe(true);
    expect(content).toMatchObject([
      { type: 'text', text: expect.stringMatching(/large\.bin.*No space left/) },
    ]);
    expect((await session.shell('cat small.txt; test ! -e after.txt')).structuredContent).toMatchObject({
      stdout: 'small',
      exitCode: 0,
    });
    await session.shell('rm -f large.bin');
  });

  test('listFiles answers links to files and directories', async () => {
    await session.shell('mkdir -p tree/sub && printf abc > tree/a.csv && ln -s a.csv tree/link.csv');
    const { content, isError } = await session.tool('listFiles', { path: 'tree' });
    expect(isError).toBe(false);
    const byName = Object.fromEntries((content ?? []).map((block) => [block.name, block]));
    expect(byName['a.csv']).toEqual({
      type: 'resource_link',
      uri: 'file:///tree/a.csv',
      name: 'a.csv',
      description: 'File',
      mimeType: 'text/csv',
      size: 3,
    });
    expect(byName.sub).toEqual({
      type: 'resource_link',
      uri: 'file:///tree/sub',
      name: 'sub',
      description: 'Directory',
    });
  });

  test('listFiles takes either name of its argument, and the working directory without one', async () => {
    const names = async (given: object) =>
      (await session.tool('listFiles', given)).content?.map(({ name }) => name).sort();
    await session.shell('mkdir -p two && touch two/x');
    expect(await names({ directoryPath: 'two' })).toEqual(['x']);
    const everything = await names({ path: '' });
    expect(everything).toContain('two');
    expect(await names({})).toEqual(everything);
    const missing = await session.tool('listFiles', { path: 'nowhere' });
    expect(missing).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('nowhere') }] });
  });

  test('removeFiles removes files and whole directories, and names what is not there', async () => {
    await session.shell('mkdir -p old/deep && touch old/deep/x single');
    expect(await session.tool('removeFiles', { paths: ['old', 'single'] })).toEqual({
      content: [{ type: 'text', text: 'Successfully removed all 2 files' }],
      isError: false,
    });
    expect((await session.shell('ls old single')).isError).toBe(true);
    const missing = await session.tool('removeFiles', { paths: ['single'] });
    expect(missing).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('single') }] });
  });
});
