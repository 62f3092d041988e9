import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { runTool } from '../../src/tools/call.ts';
import { contextWith, patient } from '../support/contexts.ts';
import { describeSandbox } from '../support/sandbox.ts';

async function run(context: Context, args: object): Promise<Record<string, unknown>> {
  const { structuredContent, content } = await runTool(context, 'run_code', args, patient());
  return { ...(structuredContent as object), content };
}

describeSandbox('files between a session and the workspace', () => {
  test('with absolute paths come from the working directory only, and keep their relative place', async () => {
    const context = contextWith();
    const { root } = context.workspace;
    const code = 'import os\nos.makedirs("a")\nopen("a/out.bin", "w").write("x")\nprint(os.getcwd())';
    const { stdout, session } = await run(context, { code });
    const absolute = join(String(stdout), 'a/out.bin');
    const download = [absolute, '/etc/passwd', '/workspace-too/x', '../x', String(stdout)];
    const answer = await run(context, { session, download });
    expect(answer.downloaded).toEqual([join(root, 'a', 'out.bin')]);
    const elsewhere = (path: string) =>
      `${path} is no file below the session's working directory. Copy it there first, and name the copy by its relative path.`;
    expect(answer.not_downloaded).toEqual(download.slice(1).map(elsewhere));
    expect(answer.content).toContainEqual(
      expect.objectContaining({ uri: expect.stringMatching(/\/files\/a\/out\.bin$/) }),
    );
  });

  test('up to the stated size come through, and above it say what to do', async () => {
    const context = contextWith();
    const most = 18_800_000;
    const sizes = { fits: most, over: most + 200_000, far: 30_000_000 };
    const code = Object.entries(sizes)
      .map(([name, size]) => `open("${name}", "wb").write(b"\\xff" * ${size})`)
      .join('\n');
    const answer = await run(context, { code, download: Object.keys(sizes) });
    expect(answer.downloaded).toEqual([join(context.workspace.root, 'fits')]);
    expect(answer.not_downloaded).toEqual(
      [sizes.over, sizes.far].map(
        (size, index) =>
          `${['over', 'far'][index]} has ${size} bytes; at most ${most} can be copied. Compress or split it in the session.`,
      ),
    );
  });

  test('are named in the answer: what went up, and what was replaced', async () => {
    const context = contextWith();
    await context.workspace.write('a.csv', Buffer.from('1'));
    const up = await run(context, { session: 'mine', upload: ['a.csv'] });
    expect(up.note).toMatch(/^A new session .* Uploaded: a\.csv\.$/);
    const code = 'open("a.csv", "w").write("2")\nopen("b.csv", "w").write("2")';
    const down = await run(context, { session: 'mine', code, download: ['a.csv', 'b.csv'] });
    expect(down.note).toBe('Replaced in the workspace: a.csv.');
    expect(readFileSync(join(context.workspace.root, 'a.csv'), 'utf8')).toBe('2');
  });

  test('are found in either form of Unicode', async () => {
    const context = contextWith();
    await context.workspace.write('Größe.csv'.normalize('NFD'), Buffer.from('1'));
    const path = 'Größe.csv'.normalize('NFC');
    const answer = await run(context, { upload: [path], code: `open(${JSON.stringify(path)}).read()` });
    expect(answer).toMatchObject({ stdout: "'1'" });
  });
});
