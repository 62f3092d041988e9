import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { type CallOptions, runTool } from '../../src/tools/call.ts';
import { contextWith, patient } from '../support/contexts.ts';
import { describeSandbox } from '../support/sandbox.ts';

/** An agent of the standard library alone: counts its calls, echoes, streams and fails. */
const echo = `
import json, os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

calls = 0

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer("application/json", json.dumps({"status": "Healthy"}))

    def do_POST(self):
        global calls
        calls += 1
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        prompt = asked.get("prompt")
        print("asked", prompt, flush=True)
        if prompt == "leave":
            os._exit(3)
        if prompt == "fail":
            raise KeyError("no weather")
        if prompt == "stream":
            return self.answer("text/event-stream", "".join(f"data: {json.dumps(part)}\\n\\n" for part in ["sun", "ny"]))
        found = {"said": prompt, "calls": calls, "mode": os.environ.get("MODE"), "key": os.environ.get("KEY")}
        self.answer("application/json", json.dumps(found))

    def answer(self, kind, text):
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass

ThreadingHTTPServer(("0.0.0.0", 8080), Handler).serve_forever()
`;

interface Answer extends Record<string, unknown> {
  isError?: boolean;
}

async function call(
  context: Context,
  name: string,
  args: object,
  options: CallOptions = patient(),
): Promise<Answer> {
  const waiting = context.offer.find(name).long ? { wait_seconds: 300 } : {};
  const { structuredContent, isError } = await runTool(context, name, { ...waiting, ...args }, options);
  return { ...(structuredContent as Record<string, unknown>), isError };
}

const deploy = (context: Context, args: object) =>
  call(context, 'deploy_agent', { name: 'echo', files: { 'main.py': echo }, ...args });
const ask = (context: Context, args: object) =>
  call(context, 'invoke_agent_runtime', { agent: 'echo', ...args });

