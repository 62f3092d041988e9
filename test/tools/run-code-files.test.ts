import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Context } from '../../src/context.ts';
import { runTool } from '../../src/tools/call.ts';
import { contextWith, patient } from '../support/contexts.ts';
import { describeSandbox } from '../support/sandbox.ts';
import { ACCOUNT, REGION, SECRET, startWire } from '../support/wire.ts';

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
    const most = 18_700_000;
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

test('on AWS, absolute paths are seen from the working directory that the session tells', async () => {
  const asked: unknown[] = [];
  const results: Record<string, object> = {
    executeCommand: { structuredContent: { stdout: '/opt/somewhere/var\r\n', exitCode: 0 } },
    readFiles: { content: [{ type: 'resource', resource: { type: 'text', text: 'x' } }] },
  };
  const session = {
    codeInterpreterIdentifier: 'aws.codeinterpreter.v1',
    sessionId: '01KA1B2C3D4E5F6G7H8J9KMNPQ',
  };
  const wire = await startWire({
    GetCodeInterpreterSession: async () => ({ ...session, createdAt: new Date(), status: 'READY' }),
    InvokeCodeInterpreter: async ({ name, arguments: given }) => {
      asked.push(given);
      return {
        stream: (async function* () {
          yield { result: results[String(name)] };
        })(),
      };
    },
  });
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await wire.close();
  });
  vi.stubEnv('AWS_ACCESS_KEY_ID', ACCOUNT);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRET);
  vi.stubEnv('AWS_PROFILE', undefined);
  vi.stubEnv('AWS_ENDPOINT_URL', wire.config.endpoint);
  const context = contextWith(['--backend', 'aws', '--region', REGION, '--allow-writes']);
  const download = ['/opt/somewhere/var/a/b', '/opt/somewhere/various', 'c'];
  const answer = await run(context, { session: session.sessionId, download });
  expect(answer.downloaded).toEqual(['a/b', 'c'].map((path) => join(context.workspace.root, path)));
  expect(answer.not_downloaded).toEqual([expect.stringContaining('/opt/somewhere/various')]);
  expect(asked).toEqual([{ command: 'pwd' }, { paths: ['a/b'] }, { paths: ['c'] }]);
});
