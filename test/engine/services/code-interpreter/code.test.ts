import { beforeAll, expect, test } from 'vitest';
import { describeSandbox } from '../../../support/sandbox.ts';
import { inSession, startSession, textOf, useEngine } from './support.ts';

describeSandbox('executeCode', () => {
  const engine = useEngine();
  let session: ReturnType<typeof inSession>;

  beforeAll(async () => {
    const client = engine.client();
    session = inSession(client, await startSession(client));
  });

  test('answers what was printed, without the last line end, in the shape of AWS', async () => {
    expect(await session.python('print("日本")\nprint(6 * 7)')).toEqual({
      content: [{ type: 'text', text: '日本\n42' }],
      structuredContent: {
        stdout: '日本\n42',
        stderr: '',
        exitCode: 0,
        executionTime: expect.any(Number),
      },
      isError: false,
    });
  });

  test('counts time in seconds', async () => {
    const { structuredContent } = await session.python('import time; time.sleep(0.3)');
    expect(structuredContent?.executionTime).toBeGreaterThanOrEqual(0.3);
    expect(structuredContent?.executionTime).toBeLessThan(30);
  });

  test('keeps variables from call to call', async () => {
    const silent = await session.python('kept = [1, 2]');
    expect(silent).toMatchObject({ content: [{ type: 'text', text: '' }], isError: false });
    expect(textOf(await session.python('kept.append(3); print(kept)'))).toBe('[1, 2, 3]');
  });

  test('awaits at the top level', async () => {
    const code =
      'import asyncio\nasync def later():\n  await asyncio.sleep(0.01)\n  return "late"\nawait later()';
    expect(textOf(await session.python(code))).toBe("'late'");
  });

  test('answers the value of the last expression after what was printed', async () => {
    expect(textOf(await session.python('print("first")\n{"a": 1}'))).toBe("first\n{'a': 1}");
    expect(textOf(await session.python('print("first", end="")\n1'))).toBe('first\n1');
    expect(textOf(await session.python('1;'))).toBe('');
  });

  test('answers a failure with the traceback of IPython, as text and as stderr', async () => {
    const failure = await session.python('def half(n):\n    return n / 0\n\nhalf(2)');
    expect(failure).toMatchObject({ isError: true, structuredContent: { stdout: '', exitCode: 1 } });
    const stderr = failure.structuredContent?.stderr;
    expect(stderr).toMatch(/Traceback \(most recent call last\)\n.*Cell In\[\d+\], line 4\n/s);
    expect(stderr).toContain('ZeroDivisionError: division by zero');
    expect(textOf(failure)).toBe(stderr);
  });

  test('answers what was printed before a failure, too', async () => {
    const failure = await session.python('print("before")\nraise ValueError("no")');
    expect(failure.structuredContent?.stdout).toBe('before');
    expect(textOf(failure)).toMatch(/^before\n.*ValueError: no/s);
  });

  test('answers a syntax error like any other', async () => {
    const failure = await session.python('x = = 1');
    expect(failure).toMatchObject({ isError: true, structuredContent: { exitCode: 1 } });
    expect(textOf(failure)).toMatch(/Cell In\[\d+\], line 1\n.*SyntaxError: invalid syntax/s);
  });

  test('answers a figure as a PNG image after the text', async () => {
    const { content, isError } = await session.python(
      'import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nprint("drawn")\nplt.show()',
    );
    expect(isError).toBe(false);
    expect(content).toHaveLength(2);
    expect(content?.[0]).toEqual({ type: 'text', text: 'drawn' });
    expect(content?.[1]).toEqual({ type: 'image', mimeType: 'image/png', data: expect.any(Uint8Array) });
    expect(Buffer.from(content?.[1]?.data ?? []).subarray(0, 8)).toEqual(
      Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    );
  });

  test('answers a table as text and as HTML', async () => {
    const { content } = await session.python(
      'import pandas as pd\npd.DataFrame({"city": ["東京", "Malmö"], "n": [14, 3]})',
    );
    expect(content?.[0]?.text).toContain('東京');
    expect(content?.[1]).toMatchObject({
      type: 'resource',
      resource: { type: 'text', mimeType: 'text/html', text: expect.stringMatching(/<table.*Malmö/s) },
    });
  });

  test('answers a picture that has several forms once', async () => {
    const { content } = await session.python('import PIL.Image\nPIL.Image.new("RGB", (10, 10))');
    expect(content?.map(({ type, mimeType }) => [type, mimeType])).toEqual([
      ['text', undefined],
      ['image', 'image/png'],
    ]);
  });

  test('answers the source of what is displayed, where its plain text is a name only', async () => {
    const { content } = await session.python(
      'from IPython.display import *\ndisplay(HTML("<b>x</b>"), Markdown("# y"), Latex("$z$"), JSON({"w": 1}))',
    );
    expect(content?.[0]?.text).toBe('<IPython.core.display.HTML object>\n# y\n$z$\n{"w": 1}');
    expect(content?.slice(1).map(({ resource }) => resource?.text)).toEqual(['<b>x</b>']);
  });

  test('clears variables but no files with clearContext', async () => {
    await session.python('gone = 1\nopen("kept.txt", "w").write("here")');
    const cleared = await session.python('# nothing', { clearContext: true });
    expect(cleared).toMatchObject({ isError: false, content: [{ text: '' }] });
    expect(textOf(await session.python('gone'))).toContain("NameError: name 'gone' is not defined");
    expect(textOf(await session.python('print(open("kept.txt").read())'))).toBe('here');
  });

  test('runs JavaScript and TypeScript in one scope beside that of Python', async () => {
    expect(await session.javascript('console.log("日本"); let x = 41; x + 1')).toEqual({
      content: [{ type: 'text', text: '日本\n42' }],
      structuredContent: { stdout: '日本\n42', stderr: '', exitCode: 0, executionTime: expect.any(Number) },
      isError: false,
    });
    const typed = { language: 'typescript', runtime: 'nodejs' } as const;
    expect(textOf(await session.javascript('let y: number = x; y', typed))).toBe('41');
    expect(textOf(await session.javascript('x', { clearContext: true }))).toBe('41');
    const failure = await session.javascript('null.x');
    expect(failure).toMatchObject({ isError: true, structuredContent: { exitCode: 1 } });
    expect(textOf(failure)).toMatch(/^TypeError: .*\n {4}at Cell \d+:1:6\n$/);
    const { content } = await session.javascript('display({ "image/png": Buffer.from("png") })');
    expect(content?.[1]).toEqual({
      type: 'image',
      mimeType: 'image/png',
      data: new Uint8Array(Buffer.from('png')),
    });
  });

  test('says once what was lost when a cell ends its own process', async () => {
    await session.python('value = 1');
    const ended = await session.python('import os; os._exit(3)');
    expect(ended).toMatchObject({ isError: true, structuredContent: { exitCode: 3 } });
    expect(textOf(ended)?.match(/variables/g)).toHaveLength(1);
    expect((await session.python('value')).isError).toBe(true);
    expect(textOf(await session.python('print("goes on")'))).toBe('goes on');
  });
});

