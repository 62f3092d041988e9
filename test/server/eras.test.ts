import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stopAfterTest } from '../support/engine.ts';
import { httpProcess } from '../support/http-process.ts';
import {
  type AnyClient,
  type ClientKind,
  clientKinds,
  connect,
  type Target,
} from '../support/mcp-clients.ts';
import { describeSandbox } from '../support/sandbox.ts';
import { temporaryDir } from '../support/temporary.ts';

/** What differs from run to run though nothing is different. */
function settled(value: unknown): unknown {
  const text = JSON.stringify(value)
    .replaceAll(/[0-9A-HJKMNP-TV-Z]{26}/g, 'SESSION')
    .replaceAll(/untrusted-[0-9a-f]{12}/g, 'untrusted')
    .replaceAll(/results\/[0-9a-f]{16}/g, 'results/ID')
    .replaceAll(/((?:seconds"?: ?))[\d.]+/g, '$10')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, 'REQUEST');
  return JSON.parse(text);
}

/** Members that only one protocol revision has. */
function comparable(result: object): unknown {
  const { _meta, resultType, ttlMs, cacheScope, ...rest } = result as Record<string, unknown>;
  return settled(rest);
}

const outcome = (work: Promise<object>) =>
  work.then(comparable, ({ code, message }: { code: number; message: string }) => ({
    code,
    message: message.replace(/^MCP error -?\d+: /, ''),
  }));

/** A visit to everything the server has. */
async function tour(client: AnyClient) {
  const session = { session: 'tour' };
  const call = (name: string, args: Record<string, unknown>) =>
    outcome(client.callTool({ name, arguments: args }) as Promise<object>);
  return {
    instructions: client.getInstructions(),
    tools: comparable(await client.listTools()),
    templates: comparable(await client.listResourceTemplates()),
    sum: await call('run_code', { code: 'print("héllo 数据")\n6*7' }),
    status: await call('get_status', {}),
    upload: await call('run_code', {
      ...session,
      upload: ['in/données.csv'],
      code: 'open("in/données.csv").read()',
    }),
    plot: await call('run_code', {
      ...session,
      code: 'import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])\nplt.savefig("plot.png")',
      download: ['plot.png'],
    }),
    shell: await call('run_code', { ...session, language: 'shell', code: 'echo out; echo err >&2; exit 3' }),
    failing: await call('run_code', { ...session, code: '1/0' }),
    long: await call('run_code', { ...session, code: 'print("line\\n" * 20000)' }),
    wrong: await call('run_code', { cod: '1' }),
    unknown: await call('run_cod', {}),
    api: await call('read_aws_api', {
      operation: 'GetCodeInterpreter',
      params: { codeInterpreterId: 'aws.codeinterpreter.v1' },
    }),
    notThere: await outcome(client.readResource({ uri: 'agentcore://results/0123456789abcdef/1' })),
    stopped: await call('stop_session', session),
    stoppedTwice: await call('stop_session', session),
  };
}

describeSandbox('the built server', () => {
  test('every client gets the same answers, over stdio and over HTTP', async () => {
    const dir = temporaryDir();
    const dataDir = join(dir, 'data');
    const workspace = join(dir, 'workspace');
    mkdirSync(join(workspace, 'in'), { recursive: true });
    writeFileSync(join(workspace, 'in', 'données.csv'), 'a,b\n1,2\n');
    writeFileSync(join(workspace, 'plot.png'), 'older');
    stopAfterTest(dataDir);
    const args = ['--data-dir', dataDir, '--workspace', workspace];
    const http = await httpProcess(args);
    const targets: [string, Target][] = [
      ['stdio', { args }],
      ['http', http],
    ];
    const tours = new Map<string, Awaited<ReturnType<typeof tour>>>();
    for (const [name, target] of targets)
      for (const kind of clientKinds)
        tours.set(`${kind} over ${name}`, await tour(await connect(kind, target)));

    const expected = tours.get('2.x modern over stdio');
    if (!expected) throw new Error('There was no tour.');
    expect(expected).toMatchObject({
      instructions: expect.stringMatching(/^Amazon Bedrock AgentCore/),
      status: {
        structuredContent: {
          backend: 'local',
          capabilities: expect.arrayContaining([
            { name: 'Code sessions', works: true },
            expect.objectContaining({ name: 'Browser sessions' }),
            expect.objectContaining({ name: 'Language model for agents', works: false }),
          ]),
        },
      },
      sum: {
        structuredContent: {
          exit_code: 0,
          stdout: 'héllo 数据\n42',
          origin: expect.stringMatching(/^local, account/),
        },
      },
      upload: { structuredContent: { stdout: "'a,b\\n1,2\\n'" } },
      plot: {
        structuredContent: { downloaded: [join(workspace, 'plot.png')] },
        content: [
          { type: 'text' },
          { type: 'image', mimeType: 'image/png' },
          { type: 'resource_link', name: 'plot.png' },
        ],
      },
      shell: { structuredContent: { exit_code: 3, stdout: 'out\n', stderr: 'err\n' } },
      failing: { structuredContent: { exit_code: 1, stderr: expect.stringContaining('ZeroDivisionError') } },
      wrong: { isError: true, structuredContent: { code: 'InvalidArgument' } },
      unknown: { code: -32602, message: 'There is no tool "run_cod". Did you mean run_code?' },
      api: { structuredContent: { result: { codeInterpreterId: 'aws.codeinterpreter.v1' } } },
      notThere: { code: -32602 },
      stopped: { structuredContent: { stopped: 'SESSION' } },
      stoppedTwice: { isError: true, structuredContent: { code: 'NotFound' } },
    });
    expect(expected.instructions?.length).toBeLessThanOrEqual(1200);
    expect(readFileSync(join(workspace, 'plot.png')).subarray(1, 4).toString()).toBe('PNG');
    for (const [client, { long, ...seen }] of tours) {
      expect(long, client).toMatchObject({
        structuredContent: { omitted: expect.stringMatching(/of stdout$/) },
      });
      expect({ ...seen, long: expected.long }, client).toEqual(expected);
    }
  });

  test.each(clientKinds)(
    'a file of a session is read through its link by the %s client',
    async (kind: ClientKind) => {
      const dir = temporaryDir();
      stopAfterTest(join(dir, 'data'));
      const client = await connect(kind, { args: ['--data-dir', join(dir, 'data'), '--workspace', dir] });
      const code =
        'open("été 1.txt", "w").write("contents 数据")\nopen("b.bin", "wb").write(bytes([0, 255]))';
      const { content } = (await client.callTool({
        name: 'run_code',
        arguments: { code, download: ['été 1.txt', 'b.bin'] },
      })) as { content: { type: string; uri: string }[] };
      const [text, binary] = content.filter(({ type }) => type === 'resource_link').map(({ uri }) => uri);
      expect(text).toMatch(/^agentcore:\/\/code-sessions\/[0-9A-Z]{26}\/files\/%C3%A9t%C3%A9%201\.txt$/);
      const read = async (uri = '') => (await client.readResource({ uri })).contents;
      expect(await read(text)).toEqual([{ uri: text, mimeType: 'text/plain', text: 'contents 数据' }]);
      expect(await read(binary)).toEqual([
        { uri: binary, mimeType: 'application/octet-stream', blob: 'AP8=' },
      ]);
      await expect(read(text?.replace('files/', 'files/no-such-'))).rejects.toThrow(/no-such-/);

      const [session = ''] = /[0-9A-Z]{26}/.exec(text ?? '') ?? [];
      const ref = { type: 'ref/resource', uri: 'agentcore://code-sessions/{session}/files/{+path}' } as const;
      const { completion } = await client.complete({
        ref,
        argument: { name: 'session', value: session.slice(0, 5) },
      });
      expect(completion.values).toEqual([session]);
    },
  );
});
