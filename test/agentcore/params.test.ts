import { expect, test } from 'vitest';
import { inputOf, type Params } from '../../src/agentcore/api/params.ts';
import { type Operation, operations } from '../../src/engine/wire/operations.ts';
import { ToolFailure } from '../../src/failure.ts';

const files = async (path: string) => Buffer.from(`content of ${path}`);

const read = (operation: string, params: Params) =>
  inputOf(operations.get(operation) as Operation, params, files);

async function problems(operation: string, params: Params): Promise<string[]> {
  const failure = await read(operation, params).catch((error: unknown) => error);
  if (!(failure instanceof ToolFailure)) expect.fail('no failure');
  expect(failure.details).toMatchObject({
    code: 'Validation',
    hint: `search_aws_api with ${operation} shows what it takes. Nothing was sent.`,
  });
  return failure.message.replace(`${operation}: `, '').replace(/\.$/, '').split('; ');
}

const memoryId = 'my_memory-1234567890';
const event = { memoryId, actorId: 'ana', eventTimestamp: '2026-11-22T10:00:00Z', payload: [] };
const session = { codeInterpreterIdentifier: 'aws.codeinterpreter.v1' };
const write = (blob: unknown) => ({
  ...session,
  name: 'writeFiles',
  arguments: { content: [{ path: 'a', blob }] },
});
const invoke = async (payload: unknown) => {
  const { payload: bytes } = await read('InvokeAgentRuntime', { agentRuntimeArn: 'arn', payload });
  return Buffer.from(bytes as Uint8Array).toString('latin1');
};

test('times become dates, from ISO text or seconds', async () => {
  const at = async (eventTimestamp: unknown) =>
    (await read('CreateEvent', { ...event, eventTimestamp })).eventTimestamp;
  expect(await at('2026-11-22T10:00:00Z')).toEqual(new Date('2026-11-22T10:00:00Z'));
  expect(await at('2026-11-22T11:00:00+01:00')).toEqual(new Date('2026-11-22T10:00:00Z'));
  expect(await at('2026-11-22')).toEqual(new Date('2026-11-22T00:00:00Z'));
  expect(await at(1_763_805_600.5)).toEqual(new Date(1_763_805_600_500));
});

test.each(['yesterday', '22.11.2026', '2026-13-01', 1_763_805_600_000_000, true, {}])(
  '%j is no time',
  async (time) => {
    expect(await problems('CreateEvent', { ...event, eventTimestamp: time })).toEqual([
      expect.stringContaining('eventTimestamp must be an ISO 8601 time such as 2026-01-31T12:00:00Z'),
    ]);
  },
);

test('a blob is given as text, base64, JSON or a file', async () => {
  expect(await invoke('plain')).toBe('plain');
  expect(await invoke({ text: 'x' })).toBe('x');
  expect(await invoke({ base64: '/wA=' })).toBe('\u00ff\u0000');
  expect(await invoke({ base64: '/wA' })).toBe('\u00ff\u0000');
  expect(await invoke({ json: { prompt: 'hé', text: 1 } })).toBe(
    Buffer.from('{"prompt":"hé","text":1}').toString('latin1'),
  );
  expect(await invoke({ file: 'dir/a.txt' })).toBe('content of dir/a.txt');
});

test.each([{ prompt: 'hi' }, { text: 'a', file: 'b' }, { text: 1 }, {}, [1], 7])(
  '%j is no blob',
  async (blob) => {
    expect(await problems('InvokeCodeInterpreter', write(blob))).toEqual([
      expect.stringMatching(
        /^arguments\.content\[0\]\.blob must be a text, \{"text"\}, \{"base64"\}, \{"json"\} or \{"file"/,
      ),
    ]);
  },
);

test('what is no base64 is not guessed at', async () => {
  expect(await problems('InvokeCodeInterpreter', write({ base64: 'not base64!' }))).toEqual([
    'arguments.content[0].blob.base64 must be base64, is "not base64!"',
  ]);
});

test('what has only one meaning is repaired', async () => {
  const params = {
    code_interpreter_identifier: 'aws.codeinterpreter.v1',
    SessionTimeoutSeconds: '600',
    name: 7,
    certificates: null,
  };
  expect(await read('StartCodeInterpreterSession', params)).toEqual({
    codeInterpreterIdentifier: 'aws.codeinterpreter.v1',
    sessionTimeoutSeconds: 600,
    name: '7',
  });
  const tool = {
    ...session,
    name: 'executeCode',
    arguments: { code: '1', language: 'python', clear_context: 'true' },
  };
  expect(await read('InvokeCodeInterpreter', tool)).toMatchObject({ arguments: { clearContext: true } });
});

test('free JSON stays as it is', async () => {
  const blob = { a: [1, null, { b: 'x' }], __proto__: null };
  expect(await read('CreateEvent', { ...event, payload: [{ blob }] })).toMatchObject({ payload: [{ blob }] });
});

test('all problems are told at once, each with its path', async () => {
  const wrong = {
    codeInterpreterIdentifier: 'aws.codeinterpreter.v1',
    sesionId: 'x',
    nmae: 'executeCode',
    arguments: {
      language: 'ruby',
      code: ['1'],
      clearContext: 'maybe',
      paths: 'a.txt',
      content: [{ path: 'a', blub: 1 }],
    },
  };
  expect(await problems('InvokeCodeInterpreter', wrong)).toEqual([
    'sesionId is unknown (did you mean sessionId?)',
    'nmae is unknown (did you mean name?)',
    'arguments.code must be a text, is ["1"]',
    'arguments.clearContext must be true or false, is "maybe"',
    'arguments.paths must be a list, is "a.txt"',
    'arguments.content[0].blub is unknown (did you mean blob?)',
    'name is required',
    'arguments.language must be one of python, javascript, typescript, is "ruby"',
  ]);
});

test('a wrong entry of a list is told like any other', async () => {
  const event = { memoryId, actorId: 'a', sessionId: 's', eventTimestamp: 0, payload: [7] };
  expect(await problems('CreateEvent', event)).toEqual([
    'payload[0] must be an object with conversational, blob, json, is 7',
  ]);
});

test('constraints of the model are checked before anything is sent', async () => {
  expect(
    await problems('StartCodeInterpreterSession', { ...session, sessionTimeoutSeconds: 99_999 }),
  ).toEqual(['sessionTimeoutSeconds must be at most 28800, is 99999']);
  expect(
    await problems('ListEvents', { memoryId, actorId: 'a b', sessionId: 's', maxResults: 0 }),
  ).toHaveLength(2);
  expect(await problems('CreateEvent', { ...event, payload: [{}] })).toEqual([
    'payload[0] must have exactly one member of conversational, blob, json, has 0',
  ]);
});

test('a member given twice in two spellings is refused', async () => {
  expect(await problems('GetMemory', { memoryId, memory_id: 'other' })).toEqual(['memoryId is given twice']);
});

test('names that every object has are unknown members', async () => {
  const params = JSON.parse(`{"memoryId":"${memoryId}","__proto__":{"a":1},"constructor":1}`) as Params;
  expect((await problems('GetMemory', params)).map((problem) => problem.split(' ')[0])).toEqual([
    '__proto__',
    'constructor',
  ]);
});

test('a flood of problems is cut, and long names do not fill the answer', async () => {
  const params = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`${i}${'x'.repeat(100_000)}`, i]));
  const told = await problems('GetMemory', { memoryId, ...params });
  expect(told.at(-1)).toBe('and 480 more');
  expect(told.join().length).toBeLessThan(5_000);
});
