import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { managedEnvironment } from '../../src/engine/sandbox/python.ts';
import { findPython } from '../../src/setup/requirements.ts';
import { isSetUp } from '../../src/setup/state.ts';
import { runProgram } from '../support/program.ts';
import { temporaryDir } from '../support/temporary.ts';
import { fakeChromium } from './support.ts';

const setup = (env: NodeJS.ProcessEnv = {}, ...flags: string[]) =>
  runProgram('cli.js', ['setup', ...flags], { env });

const realPython = () =>
  execFileSync('python3', ['-c', 'import sys; print(sys._base_executable)'], { encoding: 'utf8' }).trim();

/** A search path with exactly these programs, and a Chromium. */
function searchPath(programs: Record<string, string>): string {
  const bin = join(temporaryDir('bin'), 'bin');
  mkdirSync(bin);
  for (const [name, target] of Object.entries({ chromium: fakeChromium(), ...programs }))
    symlinkSync(target, join(bin, name));
  return bin;
}

function script(name: string, lines: string): string {
  const file = join(temporaryDir(name), name);
  writeFileSync(file, `#!/bin/sh\n${lines}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** A search path with a Python that looks good and then makes no environment, which is soon over. */
const pathWithoutVenv = () =>
  searchPath({
    bwrap: script('bwrap', 'echo bubblewrap 0.9.0'),
    python3: script('python3', '[ "$1" = -c ] && printf "3\\n12\\n$0\\n"'),
  });

describe.runIf(process.platform === 'linux')('setup', () => {
  test('where everything is there it does nothing, and says so only to a person', async () => {
    expect(isSetUp()).toBe(true);
    const before = readdirSync(join(managedEnvironment(), '..'));
    expect(await setup()).toEqual({ code: 0, stdout: '', stderr: 'Everything is installed.\n' });
    expect(await setup({}, '--optional')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readdirSync(join(managedEnvironment(), '..'))).toEqual(before);
  });

  test('packages that cannot be had: the reason is shown, and no half environment stays', async () => {
    const home = temporaryDir();
    const { code, stdout, stderr } = await setup({ AGENTCORE_MCP_PYTHON_HOME: home, PIP_NO_INDEX: '1' });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('Code sessions are off: the Python environment could not be made.');
    expect(stderr).toContain('No matching distribution found');
    expect(readdirSync(home)).toEqual([]);
  });

  test('without bubblewrap and without apt it prints the one command of this system', async () => {
    const path = searchPath({ python3: realPython(), dnf: script('dnf', 'exit 1') });
    const { code, stderr } = await setup({ PATH: path });
    const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
    expect(stderr).toBe(
      `Code sessions are off: bubblewrap is not installed. To mend it: ${sudo}dnf install bubblewrap\n`,
    );
    expect(code).toBe(1);
    expect((await setup({ PATH: path }, '--optional')).code).toBe(0);
  });

  test.runIf(process.getuid?.() === 0)(
    'apt that fails is not asked again at every start, but by a person',
    async () => {
      const home = temporaryDir();
      const tools = { python3: realPython(), env: '/usr/bin/env', sh: '/bin/sh' };
      const apt = script('apt-get', 'echo no network >&2; exit 100');
      const env = { PATH: searchPath({ ...tools, 'apt-get': apt }), XDG_DATA_HOME: home };
      const surroundings = { ...env, AGENTCORE_MCP_PYTHON_HOME: join(managedEnvironment(), '..') };
      const tried = expect.stringContaining('apt-get failed. It said last:\nno network');
      expect(await setup(surroundings, '--optional')).toMatchObject({ code: 0, stderr: tried });
      expect(statSync(join(home, 'agentcore-mcp')).mode & 0o777).toBe(0o700);
      expect(await setup(surroundings, '--optional')).toMatchObject({
        code: 0,
        stderr: expect.not.stringContaining('apt-get failed'),
      });
      expect(await setup(surroundings)).toMatchObject({ code: 1, stderr: tried });
    },
  );

  test('the data directory it makes is for its owner only', async () => {
    const home = temporaryDir();
    await setup({ XDG_DATA_HOME: home, PATH: pathWithoutVenv() });
    expect(statSync(join(home, 'agentcore-mcp')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(home, 'agentcore-mcp', 'python'))).toEqual([]);
  });

  test('what a killed set-up left is removed when it is old', async () => {
    const home = temporaryDir();
    const [old, fresh] = ['0123456789ab.00112233', '0123456789ab.44556677'];
    for (const name of [old, fresh, 'mine.txt.00112233']) mkdirSync(join(home, name));
    const longAgo = new Date(Date.now() - 2 * 3_600_000);
    utimesSync(join(home, old), longAgo, longAgo);
    utimesSync(join(home, 'mine.txt.00112233'), longAgo, longAgo);
    await setup({ AGENTCORE_MCP_PYTHON_HOME: home, PATH: pathWithoutVenv() });
    expect(readdirSync(home).sort()).toEqual([fresh, 'mine.txt.00112233']);
  });

  test('a bubblewrap that is too old and a Python without a suitable version are named', async () => {
    const path = searchPath({
      bwrap: script('bwrap', 'echo bubblewrap 0.6.1'),
      python3: script('python3', 'printf "3\\n9\\n/usr/bin/python3.9\\n"'),
    });
    const { stderr } = await setup({ PATH: path });
    expect(stderr).toContain(`bubblewrap 0.8 or newer is needed; ${path}/bwrap is 0.6`);
    expect(stderr).toContain('no Python 3.10 to 3.14 with its venv module was found');
  });

  test('what only pretends to be a newer Python is passed over', async () => {
    const shim = script('python3.14', 'echo "pyenv: python3.14: command not found" >&2; exit 127');
    vi.stubEnv('PATH', searchPath({ 'python3.14': shim, python3: realPython() }));
    onTestFinished(() => void vi.unstubAllEnvs());
    const found = await findPython();
    expect(found).toMatchObject({ works: true, version: expect.stringMatching(/^3\.1[0-4]$/) });
  });
});
