import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keptPrivately } from '../../src/platform/private-file.ts';
import { Fixture } from '../support/engine.ts';
import { temporaryDir } from '../support/temporary.ts';

const posix = process.platform !== 'win32';
const root = process.getuid?.() === 0;

const keptIn = (dir: string, text = 'abc') =>
  keptPrivately(join(dir, 'kept'), {
    what: 'word of three letters',
    make: () => text,
    isWhole: (found) => found.length === 3,
  });

test('the first text stays, and nothing lies beside it', () => {
  const dir = temporaryDir();
  expect(keptIn(dir)).toBe('abc');
  expect(keptIn(dir, 'xyz')).toBe('abc');
  expect(readdirSync(dir)).toEqual(['kept']);
  expect(readFileSync(join(dir, 'kept'), 'utf8')).toBe('abc\n');
});

test.runIf(posix)('only the owner can read it, even where that was changed', () => {
  const dir = temporaryDir();
  const mode = () => statSync(join(dir, 'kept')).mode & 0o777;
  keptIn(dir);
  expect(mode()).toBe(0o600);
  chmodSync(join(dir, 'kept'), 0o644);
  keptIn(dir);
  expect(mode()).toBe(0o600);
});

test('processes that race for the first text get the same one', { timeout: 60_000 }, async () => {
  const dir = temporaryDir();
  const start = String(Date.now() + 1_500);
  const racers = Array.from(
    { length: 6 },
    () => new Fixture('private-file-racer.ts', [join(dir, 'kept'), start]),
  );
  const texts = await Promise.all(racers.map((racer) => racer.line<string>()));
  expect(new Set(texts).size).toBe(1);
  expect(readdirSync(dir)).toEqual(['kept']);
});

test.each(['', ' \n', 'ab', 'abcd'])('a file with %j is refused, not replaced', (content) => {
  const dir = temporaryDir();
  writeFileSync(join(dir, 'kept'), content);
  expect(() => keptIn(dir)).toThrow(/kept holds no word of three letters\. Remove it/);
  expect(readFileSync(join(dir, 'kept'), 'utf8')).toBe(content);
});

test.runIf(root)('a file of another user is refused', () => {
  const dir = temporaryDir();
  keptIn(dir);
  chownSync(join(dir, 'kept'), 65_534, 65_534);
  expect(() => keptIn(dir)).toThrow(/belongs to another user \(uid 65534\).* Remove it/);
});

test.runIf(posix)('a link is refused wherever it leads, and so is a folder', () => {
  for (const target of ['elsewhere', 'nowhere']) {
    const dir = temporaryDir();
    writeFileSync(join(dir, 'elsewhere'), 'abc');
    symlinkSync(join(dir, target), join(dir, 'kept'));
    expect(() => keptIn(dir)).toThrow(/not a regular file/);
  }
  const dir = temporaryDir();
  mkdirSync(join(dir, 'kept'));
  expect(() => keptIn(dir)).toThrow(/not a regular file/);
});

test('where nothing can be written the error is the one of the system', () => {
  expect(() => keptIn(join(temporaryDir(), 'no such folder'))).toThrow(/ENOENT/);
});
