import { chownSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { httpToken } from '../../src/cli/http-token.ts';
import type { Config } from '../../src/config.ts';
import { temporaryDir } from '../support/temporary.ts';

const tokenOf = (dataDir: string) => httpToken({ dataDir } as Config);

test('a token is made once for a data directory', () => {
  const dir = temporaryDir();
  const token = tokenOf(dir);
  expect(token).toMatch(/^[\w-]{32}$/);
  expect(tokenOf(dir)).toBe(token);
  expect(tokenOf(temporaryDir())).not.toBe(token);
  expect(readdirSync(dir)).toEqual(['http.token']);
});

test.runIf(process.getuid?.() === 0)('a token that another user planted is refused', () => {
  const dir = temporaryDir();
  writeFileSync(join(dir, 'http.token'), 'planted\n');
  chownSync(join(dir, 'http.token'), 65_534, 65_534);
  expect(() => tokenOf(dir)).toThrow(/belongs to another user \(uid 65534\)/);
});

test.skipIf(process.platform === 'win32')('a link in place of the token is refused', () => {
  const dir = temporaryDir();
  symlinkSync('/etc/hostname', join(dir, 'http.token'));
  expect(() => tokenOf(dir)).toThrow(/not a regular file/);
});

test('an empty file is refused in words', () => {
  const dir = temporaryDir();
  writeFileSync(join(dir, 'http.token'), '\n');
  expect(() => tokenOf(dir)).toThrow(/http\.token holds no token\. Remove it/);
});
