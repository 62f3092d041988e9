import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { inShell, ownCommand } from '../../src/platform/own-command.ts';
import { programVersion } from '../../src/platform/version.ts';
import { temporaryDir } from '../support/temporary.ts';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

test.runIf(process.platform !== 'win32')('in a clone it is a line that a shell can run', () => {
  const line = ownCommand('--version');
  expect(line).toBe(`${inShell(process.execPath)} ${inShell(cli)} --version`);
  expect(execFileSync('/bin/sh', ['-c', line], { encoding: 'utf8' })).toBe(`${programVersion}\n`);
});

test.runIf(process.platform !== 'win32')(
  'where it is installed it is its name, but not where that is another',
  () => {
    const bin = join(temporaryDir(), 'bin');
    mkdirSync(bin);
    vi.stubEnv('PATH', bin);
    onTestFinished(() => void vi.unstubAllEnvs());
    symlinkSync(process.execPath, join(bin, 'agentcore-mcp'));
    expect(ownCommand('setup')).toContain('cli.js setup');

    const installed = join(temporaryDir(), 'bin');
    mkdirSync(installed);
    symlinkSync(cli, join(installed, 'agentcore-mcp'));
    execFileSync('/bin/chmod', ['+x', cli]);
    vi.stubEnv('PATH', installed);
    expect(ownCommand('setup')).toBe('agentcore-mcp setup');
  },
);

test.runIf(process.platform !== 'win32')('a path with blanks and quotes is one word', () => {
  const word = "/it's a/path";
  expect(execFileSync('/bin/sh', ['-c', `printf %s ${inShell(word)}`], { encoding: 'utf8' })).toBe(word);
});
