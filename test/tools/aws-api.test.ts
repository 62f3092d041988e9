import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Tiktoken } from 'js-tiktoken/lite';
import ranks from 'js-tiktoken/ranks/cl100k_base';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Context } from '../../src/context.ts';
import { findEngine } from '../../src/engine/process.ts';
import { runTool } from '../../src/tools/call.ts';
import { catalog } from '../../src/tools/catalog.ts';
import { descriptorOf } from '../../src/tools/descriptor.ts';
import { contextWith } from '../support/contexts.ts';
import { ACCOUNT, REGION, SECRET, startWire, type TestHandler } from '../support/wire.ts';

interface Result {
  text: string;
  data: Record<string, unknown> & { code?: string; message?: string; hint?: string };
  failed: boolean;
}

async function call(context: Context, tool: string, args: Record<string, unknown>): Promise<Result> {
  const { content, structuredContent, isError } = await runTool(context, tool, args, {
    signal: AbortSignal.timeout(30_000),
  });
  const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('\n');
  return { text, data: structuredContent as Result['data'], failed: isError === true };
}

test('the three tools fit their budget of 900 tokens', () => {
  const encoding = new Tiktoken(ranks);
  const tools = catalog.filter(({ toolset }) => toolset === 'api');
  expect(tools.map(({ name }) => name).sort()).toEqual(['call_aws_api', 'read_aws_api', 'search_aws_api']);
  const sizes = tools.map((tool) => encoding.encode(JSON.stringify(descriptorOf(tool, {}))).length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(900);
});

describe('on the local engine', () => {
  const interpreter = { codeInterpreterIdentifier: 'aws.codeinterpreter.v1' };

  test('words to operation, operation to types, types to a running session and back', async () => {
    const context = contextWith();
    const found = await call(context, 'search_aws_api', { query: 'start a code session', limit: 3 });
    expect(found.data.operations).toMatchObject([
      { name: 'StartCodeInterpreterSession', plane: 'data', kind: 'write' },
      {},
      {},
    ]);
    const described = await call(context, 'search_aws_api', { query: 'start_code_interpreter_session' });
    expect(described.text).toContain('example: call_aws_api {"operation":"StartCodeInterpreterSession"');

    const started = await call(context, 'call_aws_api', {
      operation: 'StartCodeInterpreterSession',
      params: interpreter,
    });
    const { sessionId } = started.data.result as { sessionId: string };
    expect(sessionId).toMatch(/^[0-9A-Z]{26}$/);
    expect(started.data.request_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(started.text).toContain('origin: local, account 000000000000, us-east-1');

    const session = { ...interpreter, sessionId };
    const ran = await call(context, 'call_aws_api', {
      operation: 'InvokeCodeInterpreter',
      params: { ...session, name: 'executeCode', arguments: { language: 'python', code: 'print(6 * 7)' } },
    });
    expect(ran.data.result).toMatchObject({
      stream: [{ result: { structuredContent: { stdout: '42', exitCode: 0 } } }],
    });

    const bytes = Buffer.from([0, 255, 254, 1]);
    await context.workspace.write('in.bin', bytes);
    const wrote = await call(context, 'call_aws_api', {
      operation: 'InvokeCodeInterpreter',
      params: {
        ...session,
        name: 'writeFiles',
        arguments: { content: [{ path: 'x.bin', blob: { file: 'in.bin' } }] },
      },
    });
    expect(wrote.failed).toBe(false);
    const readBack = await call(context, 'call_aws_api', {
      operation: 'InvokeCodeInterpreter',
      params: { ...session, name: 'readFiles', arguments: { paths: ['x.bin'] } },
    });
    expect(readBack.text).toContain(`{"bytes":4,"base64":"${bytes.toString('base64')}"}`);

    const listed = await call(context, 'read_aws_api', {
      operation: 'list code interpreter sessions',
      params: JSON.stringify(interpreter),
      max_items: 10,
    });
    expect(listed.data.result).toMatchObject({ items: [{ sessionId, status: 'READY' }] });

    await call(context, 'call_aws_api', { operation: 'StopCodeInterpreterSession', params: session });
    const after = await call(context, 'read_aws_api', {
      operation: 'GetCodeInterpreterSession',
      params: session,
    });
    expect(after.data.result).toMatchObject({ status: 'TERMINATED' });
  });

  test('a long call becomes a task', async () => {
    const context = contextWith();
    const started = await call(context, 'call_aws_api', {
      operation: 'StartCodeInterpreterSession',
      params: interpreter,
    });
    const { sessionId } = started.data.result as { sessionId: string };
    const slow = await call(context, 'call_aws_api', {
      operation: 'InvokeCodeInterpreter',
      params: {
        ...interpreter,
        sessionId,
        name: 'executeCommand',
        arguments: { command: 'sleep 2; echo late' },
      },
      wait_seconds: 0,
    });
    expect(slow.data.task).toEqual(expect.any(String));
    const done = await call(context, 'get_task', { task: slow.data.task, wait_seconds: 20 });
    expect(done.text).toContain('late');
  });

  test('a dry run sends nothing and starts no engine', async () => {
    const context = contextWith();
    const shown = await call(context, 'call_aws_api', {
      operation: 'CreateApiKeyCredentialProvider',
      params: { name: 'weather', apiKey: 'a-very-secret-api-key' },
      dry_run: true,
    });
    expect(shown.data.request).toBe(
      'POST /identities/CreateApiKeyCredentialProvider\ncontent-type: application/json\n\n{"name":"weather","apiKey":"[hidden]"}',
    );
    const queried = await call(context, 'call_aws_api', {
      operation: 'GetCodeInterpreterSession',
      params: { ...interpreter, sessionId: '01K2' },
      dry_run: true,
    });
    expect(queried.data.request).toBe(
      'GET /code-interpreters/aws.codeinterpreter.v1/sessions/get?sessionId=01K2',
    );
    expect(await findEngine(context.config.dataDir)).toBeUndefined();
  });

  test('nothing is sent where the answer could not be saved', async () => {
    const context = contextWith();
    await context.workspace.write('d.csv', Buffer.from('1'));
    await context.workspace.write('folder/file', Buffer.from('1'));
    for (const save_to of ['../x', '.hidden', 'd.csv/x', 'd.csv/x/y', 'folder', '.', 'x'.repeat(300)]) {
      const refused = await call(context, 'call_aws_api', {
        operation: 'StartCodeInterpreterSession',
        params: interpreter,
        save_to,
      });
      expect(refused.failed, save_to).toBe(true);
      expect(refused.data.code, save_to).toMatch(/^(OutsideWorkspace|HiddenFile|WorkspaceFile|NotAFile)$/);
    }
    expect(await findEngine(context.config.dataDir)).toBeUndefined();
  });

  test('reading refuses what does not only read, and names the other tool', async () => {
    const context = contextWith();
    for (const operation of ['DeleteMemory', 'GetResourceApiKey', 'InvokeAgentRuntime', 'evaluate']) {
      const refused = await call(context, 'read_aws_api', { operation });
      expect(refused.data).toMatchObject({
        code: 'NotReading',
        hint: expect.stringContaining('call_aws_api'),
      });
    }
  });

  test('read-only takes away call_aws_api and leaves the others', async () => {
    const context = contextWith(['--read-only']);
    expect(context.offer.tools.map(({ name }) => name)).not.toContain('call_aws_api');
    const refused = await call(context, 'call_aws_api', { operation: 'CreateMemory' });
    expect(refused.data).toMatchObject({
      code: 'ToolDisabled',
      hint: expect.stringContaining('--read-only'),
    });
    const allowed = await call(context, 'search_aws_api', { query: 'CreateMemory' });
    expect(allowed.failed).toBe(false);
  });

  test('wrong names and wrong input are answered with the right ones', async () => {
    const context = contextWith();
    const misspelt = await call(context, 'read_aws_api', { operation: 'ListMemorys' });
    expect(misspelt.data.message).toContain('Did you mean ListMemories?');
    const incomplete = await call(context, 'call_aws_api', {
      operation: 'CreateMemory',
      params: { naem: 'x' },
    });
    expect(incomplete.data.message).toBe(
      'CreateMemory: naem is unknown (did you mean name?); name is required; eventExpiryDuration is required.',
    );
    const pageless = await call(context, 'read_aws_api', {
      operation: 'GetMemory',
      params: { memoryId: 'my_memory-1234567890' },
      max_items: 3,
    });
    expect(pageless.data.message).toContain('GetMemory has no pages');
    const nowhere = await call(context, 'read_aws_api', {
      operation: 'ListCodeInterpreters',
      region: 'nowhere',
    });
    expect(nowhere.data).toMatchObject({
      code: 'InvalidArgument',
      message: 'The region "nowhere" is not a region such as us-east-1.',
    });
    const noObject = await call(context, 'read_aws_api', { operation: 'ListMemories', params: '[1' });
    expect(noObject.data).toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringContaining('params must be an object'),
    });
  });
});

