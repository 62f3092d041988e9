import { expect, test } from 'vitest';
import { parseFilterPattern } from '../../../../src/engine/services/logs/filter-pattern.ts';

const messages = ['ERROR 404 not found', 'ERROR 500 broken', 'WARN slow', 'INFO "quoted" -x', 'user=42 ok'];

test.each<[pattern: string, hits: number[]]>([
  ['', [0, 1, 2, 3, 4]],
  ['   ', [0, 1, 2, 3, 4]],
  ['ERROR', [0, 1]],
  ['error', []],
  ['ERROR broken', [1]],
  ['"not found"', [0]],
  ['"found not"', []],
  ['"\\"quoted\\""', [3]],
  ['?404 ?WARN', [0, 2]],
  ['ERROR ?WARN', [0, 1]],
  ['-ERROR', [2, 3, 4]],
  ['ERROR -404', [0, 1].slice(1)],
  ['?ERROR ?WARN -"not found"', [1, 2]],
  ['"-x"', [3]],
  ['user=42', [4]],
  ['%ERROR [45]0\\d%', [0, 1]],
  ['%^user=\\d+ ok$%', [4]],
  ['-%[A-Z]{4,}%', [4]],
  ['?%WARN|INFO% ?404', [0, 2, 3]],
  ['%ERROR% %brok.n%', [1]],
  ['%ERROR% -broken', [0]],
])('%s', (pattern, hits) => {
  const found = parseFilterPattern(pattern)(messages);
  expect(found.flatMap((hit, index) => (hit ? [index] : []))).toEqual(hits);
});

test.each([
  ['{ $.level = "ERROR" }', /does not read the JSON or space-delimited filter pattern { \$\.level/],
  ['[ip, user, status=4*]', /does not read the JSON or space-delimited/],
  ['"no end', /"no has no end/],
  ['%a(b)%', /has a character that filter patterns do not take/],
  ['%[%', /%\[% is no regular expression/],
  ['%a% %b% %c%', /may have 2 regular expressions/],
])('%s is refused', (pattern, message) => {
  expect(() => parseFilterPattern(pattern)).toThrow(message);
  expect(() => parseFilterPattern(pattern)).toThrow(
    expect.objectContaining({ name: 'InvalidParameterException' }),
  );
});

test('a regular expression that never ends is ended', () => {
  const began = performance.now();
  const matches = parseFilterPattern('%a*a*a*a*a*a*a*a*b%');
  expect(() => matches(['a'.repeat(20_000)])).toThrow(/takes too long/);
  expect(performance.now() - began).toBeLessThan(20_000);
});
