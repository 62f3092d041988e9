import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { managedEnvironment } from '../../src/engine/sandbox/python.ts';
import { binary } from '../support/mcp-clients.ts';
import { runProgram } from '../support/program.ts';
import { temporaryDir } from '../support/temporary.ts';
import { fakeChromium } from './support.ts';

const root = process.getuid?.() === 0;
const nobody = 65_534;
const installs = 'install -y --no-install-recommends';
const font = `${installs} fonts-wqy-microhei`;

const realPython = () =>
  execFileSync('python3', ['-c', 'import sys; print(sys._base_executable)'], { encoding: 'utf8' }).trim();

/** A machine with apt and without bubblewrap. `apt` are lines of shell that see the command in $1 and may fail. */
function machine({ apt = '', sudo = '', chromium = true } = {}) {
  const dir = temporaryDir();
  const bin = join(dir, 'bin');
  const [log, data] = [join(dir, 'log'), join(dir, 'data')];
  mkdirSync(bin);
  mkdirSync(data);
  const script = (file: string, lines: string[]) => {
    writeFileSync(join(dir, file), ['#!/bin/sh', ...lines, ''].join('\n'));
    chmodSync(join(dir, file), 0o755);
  };
  script('bin/sudo', [`echo "sudo $*" >> '${log}'`, sudo, '[ "$2" = true ] || { shift; exec "$@"; }']);
  script('bwrap', ['echo bubblewrap 0.9.0']);
  script('bin/apt-get', [
    'while [ "$1" != install ] && [ "$1" != update ]; do shift; done',
    `echo "$*" >> '${log}'`,
    apt,
    `case "$*" in *bubblewrap*) /bin/ln -sf '${dir}/bwrap' '${bin}/bwrap' ;; esac`,
  ]);
  symlinkSync('/usr/bin/env', join(bin, 'env'));
  if (chromium) symlinkSync(fakeChromium(), join(bin, 'chromium'));
  symlinkSync(realPython(), join(bin, 'python3'));
  const env = {
    PATH: bin,
    XDG_DATA_HOME: data,
    AGENTCORE_MCP_PYTHON_HOME: join(managedEnvironment(), '..'),
  };
  const lines = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []);
  return {
    ...{ dir, bin, data, env, lines },
    /** What apt-get was told, from its command on. */
    asked: () => lines().filter((line) => !line.startsWith('sudo ')),
  };
}