describe('on AWS, whose wire here answers what a handler says', () => {
  const handlers: Record<string, TestHandler> = {};
  let wire: Awaited<ReturnType<typeof startWire>>;
  const answer = (operation: string, handler: TestHandler) => {
    handlers[operation] = handler;
  };

  beforeAll(async () => {
    const all = [
      'GetResourceApiKey',
      'GetAgentRuntime',
      'ListMemories',
      'InvokeAgentRuntime',
      'InvokeHarness',
    ];
    wire = await startWire(
      Object.fromEntries(
        all.map(
          (name) =>
            [name, (input, given) => (handlers[name] as TestHandler)(input, given)] satisfies [
              string,
              TestHandler,
            ],
        ),
      ),
    );
  });
  afterAll(() => wire.close());
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  function awsContext(...flags: string[]): Context {
    vi.stubEnv('AWS_ACCESS_KEY_ID', ACCOUNT);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRET);
    vi.stubEnv('AWS_PROFILE', undefined);
    vi.stubEnv('AWS_REGION', REGION);
    vi.stubEnv('AWS_ENDPOINT_URL', wire.config.endpoint);
    return contextWith(['--backend', 'aws', ...flags]);
  }

  test('a secret in an answer never reaches the model, and the answer says so', async () => {
    answer('GetResourceApiKey', async () => ({ apiKey: 'sk-live-0123456789' }));
    const got = await call(awsContext('--allow-writes'), 'call_aws_api', {
      operation: 'GetResourceApiKey',
      params: { workloadIdentityToken: 'token-0123456789', resourceCredentialProviderName: 'weather' },
    });
    expect(got.data.result).toEqual({ apiKey: '[hidden]' });
    expect(got.text).toContain('do not belong into a conversation: apiKey');
    expect(JSON.stringify(got)).not.toContain('sk-live');
  });

  test('of environment variables the names are shown, not the values; content stays', async () => {
    answer('GetAgentRuntime', async () => ({
      agentRuntimeArn: `arn:aws:bedrock-agentcore:${REGION}:${ACCOUNT}:runtime/a-1234567890`,
      agentRuntimeId: 'a-1234567890',
      agentRuntimeName: 'a',
      agentRuntimeVersion: '1',
      createdAt: new Date('2026-11-22T10:00:00Z'),
      lastUpdatedAt: new Date('2026-11-22T10:00:00Z'),
      roleArn: 'arn:aws:iam::111122223333:role/r',
      networkConfiguration: { networkMode: 'PUBLIC' },
      lifecycleConfiguration: {},
      status: 'READY',
      description: 'an agent',
      environmentVariables: { TOKEN: 'hush-hush-hush' },
    }));
    const got = await call(awsContext(), 'read_aws_api', {
      operation: 'GetAgentRuntime',
      params: { agentRuntimeId: 'a-1234567890' },
    });
    expect(got.data.result).toMatchObject({
      createdAt: '2026-11-22T10:00:00.000Z',
      description: 'an agent',
      environmentVariables: { TOKEN: '[hidden]' },
    });
    expect(got.text).not.toContain('hush');
  });

  test('without --allow-writes, what only reads is let through, in whatever spelling, and nothing else', async () => {
    answer('ListMemories', async () => ({ memories: [] }));
    answer('GetResourceApiKey', async () => ({ apiKey: 'sk-live-0123456789' }));
    const context = awsContext();
    for (const operation of ['ListMemories', 'list_memories', 'List memories'])
      expect((await call(context, 'call_aws_api', { operation })).data.result).toEqual({ memories: [] });
    const params = { workloadIdentityToken: 'token-0123456789', resourceCredentialProviderName: 'weather' };
    for (const [operation, code] of [
      ['GetResourceApiKey', 'WritesNotAllowed'],
      ['get_resource_api_key', 'WritesNotAllowed'],
      ['getresourceapikey', 'WritesNotAllowed'],
      ['GetResourceapikey', 'WritesNotAllowed'],
      ['get_resourceapikey', 'WritesNotAllowed'],
      ['invoke_harness', 'WritesNotAllowed'],
      ['FrobnicateMemory', 'UnknownOperation'],
    ])
      expect((await call(context, 'call_aws_api', { operation, params })).data, operation).toMatchObject({
        code,
      });
  });

  test('pages are fetched until there are enough items, otherwise the token is handed on', async () => {
    const asked: unknown[] = [];
    answer('ListMemories', async ({ maxResults = 2, nextToken = '0' }) => {
      asked.push(maxResults);
      const from = Number(nextToken);
      const memories = Array.from({ length: Math.min(Number(maxResults), 40, 90 - from) }, (_, i) => ({
        id: `memory_${from + i}-1234567890`,
        createdAt: new Date(0),
        updatedAt: new Date(0),
      }));
      const next = from + memories.length;
      return { memories, ...(next < 90 && { nextToken: String(next) }) };
    });
    const context = awsContext();
    const ids = ({ data }: Result) =>
      (data.result as { memories: { id: string }[] }).memories.map(({ id }) => id);
    const some = await call(context, 'read_aws_api', { operation: 'ListMemories', max_items: 50 });
    expect(ids(some)).toHaveLength(50);
    expect(some.data.result).toMatchObject({ nextToken: '50' });
    expect(asked).toEqual([50, 10]);
    const rest = await call(context, 'read_aws_api', {
      operation: 'ListMemories',
      params: { nextToken: '50' },
      max_items: 1000,
    });
    expect(ids(rest)).toHaveLength(40);
    expect(new Set([...ids(some), ...ids(rest)])).toHaveLength(90);
    expect(rest.data.result).not.toHaveProperty('nextToken');
    expect(ids(await call(context, 'read_aws_api', { operation: 'ListMemories' }))).toHaveLength(2);
    asked.length = 0;
    const args = { operation: 'ListMemories', params: { maxResults: 2 }, max_items: 5 };
    const five = await call(context, 'read_aws_api', args);
    expect(ids(five)).toHaveLength(5);
    expect(asked).toEqual([2, 2, 1]);
  });

  test('pages that outlast the wait become a task', async () => {
    answer('ListMemories', async ({ nextToken = '0' }) => {
      await sleep(20);
      const id = `memory_${nextToken}-1234567890`;
      const memories = [{ id, createdAt: new Date(0), updatedAt: new Date(0) }];
      return { memories, nextToken: String(Number(nextToken) + 1) };
    });
    const context = awsContext();
    const args = { operation: 'ListMemories', max_items: 1000, wait_seconds: 0 };
    const { data } = await call(context, 'read_aws_api', args);
    expect(data).toMatchObject({ status: 'running', task: expect.any(String) });
    const done = await call(context, 'get_task', { task: data.task, wait_seconds: 30 });
    expect(done.data).toMatchObject({ status: 'completed', result: { result: { nextToken: '50' } } });
  });

  test('read-only, a call that reads can still be cancelled', async () => {
    answer('ListMemories', () => new Promise(() => {}));
    const context = awsContext('--read-only');
    const { data } = await call(context, 'read_aws_api', { operation: 'ListMemories', wait_seconds: 0 });
    const cancelled = await call(context, 'get_task', { task: data.task, cancel: true });
    expect(cancelled.data).toMatchObject({ status: 'cancelled' });
  });

  test('a streamed body is shown as text, or saved as it is', async () => {
    const body = Buffer.concat([Buffer.from('{"answer": "höhe"}'), Buffer.from([0xff])]);
    answer('InvokeAgentRuntime', async ({ payload }) => ({
      contentType: 'application/json',
      statusCode: 200,
      response:
        Buffer.from(payload as Uint8Array).toString() === 'binary'
          ? body
          : Buffer.from(payload as Uint8Array),
    }));
    const context = awsContext('--allow-writes');
    const agentRuntimeArn = `arn:aws:bedrock-agentcore:${REGION}:${ACCOUNT}:runtime/a-1234567890`;
    const invoke = (payload: unknown, more = {}) =>
      call(context, 'call_aws_api', {
        operation: 'InvokeAgentRuntime',
        params: { agentRuntimeArn, payload },
        ...more,
      });
    expect((await invoke({ json: { q: 'ñ' } })).data.result).toMatchObject({ response: '{"q":"ñ"}' });
    expect((await invoke('binary')).data.result).toMatchObject({
      response: { bytes: body.length, base64: body.toString('base64') },
    });
    const saved = await invoke('binary', { save_to: 'out/answer.bin' });
    expect(saved.data).toMatchObject({ saved: expect.stringContaining('answer.bin') });
    expect(saved.data).not.toHaveProperty('result');
    expect(readFileSync(join(context.config.workspace, 'out/answer.bin'))).toEqual(body);
  });

  test('an answer that can no longer be saved is shown, with a note', async () => {
    const context = awsContext('--allow-writes');
    answer('InvokeAgentRuntime', async () => {
      mkdirSync(join(context.config.workspace, 'answer.txt'), { recursive: true });
      return { contentType: 'text/plain', statusCode: 200, response: Buffer.from('ran once') };
    });
    const { failed, data } = await call(context, 'call_aws_api', {
      operation: 'InvokeAgentRuntime',
      params: {
        agentRuntimeArn: `arn:aws:bedrock-agentcore:${REGION}:${ACCOUNT}:runtime/a-1234567890`,
        payload: 'x',
      },
      save_to: 'answer.txt',
    });
    expect(failed).toBe(false);
    expect(data).toMatchObject({
      result: { response: 'ran once' },
      notes: [expect.stringMatching(/was not saved: answer\.txt .*is a folder/)],
    });
    expect(data).not.toHaveProperty('saved');
  });

  test('the events of a stream are listed; an error among them is the answer', async () => {
    const { RuntimeClientError } = await import('@aws-sdk/client-bedrock-agentcore');
    answer('InvokeHarness', async () => ({
      stream: (async function* () {
        yield { messageStart: { role: 'assistant' } };
        yield { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'hello' } } };
        yield { messageStop: { stopReason: 'end_turn' } };
      })(),
    }));
    const context = awsContext('--allow-writes');
    const params = {
      harnessArn: `arn:aws:bedrock-agentcore:${REGION}:${ACCOUNT}:harness/h-1234567890`,
      runtimeSessionId: 'a-session-id-of-at-least-33-characters',
      messages: [{ role: 'user', content: [{ text: 'hi' }] }],
    };
    const spoken = await call(context, 'call_aws_api', { operation: 'InvokeHarness', params });
    expect(spoken.data.result).toMatchObject({
      stream: [
        { messageStart: { role: 'assistant' } },
        { contentBlockDelta: { delta: { text: 'hello' } } },
        { messageStop: { stopReason: 'end_turn' } },
      ],
    });
    answer('InvokeHarness', async () => ({
      stream: (async function* () {
        yield { messageStart: { role: 'assistant' } };
        throw new RuntimeClientError({ message: 'The container ended', $metadata: {} });
      })(),
    }));
    const broken = await call(context, 'call_aws_api', { operation: 'InvokeHarness', params });
    expect(broken.data).toMatchObject({
      code: 'RuntimeClientError',
      message: 'InvokeHarness failed.',
      details: 'The container ended',
    });
    expect(broken.text).toMatch(/<(untrusted-\w+)>\nThe container ended\n<\/\1>/);
    expect(broken.failed).toBe(true);
  });

  test('the region inside an ARN wins, unless --region is a boundary', async () => {
    const seen: string[] = [];
    answer('InvokeAgentRuntime', async (_input, { region }) => {
      seen.push(region);
      return { contentType: 'text/plain', response: Buffer.from('ok') };
    });
    const context = awsContext('--allow-writes');
    const arn = (region: string) => `arn:aws:bedrock-agentcore:${region}:${ACCOUNT}:runtime/a-1234567890`;
    const invoke = (agentRuntimeArn: string, to = context) =>
      call(to, 'call_aws_api', {
        operation: 'InvokeAgentRuntime',
        params: { agentRuntimeArn, payload: '' },
      });
    await invoke('a-1234567890');
    await invoke(arn('ap-southeast-2'));
    const refused = await invoke(arn('ap-southeast-2'), awsContext('--allow-writes', '--region', REGION));
    expect(refused.data).toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringContaining('--region'),
    });
    expect(seen).toEqual([REGION, 'ap-southeast-2']);
  });

  test('without --allow-writes nothing is changed, but a dry run is shown', async () => {
    const context = awsContext();
    const operation = {
      operation: 'GetResourceApiKey',
      params: { workloadIdentityToken: 't', resourceCredentialProviderName: 'w' },
    };
    expect((await call(context, 'call_aws_api', operation)).data).toMatchObject({
      code: 'WritesNotAllowed',
      hint: expect.stringContaining('--allow-writes'),
    });
    const shown = await call(context, 'call_aws_api', { ...operation, dry_run: true });
    expect(shown.data.request).toMatch(new RegExp(`^POST ${wire.config.endpoint}/identities/api-key\n`));
    expect(shown.data.request).toContain('"workloadIdentityToken":"[hidden]"');
    expect(shown.text).not.toMatch(/authorization|Signature/i);
  });
});
