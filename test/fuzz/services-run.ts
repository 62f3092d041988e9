import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import {
  BedrockAgentCoreClient,
  InvokeCodeInterpreterCommand,
  StartCodeInterpreterSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import fc, { type Arbitrary } from 'fast-check';
import { type Operation, operations } from '../../src/engine/wire/operations.ts';
import { binary } from '../support/mcp-clients.ts';
import { modelValues } from '../support/model-values.ts';
import { bytesOf, exchange, type RawAnswer, type RawRequest } from '../support/signed-http.ts';
import { jsonJunk } from './wire-junk.ts';
import { contentChanges, requestsFor, type Wish } from './wire-requests.ts';
import type { FuzzResult } from './wire-run.ts';

const identifier = { codeInterpreterIdentifier: 'aws.codeinterpreter.v1' };
const CONCURRENT = 4;
/** What a client says it waits: code that hangs is ended then. */
const CALL_MS = 5_000;
const NOT_IMPLEMENTED = 501;

/** Texts that mean something to a shell, a Python or a file system. */
// biome-ignore format: one row is enough for several.
const texts = ['', '.', '..', '/', '~', '-', '--help', '../../../../etc/passwd', '/etc/shadow', '/dev/zero', '/dev/stdin', '/dev/full',
  '/proc/self/environ', '/proc/self/mem', '/proc/1/root', 'a\u0000b', 'a\nb', '\ud800', '\u{1f600}'.repeat(2000), 'x'.repeat(5000),
  'd/'.repeat(3000), "'", '"""', '%s%n', '$(sleep 1)', 'kill -9 -1', 'exit 3', 'exec 1>&- 2>&-', 'import os; os._exit(7)', 'raise SystemExit',
  'print("x" * 3_000_000)', 'import sys; sys.stdout.close()', 'while True: pass', 'for (;;);', 'process.exit(7)', 'import "./a"', '(', '%%bash', '%reset -f', '!kill $$', 'input()', '6 * 7'];

const text = fc.constantFrom(...texts);
const junk = fc.constantFrom(...jsonJunk);
const blob = fc.constantFrom('', 'AAEC', '/w==');
const block = fc.oneof(fc.record({ path: text, text }), fc.record({ path: text, blob }));
/** Of the right types, so that they reach what they are made for. */
const toolArguments = fc.record(
  {
    code: text,
    command: text,
    language: fc.constantFrom('python', 'javascript', 'typescript'),
    clearContext: fc.boolean(),
    path: text,
    paths: fc.array(text, { minLength: 1, maxLength: 3 }),
    content: fc.array(block, { minLength: 1, maxLength: 3 }),
    directoryPath: text,
    taskId: text,
  },
  { requiredKeys: ['code', 'command', 'language', 'paths', 'content', 'taskId'] },
);
const name = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.constantFrom(
      'executeCode',
      'executeCommand',
      'readFiles',
      'writeFiles',
      'listFiles',
      'removeFiles',
      'startCommandExecution',
      'getTask',
      'stopTask',
    ),
  },
  fc.constantFrom('executecode', ''),
);
const wrong = fc.constantFrom('code', 'command', 'language', 'paths', 'content', 'clearContext', 'taskId');
const body = fc.oneof(
  { weight: 5, arbitrary: fc.record({ name, arguments: toolArguments }) },
  fc
    .tuple(name, toolArguments, wrong, junk)
    .map(([name, args, member, value]) => ({ name, arguments: { ...args, [member]: value } })),
);

/** Every operation of the code interpreter, with what its model allows. */
function allowed(sessionId: string): Arbitrary<Wish> {
  const ours = [...operations.values()].filter(({ name }) => /CodeInterpreter/.test(name));
  const own = { ...identifier, sessionId };
  const spared = ['StopCodeInterpreterSession', 'StartCodeInterpreterSession'];
  return fc.constantFrom(...ours.filter(({ name }) => !spared.includes(name))).chain((operation) =>
    modelValues(operation.plane, operation.input).map((input) => ({
      operation,
      input: { ...input, ...(operation.name.includes('Session') || 'sessionId' in input ? own : {}) },
    })),
  );
}

/** An engine process that asks for no signature, with its real services. */
class EngineProcess {
  readonly process: ChildProcessWithoutNullStreams;
  stderr = '';
  port = 0;

  constructor() {
    const flags = ['--ephemeral', '--port', '0', '--auth', 'none', '--log-level', 'error'];
    this.process = spawn(process.execPath, [binary, 'engine', ...flags]);
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
  }

  async ready(): Promise<void> {
    const [line] = await once(createInterface({ input: this.process.stdout }), 'line');
    this.port = Number(new URL(JSON.parse(line).url).port);
  }

