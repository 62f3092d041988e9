import { expect, test } from 'vitest';
import { keepSecret, redact } from '../src/secrets.ts';

test('what was kept as a secret is hidden, and what looks like one', () => {
  keepSecret('correct horse');
  expect(redact('correct horse, eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0. and horse')).toBe(
    '[hidden], [hidden] and horse',
  );
});

test('words too short to be a secret stay as they are', () => {
  keepSecret('horse');
  keepSecret(undefined);
  expect(redact('a horse')).toBe('a horse');
});