describeSandbox('an agent', () => {
  test('is deployed from texts, asked, asked again in its session, looked into and stopped', async () => {
    const context = contextWith();
    const deployed = await deploy(context, { env: ['MODE=fast'], prompt: 'hello' });
    expect(deployed).toMatchObject({
      version: '1',
      arn: expect.stringMatching(/:runtime\/echo-\w{10}$/),
      runtime: expect.stringMatching(/^PYTHON_3_13, platform /),
      answer: { said: 'hello', calls: 1, mode: 'fast' },
      seconds: { start: expect.any(Number), prompt: expect.any(Number) },
    });
    const first = await ask(context, { prompt: 'one', session: 'talk' });
    expect(first).toMatchObject({
      answer: { said: 'one', calls: 1 },
      session: expect.stringMatching(/^talk-/),
    });
    expect(await ask(context, { prompt: 'two', session: 'talk' })).toMatchObject({
      answer: { said: 'two', calls: 2 },
      session: first.session,
    });
    expect(await call(context, 'list_resources', {})).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({ kind: 'runtime', name: 'echo', state: 'READY', version: '1' }),
        expect.objectContaining({ kind: 'agent_session', id: first.session, name: 'talk (echo)' }),
      ]),
    });
    const logs = await call(context, 'get_logs', { agent: 'echo', session: 'talk' });
    expect(logs.lines).toMatch(/asked one\n.*asked two$/);
    expect(await call(context, 'stop_session', { session: 'talk' })).toMatchObject({
      stopped: first.session,
    });
    expect(await ask(context, { prompt: 'three', session: 'talk' })).toMatchObject({
      answer: { calls: 1 },
      note: expect.stringContaining('nothing of earlier calls is in it'),
    });
  });

  test('becomes a new version only where something differs, and keeps what is not named', async () => {
    const context = contextWith();
    await deploy(context, { env: ['MODE=fast'] });
    expect(await deploy(context, {})).toMatchObject({
      version: '1',
      note: expect.stringContaining('nothing was changed'),
    });
    const files = { 'main.py': echo.replace('"said": prompt', '"said": prompt.upper()') };
    expect(await deploy(context, { files, prompt: 'hello' })).toMatchObject({
      version: '2',
      answer: { said: 'HELLO', mode: 'fast' },
    });
  });

  test('is streamed, and what it says while it works is told', async () => {
    const context = contextWith();
    await deploy(context, {});
    const told: string[] = [];
    const options = { ...patient(), progress: (message: string) => told.push(message) };
    expect(
      await call(context, 'invoke_agent_runtime', { agent: 'echo', prompt: 'stream' }, options),
    ).toMatchObject({
      answer: 'sunny',
    });
    expect(told.join('\n')).toContain('waiting for echo');
  });

  test('that fails says why, and goes on', async () => {
    const context = contextWith();
    await deploy(context, {});
    const session = 'one';
    expect(await ask(context, { prompt: 'fail', session })).toMatchObject({
      isError: true,
      code: 'RuntimeClientError',
      details: expect.stringContaining("KeyError: 'no weather'"),
    });
    expect(await ask(context, { prompt: 'fine', session })).toMatchObject({ answer: { calls: 2 } });
    const { errors } = await call(context, 'get_logs', { agent: 'echo', since: '10m' });
    expect(errors).toEqual([expect.stringMatching(/Traceback .*KeyError: 'no weather'$/s)]);
  });

  test('whose process ends is not listed as running', async () => {
    const context = contextWith();
    await deploy(context, {});
    expect(await ask(context, { prompt: 'leave', session: 'one' })).toMatchObject({ isError: true });
    expect(await call(context, 'list_resources', { kind: 'agent_session' })).toMatchObject({ items: [] });
    expect(await ask(context, { prompt: 'back', session: 'one' })).toMatchObject({
      answer: { calls: 1 },
      note: expect.stringMatching(/^The earlier session of this name has ended/),
    });
  });

  test('that does not start is deployed all the same, and its own words say why', async () => {
    const context = contextWith();
    const files = { 'main.py': 'import nothing_of_this_name\n' };
    expect(await deploy(context, { files, prompt: 'hello' })).toMatchObject({
      isError: true,
      message: expect.stringMatching(/^echo is deployed as version 1 .* but did not answer/),
      details: expect.stringContaining("No module named 'nothing_of_this_name'"),
      hint: expect.stringContaining('requirements.txt beside the code'),
    });
  });

  test('has its packages and its secrets, which the model does not see', async () => {
    const context = contextWith();
    const { root } = context.workspace;
    mkdirSync(join(root, 'agent'), { recursive: true });
    writeFileSync(join(root, 'key.txt'), 'a-secret-for-the-agent\n');
    writeFileSync(join(root, 'agent', 'requirements.txt'), 'six==1.17.0\n');
    writeFileSync(
      join(root, 'agent', 'agent.py'),
      `import six\n${echo.replace('"calls": calls', '"calls": six.__version__')}`,
    );
    const answer = await call(context, 'deploy_agent', {
      name: 'my packed agent',
      path: 'agent',
      env: ['KEY=file:key.txt'],
      prompt: 'hello',
    });
    expect(answer).toMatchObject({
      included: '2 files, started with agent.py; 1 package: six 1.17.0',
      answer: { calls: '1.17.0', key: '[hidden]' },
      note: 'Its name is my_packed_agent. Environment: KEY.',
    });
  });

  test('runs commands, and takes any payload, through call_aws_api', async () => {
    const context = contextWith();
    const { arn } = await deploy(context, {});
    const invoked = await call(context, 'call_aws_api', {
      operation: 'InvokeAgentRuntime',
      params: { agentRuntimeArn: arn, payload: { json: { prompt: 'x' } }, contentType: 'application/json' },
    });
    expect(JSON.parse((invoked.result as { response: string }).response)).toMatchObject({ said: 'x' });
    const { result } = await call(context, 'call_aws_api', {
      operation: 'InvokeAgentRuntimeCommand',
      params: { agentRuntimeArn: arn, body: { command: 'echo in $PWD; exit 3' } },
    });
    expect(JSON.stringify(result)).toContain('in /var/task');
    expect(JSON.stringify(result)).toContain('"exitCode":3');
  });
});
