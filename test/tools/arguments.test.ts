import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Pins } from '../../src/agentcore/api/pins.ts';
import { ToolFailure } from '../../src/failure.ts';
import { readArguments } from '../../src/tools/arguments.ts';
import { defineTool } from '../../src/tools/define.ts';

const tool = defineTool({
  name: 'do_it',
  title: 'Do it',
  toolset: 'core',
  kind: 'read',
  description: 'Does it.',
  input: z.strictObject({
    title: z.string().min(1).max(10),
    count: z.int().min(1).max(5).default(2),
    mode: z.enum(['fast', 'slow']).optional(),
    paths: z.array(z.string()).max(2).optional(),
    deep: z.boolean().optional(),
    region: z.string().optional(),
  }),
  output: z.object({}),
  handle: async () => ({ data: {} }),
});

const read = (args: unknown, pins: Pins = {}) => readArguments(tool, args, pins);

function refusal(args: unknown, pins: Pins = {}): ToolFailure['details'] {
  try {
    read(args, pins);
  } catch (error) {
    if (error instanceof ToolFailure) return error.details;
    throw error;
  }
  throw new Error('The arguments were taken.');
}

describe('arguments', () => {
  test('that fit are taken, with defaults', () => {
    expect(read({ title: 'x' })).toEqual({ title: 'x', count: 2 });
  });

  test.each<[unknown, string]>([
    [{}, 'title is missing'],
    [undefined, 'title is missing'],
    [{ title: 7 }, 'title must be a text, not 7'],
    [{ title: null }, 'title must be a text, not null; leave out what you do not need'],
    [{ title: 'x', count: 0 }, 'count must be at least 1, not 0'],
    [{ title: 'x', count: 99 }, 'count must be at most 5, not 99'],
    [{ title: 'x', count: 1.5 }, 'count must be a whole number, not 1.5'],
    [{ title: 'x', count: '3' }, 'count must be a number, not "3"'],
    [{ title: 'longer than ten' }, 'title must be at most 10 characters, not "longer than ten"'],
    [{ title: 'x', mode: 'fsat' }, 'mode must be fast or slow, not "fsat"'],
    [{ title: 'x', paths: 'a' }, 'paths must be a list, not "a"'],
    [{ title: 'x', paths: ['a', 7] }, 'paths.1 must be a text, not 7'],
    [{ title: 'x', paths: ['a', 'b', 'c'] }, 'paths must be at most 2 items, not ["a","b","c"]'],
    [{ title: 'x', deep: 'yes' }, 'deep must be true or false, not "yes"'],
    [{ title: 'x', titel: 1 }, 'unknown argument "titel" (did you mean title?)'],
    [{ title: 'x', frobnicate: 1 }, 'unknown argument "frobnicate"'],
    [JSON.parse('{"title":"x","__proto__":{"a":1}}'), 'unknown argument "__proto__"'],
    [[], 'the arguments must be an object, not []'],
    ['title', 'the arguments must be an object, not "title"'],
  ])('%j: %s', (args, problem) => {
    const { code, message, hint } = refusal(args);
    expect(code).toBe('InvalidArgument');
    expect(message).toBe(`do_it: ${problem}.`);
    expect(hint).toBe(
      'Expected arguments: title, count (optional), mode (optional), paths (optional), deep (optional), region (optional).',
    );
  });

  test('all that is wrong is said at once, and long values are shortened', () => {
    const { message } = refusal({ title: 'y'.repeat(10_000), mod: 1 });
    expect(message).toContain('title must be at most 10');
    expect(message).toContain('did you mean mode?');
    expect(message.length).toBeLessThan(300);
  });

  test('nothing reaches the prototype', () => {
    refusal(JSON.parse('{"title":"x","__proto__":{"polluted":true}}'));
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('pins', () => {
  const pins = { region: { value: 'eu-west-1', flag: '--region' } };

  test('are put in', () => {
    expect(read({ title: 'x' }, pins).region).toBe('eu-west-1');
  });

  test('may be repeated but not overridden', () => {
    expect(read({ title: 'x', region: 'eu-west-1' }, pins).region).toBe('eu-west-1');
    expect(refusal({ title: 'x', region: 'us-east-1' }, pins).message).toBe(
      'do_it: region is fixed to eu-west-1 by --region; leave it out.',
    );
  });

  test('are no longer among the expected arguments', () => {
    expect(refusal({}, pins).hint).not.toContain('region');
  });

  test('leave tools without the argument alone', () => {
    expect(read({ title: 'x' }, { memory_id: { value: 'm', flag: '--memory-id' } })).not.toHaveProperty(
      'memory_id',
    );
  });
});
