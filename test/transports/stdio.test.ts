import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { catalog } from '../../src/tools/catalog.ts';
import { runs, stopAfterTest, until } from '../support/engine.ts';
import { RawStdio } from '../support/raw-stdio.ts';
import { testSandbox } from '../support/sandbox.ts';
import { temporaryDir } from '../support/temporary.ts';

function setUp(args: string[] = []) {
  const dir = temporaryDir();
  const dataDir = join(dir, 'data');
  stopAfterTest(dataDir);
  return { dir, dataDir, server: new RawStdio(['--data-dir', dataDir, '--workspace', dir, ...args]) };
}

const call = (id: number, name: string, args: object) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});
type Answer = Awaited<ReturnType<RawStdio['answer']>>;
const dataOf = ({ result }: Answer) => result?.structuredContent as { session: string; note?: string };
const sessionOf = (answer: Answer) => dataOf(answer).session;
const noteOf = (answer: Answer) => dataOf(answer).note;
const sleeping = 'import time\ntime.sleep(600)';

describe('starting', () => {
  test('touches nothing, and discovery is answered all the same', async () => {
    const { dir, server } = setUp();
    await server.initialize();
    server.send({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    expect((await server.answer(1)).result?.tools).toHaveLength(catalog.length);
    expect(readdirSync(dir)).toEqual([]);
    server.process.stdin.end();
    expect(await server.ended).toEqual({ code: 0, signal: null });
  });

  test('loads no AWS SDK', async () => {
    const server = new RawStdio([], { NODE_DEBUG: 'esm' });
    await server.initialize();
    server.send({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    await server.answer(1);
    expect(server.stderr).not.toBe('');
    expect(server.stderr).not.toMatch(/@aws-sdk|@smithy/);
  });

  testSandbox('twice at the same time, as hosts that probe do, works twice', async () => {
    const { dataDir, server } = setUp();
    const sibling = new RawStdio(['--data-dir', dataDir]);
    for (const each of [server, sibling]) {
      await each.initialize();
      each.send(call(1, 'run_code', { code: '6*7', session: 'shared' }));
    }
    const [first, second] = await Promise.all([server.answer(1), sibling.answer(1)]);
    for (const { result } of [first, second])
      expect(result).toMatchObject({ structuredContent: { stdout: '42', exit_code: 0 } });
    expect(sessionOf(second)).toBe(sessionOf(first));
    sibling.process.kill('SIGKILL');
    await sibling.ended;
    server.send(call(2, 'list_resources', { kind: 'code_session' }));
    expect((await server.answer(2)).result).not.toHaveProperty('isError');
  });

  testSandbox('a new label means one session, also to servers that use it at the same time', async () => {
    const { dataDir, server } = setUp();
    const servers = [server, new RawStdio(['--data-dir', dataDir]), new RawStdio(['--data-dir', dataDir])];
    for (const each of servers) {
      await each.initialize();
      each.send(call(0, 'run_code', { code: '1', session: 'first' }));
    }
    await Promise.all(servers.map((each) => each.answer(0)));
    for (const id of [1, 2, 3]) {
      for (const each of servers)
        each.send(call(id, 'run_code', { code: 'n = globals().get("n", 0) + 1', session: `race ${id}` }));
      const answers = await Promise.all(servers.map((each) => each.answer(id)));
      expect(new Set(answers.map(sessionOf)).size).toBe(1);
      expect(new Set(answers.map(noteOf)).size).toBe(2);
    }
    server.send(call(4, 'run_code', { code: 'n', session: 'race 3' }));
    expect((await server.answer(4)).result).toMatchObject({ structuredContent: { stdout: '3' } });
    server.send(call(5, 'list_resources', { kind: 'code_session' }));
    const { structuredContent } = (await server.answer(5)).result as {
      structuredContent: { items: object[] };
    };
    expect(structuredContent.items).toHaveLength(4);
  });

  test('with a tool name that does not exist fails with the nearest one', async () => {
    const server = new RawStdio(['--tools', 'run_cod']);
    expect(await server.ended).toMatchObject({ code: 2 });
    expect(server.stderr).toContain('Did you mean run_code?');
    expect(server.stdout).toBe('');
  });
});

describe('stdout', () => {
  test('carries only messages, whatever is asked and however it fails', async () => {
    const { server } = setUp(['--log-level', 'debug']);
    await server.initialize();
    server.send(
      'this is no JSON',
      '[{"jsonrpc":"2.0","id":9,"method":"ping"}]',
      '{"jsonrpc":"1.0"}',
      call(1, 'get_status', {}),
      call(2, 'no_such_tool', {}),
      call(3, 'run_code', {
        code: 'print("\\x1b[31m\\n{\\"jsonrpc\\":\\"2.0\\",\\"id\\":77,\\"result\\":{}}")',
      }),
      { jsonrpc: '2.0', id: 4, method: 'no/such/method' },
      { jsonrpc: '2.0', id: 5, method: 'resources/read', params: { uri: 'agentcore://nothing' } },
    );
    await Promise.all([1, 2, 3, 4, 5].map((id) => server.answer(id)));
    const ids = server.messages.map(({ id }) => id);
    expect(ids.filter((id) => id !== undefined).toSorted()).toEqual([1, 2, 3, 4, 5, 'init']);
    expect(server.messages.filter(({ error }) => error?.code === -32600)).toHaveLength(2);
    expect(await server.answer(2)).toMatchObject({
      error: { code: -32602, message: expect.stringContaining('There is no tool') },
    });
    expect(await server.answer(4)).toMatchObject({ error: { code: -32601 } });
    expect(await server.answer(5)).toMatchObject({
      error: { code: -32602, message: expect.stringContaining('not found') },
    });
  });
});

test.each(['{"id":7,"method":"ping"}', '[1]', '{"jsonrpc":"2.0","id":[1],"method":3}'])(
  'what is no message is logged in one short line: %s',
  async (line) => {
    const { server } = setUp();
    server.send(line);
    await until(() => server.messages.length > 0);
    server.process.stdin.end();
    await server.ended;
    expect(server.stderr.trim().split('\n')).toHaveLength(1);
    expect(server.stderr.length).toBeLessThan(300);
    expect(JSON.parse(server.stderr).reason).toMatch(/^Invalid Request: each line is one JSON-RPC message/);
  },
);

test('stdout is kept from whatever else prints, from the first message on', async () => {
  const noise = 'data:text/javascript,setInterval(() => console.log("noise"), 100)';
  const server = new RawStdio([], { NODE_OPTIONS: `--import=${encodeURI(noise)}` });
  await server.initialize();
  await until(() => server.stderr.includes('noise'));
  server.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
  await server.answer(1);
  expect(server.stdout).not.toContain('noise');
});

describe('the end', () => {
  testSandbox.each(['SIGINT', 'SIGTERM'] as const)(
    '%s, also twice, ends it, and what runs in it',
    async (signal) => {
      const { server, dataDir } = setUp();
      await server.initialize();
      server.send(call(1, 'run_code', { code: sleeping, session: 'long' }));
      await until(() => existsSync(dataDir));
      server.process.kill(signal);
      await sleep(5);
      server.process.kill(signal);
      expect(await server.ended).toEqual({ code: 0, signal: null });
      expect(server.messages.map(({ id }) => id)).toEqual(['init']);
    },
  );

  testSandbox('of stdin ends it in the middle of a call, and the session lives on', async () => {
    const { server, dataDir } = setUp();
    await server.initialize();
    server.send(call(1, 'run_code', { code: 'x = 42', session: 'long' }));
    await server.answer(1);
    server.send(call(2, 'run_code', { code: sleeping, session: 'long' }));
    server.send(call(3, 'get_status', {}));
    await server.answer(3);
    server.process.stdin.end();
    expect(await server.ended).toMatchObject({ code: 0 });
    const next = new RawStdio(['--data-dir', dataDir]);
    await next.initialize();
    next.send(call(1, 'run_code', { code: 'x', session: 'long' }));
    expect((await next.answer(1)).result).toMatchObject({ structuredContent: { stdout: '42' } });
  });

  test('of its reader ends it', async () => {
    const { server } = setUp();
    await server.initialize();
    server.process.stdout.destroy();
    server.send(call(1, 'get_status', {}));
    server.send({ jsonrpc: '2.0', id: 2, method: 'tools/list' });
    await until(() => !runs(server.process.pid ?? 0));
  });

  test('comes after the answers to what was already asked', async () => {
    const { server } = setUp();
    server.initialize().catch(() => {});
    server.send({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    server.process.stdin.end();
    await server.ended;
    expect(server.messages.map(({ id }) => id)).toContain(1);
  });

  test('of a message that never ends ends the connection', async () => {
    const { server } = setUp();
    await server.initialize();
    const chunk = 'x'.repeat(1024 * 1024);
    for (let i = 0; i < 40; i++) server.process.stdin.write(chunk);
    expect(await server.ended).toEqual({ code: 0, signal: null });
    expect(server.stderr).toContain('longer than');
  });
});

test('messages of many megabytes are read', async () => {
  const { server } = setUp();
  await server.initialize();
  server.send(call(1, 'run_code', { code: 'x'.repeat(24 * 1024 * 1024), language: 'cobol' }));
  expect((await server.answer(1)).result).toMatchObject({ structuredContent: { code: 'InvalidArgument' } });
});

testSandbox('a call is cancelled by its client, and the session is free for the next', async () => {
  const { server } = setUp();
  await server.initialize();
  server.send(call(1, 'run_code', { code: 'x = 1', session: 's' }));
  await server.answer(1);
  server.send(call(2, 'run_code', { code: sleeping, session: 's', wait_seconds: 600 }));
  server.send(call(3, 'get_status', {}));
  await server.answer(3);
  server.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 2 } });
  server.send(call(4, 'run_code', { code: 'x + 1', session: 's' }));
  expect((await server.answer(4)).result).toMatchObject({ structuredContent: { stdout: '2' } });
  expect(server.messages.map(({ id }) => id)).not.toContain(2);
});

testSandbox('progress is told while a call waits', async () => {
  const { server } = setUp();
  await server.initialize();
  const waiting = call(1, 'run_code', { code: 'import time\ntime.sleep(6)' });
  server.send({ ...waiting, params: { ...waiting.params, _meta: { progressToken: 'p' } } });
  await server.answer(1);
  const told = server.messages
    .filter(({ method }) => method === 'notifications/progress')
    .map(({ params }) => params as { progressToken: string; progress: number; message: string });
  expect(told.map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/running the code \(5 s\)/),
  );
  expect(told.map(({ progress }) => progress)).toEqual(told.map((_, index) => index + 1));
  expect(told.every(({ progressToken }) => progressToken === 'p')).toBe(true);
});