  async end(): Promise<number | null> {
    if (this.process.exitCode !== null) return this.process.exitCode;
    const ended = once(this.process, 'close');
    this.process.kill('SIGTERM');
    const [code] = await ended;
    return code;
  }
}

/**
 * Sends hostile requests to the real services of an engine process, most of them to run something in a session. A
 * failure is a 5xx or an internal error in a stream, anything in the engine's log, a connection left hanging, or a
 * session that is no longer what it was.
 */
export async function fuzzServices(requests: number, seed: number): Promise<FuzzResult> {
  const statuses: Record<number, number> = {};
  const failures: string[] = [];
  const engine = new EngineProcess();
  await engine.ready();
  const client = new BedrockAgentCoreClient({
    endpoint: `http://127.0.0.1:${engine.port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    maxAttempts: 1,
  });
  try {
    const [target, witness] = [await startSession(client), await startSession(client)];
    await run(client, witness, 'kept = 42');
    const queue = (await hostileRequests(engine.port, target, requests, seed)).entries();
    const worker = async () => {
      for (const [index, request] of queue) {
        const answer = await exchange(engine.port, bytesOf(request)).catch((error: Error) => error);
        if (!(answer instanceof Error)) statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
        const problem = answer instanceof Error ? answer.message : problemOf(answer);
        if (problem) failures.push(`${problem}: seed ${seed}, request ${index}: ${excerpt(request)}`);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT }, worker));
    for (const [session, code, expected] of [
      [witness, 'kept', '42'],
      [target, '6 * 7', '42'],
    ] as const) {
      const stdout = await run(client, session, code).catch((error: Error) => error.message);
      if (stdout !== expected)
        failures.push(`Session ${session === witness ? 'beside' : 'under fire'}: ${stdout}`);
    }
    if (engine.stderr) failures.push(`Logged: ${engine.stderr}`);
  } finally {
    client.destroy();
    if ((await engine.end()) !== 0) failures.push('The engine did not end in order.');
  }
  return { statuses, failures };
}

/** Arguments made up for the tools of a session; and whatever the models allow, whole and damaged. */
async function hostileRequests(
  port: number,
  sessionId: string,
  count: number,
  seed: number,
): Promise<RawRequest[]> {
  const invoke = operations.get('InvokeCodeInterpreter') as Operation;
  const wishes = fc.sample(allowed(sessionId), { numRuns: Math.ceil(count / 4), seed });
  const call: Wish = { operation: invoke, input: { ...identifier, sessionId, name: 'executeCode' } };
  const [template, ...modelled] = await requestsFor(port, [call, ...wishes]);
  const bodies = fc.sample(body, { numRuns: Math.ceil(count / 2), seed });
  const changes = fc.sample(contentChanges, { numRuns: modelled.length, seed });
  return [
    ...bodies.map((json) => ({ ...(template as RawRequest), body: JSON.stringify(json) })),
    ...modelled,
    ...changes.map((change, index) => change(modelled[index] as RawRequest)),
  ].map((request) => finished(request, port));
}

/** With a time limit, and without a signature, which would no longer fit. */
function finished(request: RawRequest, port: number): RawRequest {
  const kept = Object.entries(request.headers).filter(
    ([name]) => !/^(authorization|content-length|host|x-amz-(date|content-sha256))$/.test(name),
  );
  const headers = {
    host: `127.0.0.1:${port}`,
    'content-length': String(Buffer.byteLength(request.body)),
    'x-agentcore-mcp-timeout-ms': String(CALL_MS),
    ...Object.fromEntries(kept),
  };
  return { ...request, headers };
}

async function startSession(client: BedrockAgentCoreClient): Promise<string> {
  const { sessionId = '' } = await client.send(new StartCodeInterpreterSessionCommand(identifier));
  return sessionId;
}

/** What a piece of Python prints in a session. */
async function run(
  client: BedrockAgentCoreClient,
  sessionId: string,
  code: string,
): Promise<string | undefined> {
  const { stream = [] } = await client.send(
    new InvokeCodeInterpreterCommand({
      ...identifier,
      sessionId,
      name: 'executeCode',
      arguments: { language: 'python', code },
    }),
  );
  let stdout: string | undefined;
  for await (const { result } of stream) stdout = result?.structuredContent?.stdout;
  return stdout;
}

function problemOf({ status, body }: RawAnswer): string | undefined {
  if (status >= 500 && status !== NOT_IMPLEMENTED) return `Status ${status}`;
  return body.includes('InternalServerException') ? 'An internal error in the stream' : undefined;
}

const excerpt = ({ method, target, body }: RawRequest) =>
  `${method} ${target} ${Buffer.from(body).toString().slice(0, 2000)}`;
