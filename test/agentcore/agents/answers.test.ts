import { describe, expect, test } from 'vitest';
import { EventDecoder, readAnswer } from '../../../src/agentcore/agents/answers.ts';

async function* pieces(...parts: (string | Uint8Array)[]) {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part) : part;
}

const read = (type: string, ...parts: (string | Uint8Array)[]) =>
  readAnswer(pieces(...parts), type, () => {});

describe('an answer', () => {
  test.each<[string, string[], unknown]>([
    ['application/json', ['{"result": ', '"sunny"}'], { result: 'sunny' }],
    ['application/json; charset=utf-8', ['"sunny"'], 'sunny'],
    ['application/json', ['not json'], 'not json'],
    ['text/plain', ['sun', 'ny'], 'sunny'],
    ['', [], ''],
    ['application/json', ['[6609430152619343123, -3, 1.5, 1e300]'], ['6609430152619343123', -3, 1.5, 1e300]],
  ])('of type "%s" in the pieces %j is %j', async (type, parts, answer) => {
    expect(await read(type, ...parts)).toEqual({ answer });
  });

  test('that is no text is described, with its bytes when they are few', async () => {
    const bytes = Buffer.from([0x89, 0x50, 0xff]);
    expect(await read('image/png', bytes)).toEqual({
      answer: { type: 'image/png', bytes: 3, base64: bytes.toString('base64') },
    });
  });

  test('is cut where it has no end', async () => {
    const megabyte = 'x'.repeat(1024 * 1024);
    async function* endless() {
      for (;;) yield Buffer.from(`data: ${megabyte}\n\n`);
    }
    const { answer, note } = await readAnswer(endless(), 'text/event-stream', () => {});
    expect((answer as string).length).toBeGreaterThan(7 * 1024 * 1024);
    expect(note).toMatch(/^The answer goes on after \d+ bytes; the rest was not read\.$/);
  });
});

describe('a stream of events', () => {
  test('is one text where its data are texts, told as it comes', async () => {
    const told: string[] = [];
    const stream = pieces('data: "The sun"\n\nda', 'ta: " shines"\n', '\ndata: "."\n\n');
    const { answer } = await readAnswer(stream, 'text/event-stream', (message) => told.push(message));
    expect(answer).toBe('The sun shines.');
    expect(told).toEqual(['so far: The sun', 'so far: The sun shines.']);
  });

  test('of objects is told too', async () => {
    const told: string[] = [];
    await readAnswer(pieces('data: {"n": 1}\n\n', 'data: {"n": 2}\n\n'), 'text/event-stream', (message) =>
      told.push(message),
    );
    expect(told.at(-1)).toBe('so far: {"n":1} {"n":2}');
  });

  test('is told on one line, and only its end where it is long', async () => {
    const told: string[] = [];
    const long = `data: ${JSON.stringify('word '.repeat(100))}\n\n`;
    const stream = pieces('data: "a\\n\\n  b"\n\n', long);
    await readAnswer(stream, 'text/event-stream', (message) => told.push(message));
    expect(told).toEqual(['so far: a b', expect.stringMatching(/^so far: …(?:word )+word$/)]);
    expect(told[1]?.length).toBeLessThan(320);
  });

  test('keeps other values, with the texts between them joined', async () => {
    const stream = 'data: "a"\n\ndata: "b"\n\ndata: {"tool": 1}\n\ndata: "c"\n\ndata: plain words\n\n';
    expect((await read('text/event-stream', stream)).answer).toEqual(['ab', { tool: 1 }, 'cplain words']);
  });

  test('of a single value is that value', async () => {
    expect((await read('text/event-stream', 'data: {"a": 1}\n\n')).answer).toEqual({ a: 1 });
  });

  test.each([
    ['data: 1\r\n\r\ndata: 2\r\n\r\n', ['1', '2']],
    ['data: 1\r\rdata: 2\r\r', ['1', '2']],
    ['event: x\nid: 3\n: a comment\ndata: a\ndata: b\n\n', ['a\nb']],
    ['data:no space\n\ndata\n\n', ['no space']],
    ['data: not ended', ['not ended']],
    ['data: é 数\n\n', ['é 数']],
    ['\n\n: only a comment\n\n', []],
  ])('%j has the data %j, whatever its pieces', (text, data) => {
    const bytes = Buffer.from(text);
    for (const size of [1, 2, 3, 5, bytes.length]) {
      const decoder = new EventDecoder();
      const found: string[] = [];
      for (let at = 0; at < bytes.length; at += size)
        found.push(...decoder.push(bytes.subarray(at, at + size)));
      expect([...found, ...decoder.end()]).toEqual(data);
    }
  });
});
