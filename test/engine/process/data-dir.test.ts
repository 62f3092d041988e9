import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { httpToken } from '../../../src/cli/http-token.ts';
import type { Config } from '../../../src/config.ts';
import { prepareDataDir } from '../../../src/engine/process/data-dir.ts';
import { temporaryDir } from '../../support/temporary.ts';

const posix = process.platform !== 'win32';
const root = process.getuid?.() === 0;

test('a data directory is made for its owner only, with the folders above it', () => {
  const dir = join(temporaryDir(), 'deep', 'data');
  prepareDataDir(dir);
  if (posix) expect(statSync(dir).mode & 0o777).toBe(0o700);
  prepareDataDir(dir);
});

test.runIf(posix)('one that everybody can write to is refused with the cure, also behind a link', () => {
  const dir = join(temporaryDir(), 'open');
  mkdirSync(dir);
  const link = join(temporaryDir(), 'link');
  symlinkSync(dir, link);
  for (const mode of [0o777, 0o1777]) {
    chmodSync(dir, mode);
    for (const path of [dir, link]) expect(() => prepareDataDir(path)).toThrow(/Every user .* chmod o-w/);
  }
  chmodSync(dir, 0o755);
  prepareDataDir(link);
});

test.runIf(root)('one of another user is refused, and no token that lies in it is taken', () => {
  const dir = temporaryDir();
  writeFileSync(join(dir, 'http.token'), 'planted\n');
  chownSync(dir, 65_534, 65_534);
  expect(() => prepareDataDir(dir)).toThrow(/belongs to another user \(uid 65534\)/);
  expect(() => httpToken({ dataDir: dir } as Config)).toThrow(/belongs to another user/);
});
