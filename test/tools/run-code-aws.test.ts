import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventStreamCodec } from '@smithy/core/event-streams';
import { fromUtf8, toUtf8 } from '@smithy/core/serde';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createAgentCore } from '../../src/agentcore/agentcore.ts';
import { invokeCodeInterpreter } from '../../src/agentcore/code-interpreter.ts';
import { parseConfig } from '../../src/config.ts';
import type { Context } from '../../src/context.ts';
import { readResource } from '../../src/resources/resources.ts';
import { codeFileUri } from '../../src/resources/uris.ts';
import { runTool } from '../../src/tools/call.ts';
import {
  type Captured,
  callerIdentity,
  json,
  type Recorded,
  recorded,
  startStandIn,
  stubAwsUser,
} from '../support/aws-stand-in.ts';
import { contextWith, patient } from '../support/contexts.ts';

const sessionId = '01KA1B2C3D4E5F6G7H8J9KMNPQ';
const codec = new EventStreamCodec(toUtf8, fromUtf8);
let standIn: Awaited<ReturnType<typeof startStandIn>>;
let context: Context;

beforeEach(async () => {
  standIn = await startStandIn();
  stubAwsUser(standIn.url);
  context = contextWith(['--backend', 'aws', '--region', 'eu-west-1', '--allow-writes']);
  return () => standIn.close();
});
afterEach(() => vi.unstubAllEnvs());

function event(headers: Record<string, string>, body: object): Recorded {
  const tagged = Object.entries({ ':content-type': 'application/json', ...headers });
  const message = codec.encode({
    headers: Object.fromEntries(tagged.map(([name, value]) => [name, { type: 'string', value }])),
    body: fromUtf8(JSON.stringify(body)),
  });
  return { status: 200, headers: { 'content-type': 'application/vnd.amazon.eventstream' }, body: message };
}

const result = (body: object) => event({ ':message-type': 'event', ':event-type': 'result' }, body);

const computed = result({
  content: [
    { type: 'text', text: '42' },
    { type: 'image', data: Buffer.from('picture').toString('base64'), mimeType: 'image/png' },
  ],
  structuredContent: { stdout: '42', stderr: '', exitCode: 0, executionTime: 0.0149 },
  isError: false,
});

const refusedFile = result({ content: [{ type: 'text', text: 'in.txt: no space' }], isError: true });

/** AWS without custom interpreters, with one session and a given answer to what is done in it, and to other calls where `others` gives one. */
function answerWith(
  invoke: (request: Captured) => Recorded | undefined,
  others: Record<string, () => Recorded | undefined> = {},
): Captured[] {
  const requests: Captured[] = [];
  standIn.answer((request) => {
    if (request.body.includes('GetCallerIdentity')) return callerIdentity('123456789012');
    if (request.path.startsWith('/code-interpreters?')) return json({ codeInterpreterSummaries: [] });
    requests.push(request);
    const [, what] =
      /sessions\/(start|get|list|stop)|tools\/(invoke)/.exec(request.path)?.filter(Boolean) ?? [];
    const session = {
      codeInterpreterIdentifier: 'aws.codeinterpreter.v1',
      sessionId,
      createdAt: '2026-01-01T00:00:00Z',
    };
    const other = others[what ?? '']?.();
    if (other) return other;
    switch (what) {
      case 'start':
        return json(session);
      case 'list':
        return json({ items: [] });
      case 'get':
        return json({ ...session, status: 'READY' });
      case 'stop':
        return json(session);
      default:
        return invoke(request);
    }
  });
  return requests;
}

