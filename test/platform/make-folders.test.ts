import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolders } from '../../src/platform/make-folders.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'agentcore-mcp-folders-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

test('makes what is missing, and nothing of what is there', () => {
  const folder = join(home, 'ä', '二', 'c');
  makeFolders(folder, 0o700);
  makeFolders(folder, 0o755);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('a file in the way is an error', () => {
  const file = join(home, 'file');
  writeFileSync(file, '');
  expect(() => makeFolders(file)).toThrow('EEXIST');
  expect(() => makeFolders(join(file, 'below'))).toThrow('ENOTDIR');
});

test.runIf(process.platform === 'linux')('a file system that makes no folders is an error, at once', () => {
  expect(() => makeFolders('/proc/x/y')).toThrow('ENOENT');
});
