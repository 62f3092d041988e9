import { describe, expect, test } from 'vitest';
import { errorsIn } from '../../../src/agentcore/agents/log-errors.ts';

const log = (text: string, stream = 's') =>
  text.split('\n').map((line, index) => ({ at: new Date(index), text: line, stream }));
const errors = (text: string) => errorsIn(log(text)).map((error) => error.text);

const traceback = `Traceback (most recent call last):
  File "main.py", line 3, in <module>
    import nothing
ModuleNotFoundError: No module named 'nothing'`;

describe('errors in a log', () => {
  test('are tracebacks as one piece', () => {
    expect(errors(`starting\n${traceback}\nended`)).toEqual([traceback]);
  });

  test('include what they were raised from', () => {
    const chained = `${traceback}\n\nDuring handling of the above exception, another exception occurred:\n\n${traceback.replace('nothing', 'other')}`;
    expect(errors(`a\n${chained}\nb`)).toEqual([chained]);
  });

  test('are files that Python cannot compile, with the place', () => {
    const wrong =
      '  File "/var/task/main.py", line 3\n    def x(\n         ^\nSyntaxError: \'(\' was never closed';
    expect(errors(`starting\n${wrong}\nended`)).toEqual([wrong]);
    expect(errors('  File "main.py", line 3\n    def x(\nfine')).toEqual([]);
  });

  test('are stacks of Node', () => {
    const stack =
      'TypeError: x is not a function\n    at main (file:///var/task/main.mjs:3:1)\n    at node:internal:1';
    expect(errors(`listening\n${stack}\n\nNode.js v22`)).toEqual([stack]);
  });

  test('are lines that say so, but not those that say there are none', () => {
    const text =
      'INFO fine\n2026 ERROR db down\n{"level": "error", "m": 1}\n0 errors\nCRITICAL x\nKeyError: 1\nno error';
    expect(errors(text)).toEqual([
      '2026 ERROR db down',
      '{"level": "error", "m": 1}',
      'CRITICAL x',
      'KeyError: 1',
    ]);
  });

  test('are counted where they come again, apart from their numbers', () => {
    const found = errorsIn(log('ERROR after 3 s\nok\nERROR after 17 s'));
    expect(found).toEqual([{ at: new Date(2), text: 'ERROR after 17 s', times: 2 }]);
  });

  test('of several sessions at once stay apart', () => {
    const one = log(traceback, 'one');
    const two = log(traceback.replaceAll('nothing', 'else'), 'two');
    const mixed = one.flatMap((line, index) => [line, two[index] ?? line]);
    expect(errorsIn(mixed).map(({ text }) => text)).toEqual([
      traceback,
      traceback.replaceAll('nothing', 'else'),
    ]);
  });
});