const run = (args: object) => runTool(context, 'run_code', args, patient());
const paths = (requests: Captured[]) =>
  requests.map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`);
const base = '/code-interpreters/aws.codeinterpreter.v1';

describe('run_code on AWS', () => {
  test('sends what it sends to the engine, and names who answered', async () => {
    const requests = answerWith(() => computed);
    const { structuredContent, content } = await run({ code: '6*7', session: 'sums', timeout_seconds: 20 });
    expect(structuredContent).toMatchObject({
      session: sessionId,
      stdout: '42',
      exit_code: 0,
      seconds: 0.015,
      origin: 'aws, account 123456789012, eu-west-1',
    });
    expect(content[1]).toEqual({
      type: 'image',
      mimeType: 'image/png',
      data: Buffer.from('picture').toString('base64'),
    });
    expect(paths(requests)).toEqual([
      `POST ${base}/sessions/list`,
      `PUT ${base}/sessions/start`,
      `POST ${base}/sessions/list`,
      `POST ${base}/tools/invoke`,
    ]);
    expect(JSON.parse(requests[1]?.body ?? '')).toMatchObject({ name: 'sums', sessionTimeoutSeconds: 3600 });
    expect(JSON.parse(requests[3]?.body ?? '')).toEqual({
      name: 'executeCode',
      arguments: { code: '6*7', language: 'python' },
    });
    expect(requests[3]?.headers).toMatchObject({
      'x-amzn-code-interpreter-session-id': sessionId,
      'x-agentcore-mcp-timeout-ms': '20000',
    });
  });

  test('does not run code twice, whatever AWS answers', async () => {
    const failing = recorded('internal');
    const requests = answerWith(() => failing);
    const { isError, structuredContent } = await run({ code: 'count += 1', session: sessionId });
    expect(isError).toBe(true);
    expect(structuredContent).toMatchObject({
      code: 'InternalServer',
      requestId: expect.any(String),
      origin: 'aws, account 123456789012, eu-west-1',
    });
    expect(paths(requests).filter((path) => path.endsWith('invoke'))).toHaveLength(1);
  });

  test('asks again where AWS turned it away at the door', async () => {
    let refusals = 0;
    const requests = answerWith(() => (refusals++ === 0 ? recorded('throttling') : computed));
    expect(await run({ code: '6*7', session: sessionId })).toMatchObject({
      structuredContent: { stdout: '42' },
    });
    expect(paths(requests).filter((path) => path.endsWith('invoke'))).toHaveLength(2);
  });

  test('says who answered also where the failure is our own, or comes later with the task', async () => {
    const origin = 'aws, account 123456789012, eu-west-1';
    answerWith(() => computed, { get: () => recorded('not-found') });
    const ended = await run({ code: '1', session: sessionId });
    expect(ended).toMatchObject({
      content: [{ text: expect.stringMatching(/^SessionEnded: .*\norigin: aws, account .*$/s) }],
      structuredContent: { code: 'SessionEnded', origin },
    });
    answerWith(() => recorded('internal'));
    const { structuredContent } = await run({ code: '1', session: sessionId, wait_seconds: 0 });
    const { task } = structuredContent as { task: string };
    const later = await runTool(context, 'get_task', { task }, patient());
    expect(later.structuredContent).toMatchObject({ code: 'InternalServer', origin });
  });

  test('says nothing of who answered where nobody was asked', async () => {
    answerWith(() => computed);
    for (const args of [{}, { code: 1 }, { code: '1', session: '' }, { upload: ['missing'] }])
      expect((await run(args)).structuredContent).not.toHaveProperty('origin');
  });

  test('explains an error that comes in the stream', async () => {
    answerWith(() =>
      event(
        { ':message-type': 'exception', ':exception-type': 'conflictException' },
        { message: 'The session ended.' },
      ),
    );
    expect(await run({ code: '1', session: sessionId })).toMatchObject({
      isError: true,
      structuredContent: {
        code: 'Conflict',
        message: 'InvokeCodeInterpreter failed.',
        details: 'The session ended.',
      },
    });
  });

  test('fences what a session says about its files', async () => {
    await context.workspace.write('in.txt', Buffer.from('x'));
    const fenced = /<(untrusted-\w+)>\n.*in\.txt: no space.*\n<\/\1>/;
    answerWith(() => refusedFile);
    const refused = await run({ session: sessionId, upload: ['in.txt'] });
    expect(refused).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(fenced) }],
      structuredContent: {
        code: 'SessionFile',
        message: 'The session did not take the files.',
        details: 'in.txt: no space',
      },
    });
    const missing = await run({ session: sessionId, download: ['in.txt'] });
    expect(missing).toMatchObject({ content: [{ text: expect.stringMatching(fenced) }] });
    const read = readResource(context, codeFileUri(sessionId, 'in.txt'), patient().signal);
    await expect(read).rejects.toThrow(fenced);
  });

  test.each([
    ['internal', /^a\.txt: InvokeCodeInterpreter failed\. /],
    ['throttling', /^a\.txt: InvokeCodeInterpreter failed\. .* Wait some seconds/],
  ])('keeps what the code said where a download after it fails with %s', async (problem, why) => {
    const requests = answerWith(({ body }) => (body.includes('readFiles') ? recorded(problem) : computed));
    const { isError, structuredContent } = await run({ code: '6*7', download: ['a.txt'] });
    expect(isError).toBeUndefined();
    expect(structuredContent).toMatchObject({
      session: sessionId,
      stdout: '42',
      downloaded: [],
      not_downloaded: [expect.stringMatching(why)],
    });
    expect(paths(requests)).not.toContain(`PUT ${base}/sessions/stop`);
  });

  test.each([
    ['is refused', () => recorded('internal')],
    ['cannot write a file', () => refusedFile],
  ])('stops the session it started when what it does there %s', async (_what, invoke) => {
    await context.workspace.write('in.txt', Buffer.from('x'));
    const requests = answerWith(invoke);
    const { isError, structuredContent } = await run({ code: '1', upload: ['in.txt'] });
    expect(isError).toBe(true);
    expect(structuredContent).toMatchObject({ hint: expect.stringContaining('has been stopped') });
    expect(paths(requests)).toEqual([
      `PUT ${base}/sessions/start`,
      `POST ${base}/tools/invoke`,
      `PUT ${base}/sessions/stop`,
    ]);
  });

  test('stops the session also when it was cancelled while that one started', async () => {
    const gone = new AbortController();
    const requests = answerWith(() => computed, { start: () => void gone.abort() });
    const { structuredContent } = await runTool(context, 'run_code', { code: '1' }, { signal: gone.signal });
    expect(structuredContent).toMatchObject({ code: 'Cancelled' });
    await context.tasks.close();
    expect(paths(requests)).toEqual([`PUT ${base}/sessions/start`, `PUT ${base}/sessions/stop`]);
  });

  test.each(['sums', sessionId])(
    'names the session %s, which stays when a call in it fails',
    async (session) => {
      const requests = answerWith(() => recorded('internal'));
      const { structuredContent } = await run({ code: '1', session });
      expect(structuredContent).toMatchObject({ hint: expect.stringContaining(`session: "${sessionId}"`) });
      expect(paths(requests)).not.toContain(`PUT ${base}/sessions/stop`);
    },
  );

  test('says that something may still be running there only where that may be', async () => {
    await context.workspace.write('in.txt', Buffer.from('x'));
    const hintOf = async (args: object) => {
      const { structuredContent } = await run({ session: sessionId, ...args });
      return (structuredContent as { hint: string }).hint;
    };
    answerWith(() => refusedFile);
    const goOn = `To go on in its session, pass session: "${sessionId}"`;
    expect(await hintOf({ code: '1', upload: ['in.txt'] })).toBe(`${goOn}.`);
    answerWith(() => recorded('throttling'));
    expect(await hintOf({ code: '1' })).not.toContain('still be running');
    answerWith(() => undefined);
    expect(await hintOf({ code: '1' })).toMatch(/; what ran there may still be running\.$/);
  });

  test('names the session it started when that one could not be stopped', async () => {
    answerWith(() => recorded('internal'), { stop: () => recorded('access-denied') });
    const { structuredContent } = await run({ code: '1' });
    expect(structuredContent).toMatchObject({
      code: 'InternalServer',
      hint: expect.stringContaining(`session: "${sessionId}"`),
    });
  });

  const listed = (id: string, createdAt: string, name = 'sums') => ({
    codeInterpreterIdentifier: 'aws.codeinterpreter.v1',
    sessionId: id,
    name,
    status: 'READY',
    createdAt,
  });

  test('takes the oldest session of a label, on whatever page it is listed', async () => {
    const pages = [
      {
        items: [listed('newer', '2026-01-01T00:00:10Z'), listed('other', '2025-01-01T00:00:00Z', 'x')],
        nextToken: 'n',
      },
      { items: [listed('older', '2026-01-01T00:00:02Z')] },
    ];
    const requests = answerWith(() => computed, { list: () => json(pages.shift()) });
    const opened = await context.sessions.open('sums', patient().signal);
    expect(opened).toMatchObject({ id: 'older', started: false });
    expect(paths(requests)).toEqual([`POST ${base}/sessions/list`, `POST ${base}/sessions/list`]);
  });

  test.each([
    ['one started before ours', '2025-12-31T23:59:59Z', 'a'],
    ['one of the same moment with a smaller id', '2026-01-01T00:00:00Z', '01AA'],
  ])('takes %s by another client under the same label, and stops ours', async (_what, createdAt, id) => {
    const lists = [[], [listed(sessionId, '2026-01-01T00:00:00Z'), listed(id, createdAt)]];
    const requests = answerWith(() => computed, { list: () => json({ items: lists.shift() }) });
    const { structuredContent } = await run({ code: '6*7', session: 'sums' });
    expect(structuredContent).toMatchObject({ session: id, stdout: '42' });
    expect(structuredContent).not.toHaveProperty('note');
    expect(paths(requests)).toEqual([
      `POST ${base}/sessions/list`,
      `PUT ${base}/sessions/start`,
      `POST ${base}/sessions/list`,
      `PUT ${base}/sessions/stop`,
      `POST ${base}/tools/invoke`,
    ]);
    expect(requests[3]?.path).toContain(sessionId);
  });

  test('keeps ours where the other one is newer, also when the list does not show ours yet', async () => {
    const lists = [[], [listed('newer', '2026-01-01T00:00:01Z')]];
    const requests = answerWith(() => computed, { list: () => json({ items: lists.shift() }) });
    expect(await context.sessions.open('sums', patient().signal)).toMatchObject({
      id: sessionId,
      started: true,
    });
    expect(paths(requests)).not.toContain(`PUT ${base}/sessions/stop`);
  });

  test('asks for the session of a label directly, but only of the last hundred labels', async () => {
    const requests = answerWith(() => computed);
    for (let label = 0; label <= 100; label++)
      await context.sessions.open(`label ${label}`, patient().signal);
    requests.length = 0;
    await context.sessions.open('label 100', patient().signal);
    await context.sessions.open('label 0', patient().signal);
    expect(paths(requests)).toEqual([
      `GET ${base}/sessions/get`,
      `POST ${base}/sessions/list`,
      `PUT ${base}/sessions/start`,
      `POST ${base}/sessions/list`,
    ]);
  });

  test('gives up on a call that is never answered', async () => {
    const silent = createServer(
      (_request, response) => void response.writeHead(200, computed.headers).flushHeaders(),
    );
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => silent.closeAllConnections());
    const { port } = silent.address() as AddressInfo;
    vi.stubEnv('AWS_ENDPOINT_URL_BEDROCK_AGENTCORE', `http://127.0.0.1:${port}`);
    const agentcore = createAgentCore(
      parseConfig(['--backend', 'aws', '--region', 'eu-west-1'], { env: {}, cwd: '/' }),
    );
    const call = invokeCodeInterpreter(
      agentcore,
      { id: sessionId, resource: 'aws.codeinterpreter.v1' },
      { name: 'executeCode', arguments: { code: '1', language: 'python' } },
      { ...patient(), timeoutMs: 100 },
    );
    await expect(call).rejects.toThrow(`No answer within 0.1 s from session ${sessionId}.`);
    silent.close();
  });
});

