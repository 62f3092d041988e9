import { expect, test } from 'vitest';
import { createLog } from '../../../src/engine/log.ts';
import { Teardown } from '../../../src/engine/process/teardown.ts';

test('steps are undone last first, once, and neither a failing nor a hanging one stops the rest', async () => {
  const lines: string[] = [];
  const teardown = new Teardown(createLog({ write: (line) => lines.push(JSON.parse(line).message) }));
  const done: string[] = [];
  teardown.add('first', () => done.push('first'));
  teardown.add('hanging', () => new Promise(() => {}), 30);
  teardown.add('failing', () => {
    throw new Error('no');
  });
  teardown.add('rejecting', () => Promise.reject(new Error('no')));
  teardown.add('last', async () => done.push('last'));
  await Promise.all([teardown.run(), teardown.run()]);
  await teardown.run();
  expect(done).toEqual(['last', 'first']);
  expect(lines).toEqual(['rejecting: failed', 'failing: failed', 'hanging: not done after 0.03 s']);
});
