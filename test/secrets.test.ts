import { expect, test } from 'vitest';
import { hideSecrets } from '../src/engine/log.ts';
import { redact } from '../src/secrets.ts';

const LENGTH = 256 * 1024;
const hostile = [
  '-eyJ',
  '.eyJaaaaaaaaaa',
  'bearer ',
  'Signature=',
  '-----BEGIN ',
  '-----BEGIN PRIVATE KEY-----',
  'secret_access_key=',
  'AKIA',
];
const openings = ['bearer', 'secret_access_key', '-----BEGIN ', 'eyJ'];
const texts = [
  ...hostile.map((part) => part.repeat(LENGTH / part.length)),
  ...openings.flatMap((opening) => [' ', 'A', '-'].map((filling) => opening + filling.repeat(LENGTH))),
];

test.each([
  ['of answers', redact],
  ['of logs', hideSecrets],
])('text made to keep the hiding of secrets %s busy does not', { timeout: 5_000 }, (_, hide) => {
  for (const text of texts) expect(hide(text).length).toBeGreaterThan(0);
});

test.each([
  ['of answers', redact],
  ['of logs', hideSecrets],
])('tokens are hidden wherever they stand %s', (_, hide) => {
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0123456789.c2lnbmF0dXJl';
  for (const before of ['', 'token=', 'token: "', '.', '/', '\n'])
    expect(hide(`${before}${jwt}`)).not.toContain('c2lnbmF0dXJl');
  expect(hide('Authorization: Bearer  abcdefghijklmnop.qrstuvwxyz==')).not.toMatch(/abcdefgh|==/);
});