describe('commands in the background on AWS', () => {
  const taskId = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
  const task = `${sessionId}.${taskId}`;
  const origin = 'aws, account 123456789012, eu-west-1';
  const text = (said: string) => [{ type: 'text', text: said }];
  const output = { stdout: 'so far\n', stderr: '' };
  /** As AWS was seen to answer. */
  const started = result({
    content: text('Successfully started a command execution task'),
    structuredContent: { taskId, taskStatus: 'submitted', stdout: '', stderr: '' },
    isError: false,
  });
  const working = result({
    content: text('Task is working'),
    structuredContent: { taskStatus: 'working', ...output },
    isError: false,
  });
  const ended = (taskStatus: string, exitCode: number) =>
    result({
      content: text(`Task is ${taskStatus}`),
      structuredContent: { taskStatus, ...output, exitCode, executionTime: 1.5 },
      isError: false,
    });
  const canceled = result({
    content: text('Successfully canceled a command execution task'),
    isError: false,
  });
  const getTask = (args: object) => runTool(context, 'get_task', { task, ...args }, patient());
  const asked = (requests: Captured[]) =>
    requests.filter(({ path }) => path.endsWith('invoke')).map(({ body }) => JSON.parse(body));

  test('are the calls that AWS documents, and their session stays', async () => {
    const requests = answerWith(() => started);
    const args = { code: 'make', language: 'shell', background: true };
    expect((await run(args)).structuredContent).toMatchObject({
      session: sessionId,
      status: 'running',
      task,
      origin,
    });
    expect(asked(requests)).toEqual([{ name: 'startCommandExecution', arguments: { command: 'make' } }]);
    expect(paths(requests)).toEqual([`PUT ${base}/sessions/start`, `POST ${base}/tools/invoke`]);
  });

  test('are asked for until they have ended', async () => {
    const answers = [working, working, ended('completed', 0)];
    const requests = answerWith(() => answers.shift());
    expect((await getTask({})).structuredContent).toEqual({
      task,
      tool: 'run_code',
      status: 'completed',
      result: { session: sessionId, exit_code: 0, ...output, seconds: 1.5 },
      origin,
    });
    expect(asked(requests)).toEqual(Array(3).fill({ name: 'getTask', arguments: { taskId } }));
    expect(requests[0]?.headers).toMatchObject({ 'x-amzn-code-interpreter-session-id': sessionId });
  });

  test('are cancelled only where writing is allowed', async () => {
    const answers = [canceled, ended('canceled', 143)];
    const requests = answerWith(() => answers.shift());
    expect((await getTask({ cancel: true })).structuredContent).toMatchObject({
      status: 'cancelled',
      origin,
    });
    expect(asked(requests).map(({ name }) => name)).toEqual(['stopTask', 'getTask']);
    context = contextWith(['--backend', 'aws', '--region', 'eu-west-1']);
    expect((await getTask({ cancel: true })).structuredContent).toMatchObject({ code: 'WritesNotAllowed' });
    answers.push(working);
    expect((await getTask({ wait_seconds: 0 })).structuredContent).toMatchObject({
      status: 'running',
      result: output,
    });
  });

  test.each(['conflict', 'not-found'])(
    'of a session that has ended (%s) are told from others',
    async (error) => {
      answerWith(() => recorded(error), { get: () => recorded('not-found') });
      expect((await getTask({})).structuredContent).toMatchObject({ code: 'SessionEnded', origin });
      answerWith(() => recorded(error));
      expect((await getTask({})).structuredContent).not.toMatchObject({ code: 'SessionEnded' });
    },
  );

  test('that cannot be started are told in the words of the session', async () => {
    const refused = result({ content: text('16 are running'), isError: true });
    const requests = answerWith(() => refused);
    expect(
      (await run({ code: 'make', language: 'shell', background: true })).structuredContent,
    ).toMatchObject({
      code: 'CommandNotStarted',
      details: '16 are running',
      hint: expect.stringContaining('has been stopped'),
    });
    expect(paths(requests)).toContain(`PUT ${base}/sessions/stop`);
  });
});

