import { expect, test } from 'vitest';
import { started } from '../support/engine.ts';
import { runPython } from '../support/python-clients.ts';

const downFrom = (last: number, first = 0) =>
  Array.from({ length: last - first + 1 }, (_, index) => last - index);

test('boto3 makes a memory, keeps events in branches, pages through them, and deletes all', async () => {
  const engine = await started();
  expect(await runPython(engine, 'memory_boto3.py')).toEqual({
    memory: ['CREATING', 'ACTIVE', { team: 'blue' }],
    all: downFrom(23),
    branch: [...downFrom(23, 20), ...downFrom(4)],
    payload: [
      { conversational: { role: 'USER', content: { text: 'message 0' } } },
      { blob: { step: [1, null] } },
      { blob: 'aGk=' },
    ],
    time: true,
    removed: [true, ['ResourceNotFoundException', 404]],
    actors: ['bob', 'team/anna:1'],
    sessions: ['two'],
    'too many': ['ValidationException', 400],
    taken: ['ValidationException', 400],
    deleted: ['ResourceNotFoundException', 404],
    left: ['default_memory-0000000000'],
  });
});
