import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compiledCode } from '../../src/platform/compile-cache.ts';
import { temporaryDir } from '../support/temporary.ts';

const onUnix = test.skipIf(process.platform === 'win32' || process.platform === 'darwin');

onUnix('compiled code is kept where nobody else can write', () => {
  const home = temporaryDir();
  const folder = compiledCode({ XDG_CACHE_HOME: home });
  expect(folder).toBe(join(home, 'agentcore-mcp', 'compiled'));
  expect(statSync(folder ?? '').mode & 0o777).toBe(0o700);
});

onUnix('a folder in which others can write is not used', () => {
  const home = temporaryDir();
  const folder = join(home, 'agentcore-mcp', 'compiled');
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o777);
  expect(compiledCode({ XDG_CACHE_HOME: home })).toBeUndefined();
});

onUnix('without a place for it there is none', () => {
  expect(compiledCode({ XDG_CACHE_HOME: '/proc/none' })).toBeUndefined();
  expect(existsSync('/proc/none')).toBe(false);
});