describe('run_code with internet on AWS', () => {
  const id = 'agentcore_mcp_internet-aB3dE5gH7j';
  const interpreter = {
    codeInterpreterId: id,
    codeInterpreterArn: `arn:aws:bedrock-agentcore:eu-west-1:123456789012:code-interpreter-custom/${id}`,
    name: 'agentcore_mcp_internet',
    createdAt: '2026-01-01T00:00:00Z',
    lastUpdatedAt: '2026-01-01T00:00:00Z',
  };

  /** An account in which the interpreter is in these states, one for each time somebody looks. */
  function accountWith(states: string[], make: () => Recorded): Captured[] {
    const requests: Captured[] = [];
    standIn.answer((request) => {
      if (request.body.includes('GetCallerIdentity')) return callerIdentity('123456789012');
      requests.push(request);
      if (request.path.startsWith('/code-interpreters?')) {
        const status = states.shift();
        return json({ codeInterpreterSummaries: status ? [{ ...interpreter, status }] : [] });
      }
      if (request.path === '/code-interpreters') return make();
      if (request.path.endsWith('/start'))
        return json({ codeInterpreterIdentifier: id, sessionId, createdAt: '2026-01-01T00:00:00Z' });
      return computed;
    });
    return requests;
  }
  const list = 'POST /code-interpreters';
  const inIt = [`PUT /code-interpreters/${id}/sessions/start`, `POST /code-interpreters/${id}/tools/invoke`];

  test('makes the interpreter where there is none, and waits until it is ready', async () => {
    const requests = accountWith(['', 'CREATING', 'READY'], () =>
      json({ ...interpreter, status: 'CREATING' }),
    );
    expect((await run({ code: '6*7', internet: true })).structuredContent).toMatchObject({ stdout: '42' });
    expect(paths(requests)).toEqual([list, 'PUT /code-interpreters', list, list, ...inIt]);
    expect(JSON.parse(requests[1]?.body ?? '')).toMatchObject({
      name: 'agentcore_mcp_internet',
      networkConfiguration: { networkMode: 'PUBLIC' },
    });
  });

  test('takes the one that another server has made meanwhile', async () => {
    const requests = accountWith(['', 'READY'], () => recorded('conflict'));
    expect((await run({ code: '6*7', internet: true })).structuredContent).toMatchObject({ stdout: '42' });
    expect(paths(requests)).toEqual([list, 'PUT /code-interpreters', list, ...inIt]);
  });

  test.each(['access-denied', 'not-found'])(
    'does not stop at an interpreter of somebody else (%s)',
    async (refusal) => {
      standIn.answer(({ path, body }) => {
        if (body.includes('GetCallerIdentity')) return callerIdentity('123456789012');
        if (path.startsWith('/code-interpreters?'))
          return json({ codeInterpreterSummaries: [{ ...interpreter, name: 'theirs', status: 'READY' }] });
        if (path.startsWith(`/code-interpreters/${id}/`)) return recorded(refusal);
        if (path.includes('/sessions/get')) return recorded('not-found');
        if (path.endsWith('/list')) return json({ items: [] });
        if (path.endsWith('/start'))
          return json({
            codeInterpreterIdentifier: 'aws.codeinterpreter.v1',
            sessionId,
            createdAt: '2026-01-01T00:00:00Z',
          });
        return computed;
      });
      expect((await run({ code: '6*7', session: 'mine' })).structuredContent).toMatchObject({ stdout: '42' });
      const unknown = sessionId.replace(/.$/, '0');
      expect((await run({ code: '6*7', session: unknown })).structuredContent).toMatchObject({
        code: 'SessionEnded',
      });
    },
  );

  test('says so where AWS could not make it', async () => {
    accountWith(['CREATE_FAILED'], () => recorded('internal'));
    expect((await run({ code: '6*7', internet: true })).structuredContent).toMatchObject({
      code: 'InterpreterFailed',
      message: expect.stringContaining(`${id}, which sessions with internet use, is CREATE_FAILED`),
    });
  });
});

