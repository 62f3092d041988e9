import { describe, expect, test } from 'vitest';
import { errorsIn } from '../../../src/agentcore/agents/log-errors.ts';
import { readable } from '../../../src/agentcore/agents/log-records.ts';

/** As the logger of bedrock-agentcore for Python writes it. */
const record = (more: object) =>
  JSON.stringify({
    timestamp: '2026-11-28T15:53:21.674Z',
    level: 'ERROR',
    message: 'Invocation failed (0.503s)',
    logger: 'bedrock_agentcore.app',
    requestId: 'a758b7f4-2569-42c9-badf-0f9fa6049e88',
    ...more,
  });
const stackOf = (frames: number) => [
  'Traceback (most recent call last):\n',
  ...Array.from(
    { length: frames },
    (_, index) => `  File "/var/task/x.py", line ${index}, in f\n    f()\n    ~^^\n`,
  ),
  'ValueError: no such\ncity\n',
];

describe('records of a log', () => {
  test('are read as level and message', () => {
    expect(readable(record({ level: 'INFO', message: 'Invocation completed' }))).toBe(
      'INFO bedrock_agentcore.app: Invocation completed',
    );
  });

  test('show their stack, of which a long one without its middle', () => {
    const short = readable(record({ errorType: 'ValueError', stackTrace: stackOf(1) }));
    expect(short).toBe(
      'ERROR bedrock_agentcore.app: Invocation failed (0.503s)\n' +
        'Traceback (most recent call last):\n  File "/var/task/x.py", line 0, in f\n    f()\nValueError: no such\ncity',
    );
    const long = readable(record({ stackTrace: stackOf(40) })).split('\n');
    expect(long).toHaveLength(26);
    expect(long[1]).toBe('Traceback (most recent call last):');
    expect(long[11]).toBe('  … 59 more lines …');
    expect(long.at(-1)).toBe('city');
  });

  test('are one error, whenever and for whatever request they came', () => {
    const lines = ['a', 'b'].map((requestId) => ({
      at: new Date(0),
      stream: 's',
      text: readable(record({ requestId, stackTrace: stackOf(1) })),
    }));
    expect(errorsIn(lines)).toMatchObject([{ times: 2, text: expect.stringContaining('ValueError') }]);
  });

  test.each(['plain', '{"half": ', '{"level": 3, "message": "x"}', '{"answer": 1}', '[1]'])(
    'not: %s',
    (line) => {
      expect(readable(line)).toBe(line);
    },
  );
});
