import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { defaultRegion } from '../../src/engine/index.ts';
import { started } from '../support/engine.ts';
import { interopPython } from '../support/interop-python.ts';
import { temporaryDir } from '../support/temporary.ts';

const DEADLINE_MS = 45_000;
const downFrom = (last: number, first = 0) =>
  Array.from({ length: last - first + 1 }, (_, index) => last - index);

test('boto3 makes a memory, keeps events in branches, pages through them, and deletes all', async () => {
  const engine = await started();
  const { accessKeyId, secretAccessKey } = engine.credentials();
  const script = join(import.meta.dirname, 'memory_boto3.py');
  const { stdout } = await promisify(execFile)(interopPython, [script], {
    env: {
      PATH: process.env.PATH,
      HOME: temporaryDir('home'),
      AWS_ENDPOINT_URL: engine.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_DEFAULT_REGION: defaultRegion,
    },
    timeout: DEADLINE_MS,
  });
  expect(JSON.parse(stdout)).toEqual({
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
