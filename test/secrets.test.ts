import { expect, test } from 'vitest';
import { keepSecret, redact, showLink } from '../src/secrets.ts';

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

test('a link made for the user keeps its signature, and what stands around it is cleaned', () => {
  keepSecret('correct/horse');
  const link = 'https://x.example/view?X-Amz-Security-Token=correct%2Fhorse&X-Amz-Signature=0123456789abcdef';
  expect(redact(link)).not.toContain('0123456789abcdef');
  showLink(link);
  expect(redact(`correct/horse ${link} ${link} X-Amz-Signature=0123456789abcdef`)).toBe(
    `[hidden] ${link} ${link} X-Amz-Signature=[hidden]`,
  );
});
