import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { defaultDataDir, pythonHome, userCacheHome } from '../../src/platform/paths.ts';

const cwd = resolve('/work/project');

test.each([
  ['py', join(cwd, 'py')],
  ['../py', resolve(cwd, '../py')],
  ['~/py', join(homedir(), 'py')],
  ['~', homedir()],
  [resolve('/opt/py'), resolve('/opt/py')],
  ['', join(defaultDataDir({}), 'python')],
])('the Python environments of %j are in %s', (given, expected) => {
  expect(pythonHome({ AGENTCORE_MCP_PYTHON_HOME: given }, cwd)).toBe(expected);
});

test.runIf(process.platform === 'linux').each([
  [undefined, join(homedir(), '.cache')],
  ['', join(homedir(), '.cache')],
  ['cache', join(homedir(), '.cache')],
  ['/var/cache/me', '/var/cache/me'],
])('with XDG_CACHE_HOME %j caches are in %s', (given, expected) => {
  expect(userCacheHome({ XDG_CACHE_HOME: given })).toBe(expected);
});