describeSandbox('large answers', () => {
  const engine = useEngine();
  /** What botocore takes in one event. */
  const limit = 24 * 1024 ** 2;

  test('are cut to what the AWS SDKs take in one event, and say so', async () => {
    const client = engine.client();
    const { python } = inSession(client, await startSession(client));
    const flood = await python(
      'import sys\nprint("\\0" * 9_000_000)\nprint("\\0" * 9_000_000, file=sys.stderr)\nraise ValueError',
    );
    expect(JSON.stringify(flood).length).toBeLessThan(limit);
    expect(JSON.stringify(flood).length).toBeGreaterThan(limit / 2);
    for (const stream of ['stdout', 'stderr'])
      expect(flood.structuredContent?.stderr).toMatch(
        new RegExp(
          `^${stream} is cut here; all \\d{7} bytes are in the session's file long-output/\\d.txt`,
          'm',
        ),
      );
    const value = await python('"v" * 9_000_000');
    expect(value.structuredContent?.stderr).toMatch(/^\d{7} bytes of output were dropped/);

    const { content, isError } = await python(
      'from IPython.display import HTML\ndisplay(HTML("a" * 15_000_000))\ndisplay(HTML("b" * 15_000_000))',
    );
    expect(isError).toBe(false);
    expect(content?.map(({ resource, text }) => resource?.text?.length ?? text)).toEqual([
      expect.any(String),
      15_000_000,
      'An output of type text/html was left out: it is too large. Save it to a file instead.',
    ]);
  });
});

describeSandbox('limits of a session', () => {
  const engine = useEngine({ limits: { memoryBytes: 300 * 1024 ** 2, outputBytes: 1000 } });
  let session: ReturnType<typeof inSession>;

  beforeAll(async () => {
    const client = engine.client();
    session = inSession(client, await startSession(client));
  });

  test('names the memory limit when it ends code that needs more', async () => {
    const { isError, structuredContent } = await session.python(
      'held = [bytearray(2 ** 20) for _ in range(2000)]',
    );
    expect(isError).toBe(true);
    expect(structuredContent?.stderr).toMatch(/memory/i);
    expect(textOf(await session.python('print("goes on")'))).toBe('goes on');
  });

  test('names the memory limit when several processes together need more', async () => {
    const many =
      'for i in 1 2 3 4; do python3 -c "import time; x = b\'x\' * (120 << 20); time.sleep(20)" & done; wait';
    const { isError, structuredContent } = await session.shell(many);
    expect(isError).toBe(true);
    expect(structuredContent?.stderr).toContain('memory limit of 300 MiB');
  });

  test('says where all of the output is', async () => {
    await session.python('# a fresh start', { clearContext: true });
    const { structuredContent } = await session.python('print("x" * 5000)');
    expect(structuredContent?.stdout).toBe('x'.repeat(1000));
    expect(structuredContent?.stderr).toMatch(
      /^stdout is cut here; all 5001 bytes are in the session's file/,
    );
    const command = await session.shell(
      'rm -r long-output; touch long-output; head -c 5000 /dev/zero | tr "\\0" y',
    );
    expect(command.structuredContent?.stderr).toBe(
      'stdout is cut here; the rest of its 5000 bytes was dropped: Not a directory.',
    );
  });
});
