import { expect, test } from 'vitest';
import { isWithin, resolveNamespace } from '../../../../src/engine/services/memory/namespaces.ts';

const values = { actorId: 'anna:1', sessionId: 's', memoryStrategyId: 'facts-0123456789' };
const resolve = (
  template: string,
  variables?: Record<string, string>,
  ...keys: Parameters<typeof resolveNamespace>[2]
) => resolveNamespace(template, { ...values, variables }, keys);

test('a template stands for the namespace of an actor, a session and one’s own variables', () => {
  expect(resolve('/s/{memoryStrategyId}/a/{actorId}/{sessionId}/{actorId}')).toEqual({
    namespace: '/s/facts-0123456789/a/anna:1/s/anna:1',
  });
  expect(resolve('/{team}/', { team: 'blue' }, { key: 'team' })).toEqual({ namespace: '/blue/' });
});

test('a variable without a value, or with one that is not allowed, is named', () => {
  const failure = (words: RegExp) => ({ failure: expect.stringMatching(words) });
  expect(resolve('/{team}/', {}, { key: 'team' })).toEqual(failure(/team has no value/));
  expect(resolve('/{constructor}/', {}, { key: 'constructor' })).toEqual(failure(/no value/));
  const allowed = { key: 'team', validation: { allowedValues: ['blue', 'red'] } };
  expect(resolve('/{team}/', { team: 'green' }, allowed)).toEqual(failure(/not one of blue, red/));
  const pattern = { key: 'team', validation: { regexPattern: '[a-c]+' } };
  expect(resolve('/{team}/', { team: 'abc' }, pattern)).toEqual({ namespace: '/abc/' });
  expect(resolve('/{team}/', { team: 'abcd' }, pattern)).toEqual(failure(/does not match/));
});

test('a pattern that would take years is no match', () => {
  const slow = { key: 'team', validation: { regexPattern: '(a+)+b' } };
  expect(resolve('/{team}/', { team: 'a'.repeat(64) }, slow)).toHaveProperty('failure');
});

test('a namespace lies within itself and those above it, by whole segments', () => {
  expect(isWithin('/a/b/', '/a/b')).toBe(true);
  expect(isWithin('/a/b', '/a/b/')).toBe(true);
  expect(isWithin('a/b', '/a')).toBe(true);
  expect(isWithin('/a', '/')).toBe(true);
  expect(isWithin('a', '//a//')).toBe(true);
  expect(isWithin('/a/bc', '/a/b')).toBe(false);
  expect(isWithin('/a', '/a/b')).toBe(false);
});