/** Runs the set-up on a terminal, on which a person types when asked. */
async function onTerminal(env: NodeJS.ProcessEnv, typed: string, ...flags: string[]) {
  const spawnOnPty = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';
  const program = [process.execPath, binary, 'setup', ...flags];
  const child = spawn(realPython(), ['-c', spawnOnPty, ...program], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdout.on('data', (said: Buffer) => {
    if (said.includes('[Y/n]')) child.stdin.write(typed);
  });
  const [shown, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { shown, code };
}

describe.runIf(process.platform === 'linux')('with apt', () => {
  test('what is missing is installed, and a font for plots', async () => {
    const { env, asked } = machine();
    const { code, stderr } = await runProgram('cli.js', ['setup'], { env });
    expect(stderr).toBe('Installing bubblewrap with apt-get ...\nEverything is installed.\n');
    expect(asked()).toEqual([`${installs} bubblewrap`, font]);
    expect(code).toBe(0);
  });

  test('Chromium is installed apart from the rest', async () => {
    const { env, asked } = machine({
      apt: `case "$*" in *chromium*) /bin/ln -s '${fakeChromium()}' "\${0%/*}/chromium" ;; esac`,
      chromium: false,
    });
    const { code, stderr } = await runProgram('cli.js', ['setup'], { env });
    expect(stderr).toContain('Installing Chromium with apt-get, for browser sessions ...\n');
    expect(stderr).toMatch(/\nEverything is installed\.\n$/);
    expect(asked()).toEqual([`${installs} bubblewrap`, font, `${installs} chromium`, font]);
    expect(code).toBe(0);
  });

  test('a font that cannot be had is no failure', async () => {
    const { env } = machine({ apt: 'case "$*" in *fonts*) exit 100 ;; esac' });
    expect((await runProgram('cli.js', ['setup'], { env })).code).toBe(0);
  });

  test('the lists are refreshed where they do not have the package', async () => {
    const lists = join(temporaryDir(), 'lists');
    const { env, asked } = machine({
      apt: `[ "$1" = update ] && : > '${lists}'\n[ -e '${lists}' ] || exit 100`,
    });
    const { code, stderr } = await runProgram('cli.js', ['setup'], { env });
    expect(stderr).toMatch(/\nEverything is installed\.\n$/);
    expect(asked()).toEqual([`${installs} bubblewrap`, 'update', `${installs} bubblewrap`, font]);
    expect(code).toBe(0);
  });

  test.each(['y\n', '\n', 'Yes\n'])('a person at a terminal is asked, and agrees with %j', async (typed) => {
    const { env, asked } = machine();
    const { code, shown } = await onTerminal(env, typed);
    expect(shown).toContain('Code sessions need bubblewrap. Install with apt-get now? [Y/n] ');
    expect(shown).toContain('Everything is installed.');
    expect(asked()).toHaveLength(2);
    expect(code).toBe(0);
  });

  test('a person who declines gets the command, and nothing is installed', async () => {
    const { env, asked } = machine();
    const { code, shown } = await onTerminal(env, 'n\n');
    expect(shown).toMatch(
      /Not installed\.\r\nCode sessions are off: .+ To mend it: (sudo )?apt-get install bubblewrap\r\n/,
    );
    expect(asked()).toEqual([]);
    expect(code).toBe(1);
  });

  test.each(['\x04', '\x03'])('a person who ends the question with %j installs nothing', async (typed) => {
    const { env, asked } = machine();
    const { code, shown } = await onTerminal(env, typed);
    expect(shown).not.toContain('Warning');
    expect(asked()).toEqual([]);
    expect(code).not.toBe(0);
  });

  test('--yes asks nobody', async () => {
    const { env, asked } = machine();
    const { code, shown } = await onTerminal(env, '', '--yes');
    expect(shown).not.toContain('[Y/n]');
    expect(asked()).toHaveLength(2);
    expect(code).toBe(0);
  });
});

describe.runIf(process.platform === 'linux')('as an ordinary user', () => {
  /** The folders of a machine in the hands of that user; its Python makes no environment, which is soon over. */
  function ordinary(options: Parameters<typeof machine>[0]) {
    const { dir, bin, data, env, lines } = machine(options);
    const python = join(dir, 'python3');
    writeFileSync(python, '#!/bin/sh\n[ "$1" = -c ] && printf "3\\n12\\n$0\\n"\n');
    chmodSync(python, 0o755);
    symlinkSync(python, join(bin, 'python3.12'));
    if (root) for (const path of [dir, bin, data]) chownSync(path, nobody, nobody);
    return { env: { ...env, AGENTCORE_MCP_PYTHON_HOME: data }, lines };
  }
  const setup = (env: NodeJS.ProcessEnv) =>
    runProgram('cli.js', ['setup'], { env, ...(root && { uid: nobody }) });

  test('apt runs by a sudo that asks for no password', async () => {
    const { env, lines } = ordinary({});
    const { stderr } = await setup(env);
    expect(stderr).not.toContain('bubblewrap is not installed');
    const apt = 'env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120';
    expect(lines()).toEqual([
      ...['sudo -n true', 'sudo -n true'],
      ...[`sudo -n ${apt} ${installs} bubblewrap`, `${installs} bubblewrap`],
      ...[`sudo -n ${apt} ${font}`, font],
    ]);
  });

  test('where sudo would ask for a password, the command is printed', async () => {
    const { env, lines } = ordinary({ sudo: 'echo "sudo: a password is required" >&2; exit 1' });
    const { code, stderr } = await setup(env);
    expect(stderr).toContain('To mend it: sudo apt-get install bubblewrap\n');
    expect(lines()).toEqual(['sudo -n true']);
    expect(code).toBe(1);
  });
});
