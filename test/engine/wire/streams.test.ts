import { once } from 'node:events';
import { Readable } from 'node:stream';
import {
  BedrockAgentCoreClient,
  ConflictException,
  InvokeAgentRuntimeCommand,
  InvokeCodeInterpreterCommand,
  StartCodeInterpreterSessionCommand,
  ThrottlingException,
} from '@aws-sdk/client-bedrock-agentcore';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLog } from '../../../src/engine/log.ts';
import type { Call } from '../../../src/engine/service.ts';
import { operations } from '../../../src/engine/wire/operations.ts';
import { startWire } from '../../support/wire.ts';

let events: (call: Call) => AsyncIterable<unknown>;
let response: (call: Call) => unknown;
/** In place of a plain answer with the response. */
let answer: (() => unknown) | undefined;
let started: ((call: Call) => void) | undefined;
let wire: Awaited<ReturnType<typeof startWire>>;

beforeAll(async () => {
  wire = await startWire({
    InvokeCodeInterpreter: async (_, call) => ({ sessionId: 's', stream: events(call) }),
    InvokeAgentRuntime: async (_, call) =>
      answer?.() ?? { contentType: 'text/plain', statusCode: 200, response: response(call) },
    StartCodeInterpreterSession: (_, call) =>
      new Promise((_, reject) => {
        call.signal.addEventListener('abort', () => reject(call.signal.reason));
        started?.(call);
      }),
  });
});

afterAll(() => wire.close());

afterEach(() => {
  answer = undefined;
});

const invoke = new InvokeCodeInterpreterCommand({
  codeInterpreterIdentifier: 'aws.codeinterpreter.v1',
  name: 'executeCode',
});
const run = new InvokeAgentRuntimeCommand({ agentRuntimeArn: 'an-agent', payload: '{}' });

/** A source that goes on only when told to, so that a test sees what arrives in between. */
function steps<T>(values: T[]) {
  const gates = values.map(() => Promise.withResolvers<void>());
  return {
    go: (index: number) => gates[index]?.resolve(),
    async *[Symbol.asyncIterator]() {
      for (const [index, value] of values.entries()) {
        await gates[index]?.promise;
        yield value;
      }
    },
  };
}

const text = (of: string) => ({ result: { content: [{ type: 'text', text: of }] } });

async function received(): Promise<unknown[]> {
  const all: unknown[] = [];
  try {
    const { stream } = await wire.clients.data.send(invoke);
    for await (const event of stream ?? []) all.push(event);
  } catch (error) {
    all.push(error);
  }
  return all;
}

