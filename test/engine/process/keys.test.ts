import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultAccount, openKeys } from '../../../src/engine/process/keys.ts';
import { temporaryDir } from '../../support/temporary.ts';

const keyFile = (dir: string) => join(dir, 'master.key');
const posix = process.platform !== 'win32';
const root = process.getuid?.() === 0;

test('an account has one secret of 40 characters, which no other account or data directory has', () => {
  const dir = temporaryDir();
  const { accessKeyId, secretAccessKey } = openKeys(dir).credentials();
  expect(accessKeyId).toBe('000000000000');
  expect(defaultAccount).toBe('000000000000');
  expect(secretAccessKey).toMatch(/^[\w-]{40}$/);
  expect(openKeys(dir).secretFor('000000000000')).toBe(secretAccessKey);
  expect(openKeys(dir).secretFor('000000000001')).not.toBe(secretAccessKey);
  expect(openKeys(temporaryDir()).secretFor('000000000000')).not.toBe(secretAccessKey);
  expect(readFileSync(keyFile(dir), 'utf8')).not.toContain(secretAccessKey);
});

test.each([
  '',
  '1',
  '00000000000',
  '0000000000000',
  'AKIA00000000',
  '00000000000 ',
  '１２３４５６７８９０１２',
])('"%s" is no account', (account) => {
  expect(() => openKeys(temporaryDir()).credentials(account)).toThrow(/exactly 12 digits/);
});

test.runIf(posix)('only the owner can read the master key, even where that was changed', () => {
  const dir = temporaryDir();
  openKeys(dir);
  expect(statSync(keyFile(dir)).mode & 0o777).toBe(0o600);
  chmodSync(keyFile(dir), 0o644);
  openKeys(dir);
  expect(statSync(keyFile(dir)).mode & 0o777).toBe(0o600);
  expect(readdirSync(dir)).toEqual(['master.key']);
});

test.each(['', 'xyz', 'ab'.repeat(31), 'not a key at all'])('a file with "%s" is refused', (content) => {
  const dir = temporaryDir();
  writeFileSync(keyFile(dir), content);
  expect(() => openKeys(dir)).toThrow(/holds no key .* Remove it/);
});

test('a proof holds for its purpose, its parts and its key only', () => {
  const keys = openKeys(temporaryDir());
  const proof = keys.prove('handshake', 'a', 'b');
  expect(keys.verify(proof, 'handshake', 'a', 'b')).toBe(true);
  expect(keys.verify(proof, 'shutdown', 'a', 'b')).toBe(false);
  expect(keys.verify(proof, 'handshake', 'ab', '')).toBe(false);
  expect(keys.verify(proof, 'handshake', 'a')).toBe(false);
  expect(keys.verify(`${proof}00`, 'handshake', 'a', 'b')).toBe(false);
  expect(keys.verify('', 'handshake', 'a', 'b')).toBe(false);
  expect(openKeys(temporaryDir()).verify(proof, 'handshake', 'a', 'b')).toBe(false);
});

test.runIf(root)('a master key that another user planted is refused', () => {
  const dir = temporaryDir();
  openKeys(dir);
  chownSync(keyFile(dir), 65_534, 65_534);
  expect(() => openKeys(dir)).toThrow(/belongs to another user \(uid 65534\)/);
});

test.runIf(posix)('a link in place of the master key is refused', () => {
  const dir = temporaryDir();
  spawnSync('ln', ['-s', '/etc/hostname', keyFile(dir)]);
  expect(() => openKeys(dir)).toThrow(/not a regular file/);
});
