import { describe, expect, test } from 'vitest';
import { hideSecretShapes } from '../../src/platform/secret-shapes.ts';

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
  String.raw`\neyJ`,
  String.raw`\u000aeyJ-`,
  '%0aeyJ.',
  '[0;31meyJ',
  '[0;31',
  '-eyJ-\\neyJ',
  'bearer A-',
  'authorization:',
  'authorization: bearer ',
  'Authorization: Basic A',
];
const openings = [
  'bearer',
  'bearer ',
  'authorization',
  'authorization:',
  'authorization: bearer',
  'secret_access_key',
  '-----BEGIN ',
  'eyJ',
  String.raw`\neyJ`,
];
const fillings = [' ', 'A', '-', `${'A'.repeat(24)}-`, 'aA.', String.raw`\n`];
const texts = [
  ...hostile.map((part) => part.repeat(LENGTH / part.length)),
  ...openings.flatMap((opening) =>
    fillings.map((filling) => opening + filling.repeat(LENGTH / filling.length)),
  ),
];

test('text made to keep the hiding of secrets busy does not', { timeout: 5_000 }, () => {
  for (const text of texts) expect(hideSecretShapes(text).length).toBeGreaterThan(0);
});

const secrets: [what: string, text: string, hiddenText: string][] = [
  ['an access key id', 'key AKIAIOSFODNN7EXAMPLE.', 'key [hidden].'],
  ['a temporary access key id', '"ASIAIOSFODNN7EXAMPLE"', '"[hidden]"'],
  [
    'a secret access key',
    'SecretAccessKey=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    'SecretAccessKey=[hidden]',
  ],
  [
    'one in escaped JSON',
    '{\\"aws_session_token\\": \\"abcdefghijklmnopqrstuv\\"}',
    '{\\"aws_session_token\\": \\"[hidden]\\"}',
  ],
  [
    'a signed address',
    '?X-Amz-Signature=x1&X-Amz-Security-Token=y2',
    '?X-Amz-Signature=[hidden]&X-Amz-Security-Token=[hidden]',
  ],
  ['a signature', 'Credential=x, Signature=0123456789abcdef', 'Credential=x, Signature=[hidden]'],
  [
    'a bearer token',
    'Authorization: Bearer  abcdefghijklmnop.qrstuvwxyz==',
    'Authorization: Bearer  [hidden]',
  ],
  ['a short bearer token', 'bearer hunter2hunter', 'bearer [hidden]'],
  ['a bearer token without digits', 'bearer QwertyUiopAsdfgh', 'bearer [hidden]'],
  ['a long one of small letters', 'Bearer abcdefghijklmnopqrstuvwxyz', 'Bearer [hidden]'],
  [
    'a bearer token that could be words, in its header',
    'Authorization: Bearer abcdefghijklmnop.qrstuvwxyz',
    'Authorization: Bearer [hidden]',
  ],
  [
    'one in JSON',
    '{"Authorization":"Bearer aaaaaaaaaaaaaaaaaaaa","a":1}',
    '{"Authorization":"Bearer [hidden]","a":1}',
  ],
  [
    'one in escaped JSON',
    '{\\"authorization\\": \\"bearer aaaaaaaaaaaaaaaaaaaa\\"}',
    '{\\"authorization\\": \\"bearer [hidden]\\"}',
  ],
  [
    'a user and a password in a header',
    "{'Authorization': 'Basic dXNlcjpwYXNzd29yZA=='}",
    "{'Authorization': 'Basic [hidden]'}",
  ],
  ['a JSON web token', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.', '[hidden]'],
  ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIE+/=\n-----END RSA PRIVATE KEY-----', '[hidden]'],
];

test.each(secrets)('%s is hidden, and what stands around it is not', (_, text, hiddenText) => {
  expect(hideSecretShapes(text)).toBe(hiddenText);
  expect(hideSecretShapes(hiddenText)).toBe(hiddenText);
});

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0123456789.c2lnbmF0dXJl';

test('JSON web tokens are hidden wherever they stand', () => {
  for (const before of ['', 'token=', 'token: "', '.', '/', '\n'])
    expect(hideSecretShapes(`${before}${jwt}`)).toBe(`${before}[hidden]`);
});

describe('a secret on a new line of a text', () => {
  const lines = [
    'AKIAIOSFODNN7EXAMPLE',
    'Bearer abcdefghijklmnopqrstuvwxyz',
    jwt,
    'Signature=0123456789abcdef',
  ];
  const hiddenLines = ['[hidden]', 'Bearer [hidden]', '[hidden]', 'Signature=[hidden]'];

  test.each([
    ['JSON', '\\n'],
    ['JSON of JSON', '\\\\n'],
    ['JSON in full', '\\u000a'],
    ['JSON in capitals', '\\u000A'],
    ['a repr', '\\r\\t'],
    ['a repr of bytes', '\\x0a'],
    ['a shell', '\\012'],
    ['an address', '%0A'],
    ['a coloured terminal', '\x1b[0;31m'],
    ['a coloured terminal in JSON', '\\u001b[1m'],
  ])('is hidden in %s', (_, newline) => {
    const text = ['line', ...lines, 'end'].join(newline);
    expect(hideSecretShapes(text)).toBe(['line', ...hiddenLines, 'end'].join(newline));
  });
});

test.each([
  'bearer representatives-of-nations',
  'The bearer Representatives-Of-Nations/counterrevolutionaries_internationalization.',
  'BEARER AUTHENTICATION-MIDDLEWARE',
  'bearer authentication=required',
  'Use bearer authentication, or a bearer token.',
  'The secret access key is missing; the session token too.',
  'Signature=short',
  'AKIA is how they begin',
  '-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----',
])('%j stays as it is', (text) => {
  expect(hideSecretShapes(text)).toBe(text);
});