describe('event streams', () => {
  test('each event arrives before the next one is made', async () => {
    const source = steps(['one', 'two', 'three'].map(text));
    events = () => source;
    source.go(0);
    const { stream, sessionId } = await wire.clients.data.send(invoke);
    expect(sessionId).toBe('s');
    const iterator = (stream as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toEqual(text('one'));
    source.go(1);
    expect((await iterator.next()).value).toEqual(text('two'));
    source.go(2);
    expect((await iterator.next()).value).toEqual(text('three'));
    expect((await iterator.next()).done).toBe(true);
  });

  test('a modelled error that is thrown arrives with its class', async () => {
    events = async function* () {
      yield text('one');
      throw new ThrottlingException({ message: 'slower', $metadata: {} });
    };
    const [first, error] = await received();
    expect(first).toEqual(text('one'));
    expect(error).toBeInstanceOf(ThrottlingException);
    expect(error).toMatchObject({ message: 'slower' });
  });

  test('a modelled error given as an event ends the stream', async () => {
    events = async function* () {
      yield { conflictException: new ConflictException({ message: 'busy', $metadata: {} }) };
      yield text('never sent');
    };
    expect(await received()).toEqual([expect.any(ConflictException)]);
  });

  test('any other error arrives as an error without details', async () => {
    events = async function* () {
      yield text('one');
      throw new Error('secret detail');
    };
    const [, error] = await received();
    expect(error).toMatchObject({ name: 'InternalServerException' });
    expect(String(error)).not.toContain('secret detail');
  });

  test('an event that the model does not know is such an error', async () => {
    events = async function* () {
      yield { no: 'such event' };
    };
    expect(await received()).toEqual([expect.objectContaining({ name: 'InternalServerException' })]);
  });
});

describe('blob streams', () => {
  test('each chunk arrives before the next one is made', async () => {
    const source = steps([Buffer.from('one'), Buffer.from('two')]);
    response = () => source;
    const { response: body, contentType } = await wire.clients.data.send(run);
    expect(contentType).toBe('text/plain');
    const iterator = (body as unknown as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    source.go(0);
    expect(String((await iterator.next()).value)).toBe('one');
    source.go(1);
    expect(String((await iterator.next()).value)).toBe('two');
    expect((await iterator.next()).done).toBe(true);
  });

  test('a source that breaks off breaks the connection off, and the server goes on', async () => {
    response = async function* () {
      yield Buffer.from('one');
      throw new Error('broken');
    };
    const { response: body } = await wire.clients.data.send(run);
    await expect(body?.transformToString()).rejects.toThrow();
    response = () => Readable.from([Buffer.from('fine')]);
    const again = await wire.clients.data.send(run);
    expect(await again.response?.transformToString()).toBe('fine');
  });

  test("an agent's answer keeps its status, its headers and its events", async () => {
    const events = ['data: {"n": 1}\n\n', 'data: "é"\n\n'].map((event) => Buffer.from(event));
    const source = steps(events);
    const output = {
      statusCode: 207,
      contentType: 'text/event-stream; charset=utf-8',
      runtimeSessionId: 'a-session-of-33-characters-or-more',
      mcpSessionId: 'mcp',
      mcpProtocolVersion: '2025-11-25',
      traceId: 'Root=1',
      traceParent: '00-1-2-03',
      traceState: 'a=b',
      baggage: 'c=d',
    };
    answer = () => ({ ...output, response: source });
    const { response: body, $metadata, ...received } = await wire.clients.data.send(run);
    expect(received).toEqual(output);
    expect($metadata.httpStatusCode).toBe(207);
    const iterator = (body as unknown as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    for (const [index, event] of events.entries()) {
      source.go(index);
      expect(String((await iterator.next()).value)).toBe(String(event));
    }
    expect((await iterator.next()).done).toBe(true);
  });

  test('bytes that are all there are sent as they are', async () => {
    response = () => Buffer.from('all');
    expect(await (await wire.clients.data.send(run)).response?.transformToString()).toBe('all');
  });

  test('no operation takes a stream: the wire reads every body before the handler runs', () => {
    const streamed = [...operations.values()].filter(({ input }) =>
      [...input.structIterator()].some(([, member]) => member.isStreaming()),
    );
    expect(streamed).toEqual([]);
  });
});

describe('a client that goes away', () => {
  test('aborts the call while the handler works', async () => {
    const call = new Promise<Call>((resolve) => {
      started = resolve;
    });
    const abort = new AbortController();
    const sent = wire.clients.data.send(
      new StartCodeInterpreterSessionCommand({ codeInterpreterIdentifier: 'aws.codeinterpreter.v1' }),
      { abortSignal: abort.signal },
    );
    const { signal } = await call;
    expect(signal.aborted).toBe(false);
    abort.abort();
    await expect(sent).rejects.toThrow();
    if (!signal.aborted) await once(signal, 'abort');
  });

  test('aborts the call while its events come, and the source is closed', async () => {
    const closed = Promise.withResolvers<void>();
    let signal: AbortSignal | undefined;
    events = async function* (call) {
      signal = call.signal;
      try {
        for (let i = 0; ; i++) {
          yield text(String(i));
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      } finally {
        closed.resolve();
      }
    };
    const client = new BedrockAgentCoreClient(wire.config);
    const { stream } = await client.send(invoke);
    for await (const _ of stream ?? []) break;
    client.destroy();
    await closed.promise;
    expect(signal?.aborted).toBe(true);
  });

  test('does not abort a call that was answered', async () => {
    let signal: AbortSignal | undefined;
    response = (call) => {
      signal = call.signal;
      return Buffer.from('all');
    };
    const closed = new Promise((resolve) => {
      wire.server.once('request', (_, answer) => answer.once('close', resolve));
    });
    await (await wire.clients.data.send(run)).response?.transformToString();
    await closed;
    expect(signal?.aborted).toBe(false);
  });
});

describe('what fails after the client has gone', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'warn', write: (line) => lines.push(line) });
  const fault = new Error('a fault of the handler');
  let failure: (call: Call) => unknown;
  let failing: Awaited<ReturnType<typeof startWire>>;
  let arrived: PromiseWithResolvers<void>;

  beforeAll(async () => {
    const fail = async (call: Call) => {
      arrived.resolve();
      if (!call.signal.aborted) await once(call.signal, 'abort');
      throw failure(call);
    };
    const handlers = {
      StartCodeInterpreterSession: (_: unknown, call: Call) => fail(call),
      InvokeCodeInterpreter: async (_: unknown, call: Call) => ({
        sessionId: 's',
        stream: (async function* () {
          yield text('one');
          await fail(call);
        })(),
      }),
    };
    failing = await startWire(handlers, { log });
  });

  afterAll(() => failing.close());

  beforeEach(() => {
    lines.length = 0;
    arrived = Promise.withResolvers<void>();
  });

  const start = new StartCodeInterpreterSessionCommand({
    codeInterpreterIdentifier: 'aws.codeinterpreter.v1',
  });

  /** Sends a command and goes away while its handler works. */
  async function leave(command: typeof start | typeof invoke): Promise<void> {
    const client = new BedrockAgentCoreClient(failing.config);
    const abort = new AbortController();
    const sent = client.send(command as typeof start, { abortSignal: abort.signal }).catch(() => {});
    await arrived.promise;
    abort.abort();
    client.destroy();
    await sent;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }

  test.each([
    ['StartCodeInterpreterSession', start],
    ['InvokeCodeInterpreter', invoke],
  ])('is logged, with the name of the operation: %s', async (operation, command) => {
    failure = () => fault;
    await leave(command);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 'warn', operation, error: expect.stringContaining('a fault of the handler') },
    ]);
  });

  test.each<[string, (call: Call) => unknown]>([
    ['a modelled error', () => new ConflictException({ message: 'busy', $metadata: {} })],
    ['the abort itself', ({ signal }) => signal.reason],
  ])('is not logged when it is %s', async (_, made) => {
    failure = made;
    await leave(start);
    await leave(invoke);
    expect(lines).toEqual([]);
  });
});