describe('list_resources on AWS', () => {
  const list = (args: object) => runTool(context, 'list_resources', args, patient());

  /** All that is given up after a time is given up after a hundredth of it. */
  function hurry() {
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    const spy = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => timeout(ms / 100));
    onTestFinished(() => spy.mockRestore());
  }

  async function silentUrl(): Promise<string> {
    const silent = createServer(() => {});
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => {
      silent.closeAllConnections();
      silent.close();
    });
    return `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  }

  test('gives up in time where nobody answers, also not who it is', async () => {
    hurry();
    const url = await silentUrl();
    for (const service of ['BEDROCK_AGENTCORE', 'BEDROCK_AGENTCORE_CONTROL', 'STS'])
      vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, url);
    const began = performance.now();
    expect(await list({})).toMatchObject({
      isError: true,
      structuredContent: {
        code: 'Timeout',
        message: 'No answer for ListCodeInterpreters came in time.',
        retryable: true,
        origin: 'aws',
      },
    });
    expect(performance.now() - began).toBeLessThan(6_000);
  });

  test('lists one kind where the other one is not answered', async () => {
    hurry();
    vi.stubEnv('AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL', await silentUrl());
    answerWith(() => computed);
    const { structuredContent } = await list({});
    expect(structuredContent).toMatchObject({
      not_listed: [
        'code_interpreter: No answer for ListCodeInterpreters came in time.',
        'code_session: No answer for ListCodeInterpreters came in time.',
        'browser: No answer for ListBrowsers came in time.',
        'browser_session: No answer for ListBrowserSessions came in time.',
        'browser_profile: No answer for ListBrowserProfiles came in time.',
        'runtime: No answer for ListAgentRuntimes came in time.',
        'memory: No answer for ListMemories came in time.',
        expect.stringMatching(/^agent_session: those that other servers started/),
      ],
    });
  });

  const customs = 'own-aB3dE5gH7j';
  const custom = {
    codeInterpreterId: customs,
    codeInterpreterArn: `arn:aws:bedrock-agentcore:eu-west-1:123456789012:code-interpreter-custom/${customs}`,
    status: 'READY',
    createdAt: '2026-01-01T00:00:00Z',
  };

  test.each([
    ['none', json({ codeInterpreterSummaries: [] }), [], []],
    ['one', json({ codeInterpreterSummaries: [custom] }), [expect.objectContaining({ id: sessionId })], []],
    [
      'nobody knows',
      recorded('access-denied'),
      [],
      [expect.stringMatching(/^code_session: ListCodeInterpreters failed/)],
    ],
  ])('lists the sessions of custom interpreters too: %s', async (_what, answer, items, notListed) => {
    const asked: string[] = [];
    standIn.answer(({ path, body }) => {
      if (body.includes('GetCallerIdentity')) return callerIdentity('123456789012');
      if (path.startsWith('/code-interpreters?')) {
        asked.push(path);
        return answer;
      }
      const session = { codeInterpreterIdentifier: customs, sessionId, status: 'READY' };
      return json({
        items: path.includes(customs) ? [{ ...session, createdAt: '2026-01-01T00:00:00Z' }] : [],
      });
    });
    const { structuredContent } = await list({ kind: 'code_session' });
    expect(structuredContent).toMatchObject({ items, not_listed: notListed });
    expect(asked[0]).toContain('type=CUSTOM');
  });
});
