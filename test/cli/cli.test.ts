import { once } from 'node:events';
import { readFileSync, realpathSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { configTable } from '../../src/config-table.ts';
import { optionsOf } from '../../src/options.ts';
import { ownCommand } from '../../src/platform/own-command.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { temporaryDir } from '../support/temporary.ts';

const run = (...args: string[]) => runProgram('cli.js', args);

test('--version prints the version and nothing else', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(await run('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

describe('help', () => {
  test('names every command and every option', async () => {
    const { code, stdout, stderr } = await run('--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const { usage } of commands) expect(stdout).toContain(`\n  ${usage}\n`);
    for (const { flag, env, envOnly } of optionsOf(configTable)) {
      expect(stdout.includes(`--${flag}`), flag).toBe(!envOnly || flag === 'bearer-token');
      expect(stdout).toContain(env);
    }
    expect(stdout).not.toContain('--bearer-token ');
    expect(stdout).toContain('\n  AGENTCORE_MCP_PYTHON_HOME\n');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThan(140);
  });

  test.each([
    ['engine', '--help'],
    ['help', 'engine'],
    ['engine', '-h', '--port', '1'],
  ])('%s %s', async (...args) => {
    const { code, stdout } = await run(...args);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: ${ownCommand('engine [--port N]')}`);
    expect(stdout).toContain('--ephemeral\n');
  });
});

describe('what is wrong is said shortly, on stderr, with exit code 2', () => {
  test.each([
    [['serv'], 'Unknown command "serv". Did you mean serve? --help explains them.'],
    [['--prot', '1'], 'Unknown option --prot. Did you mean --port? --help lists the options.'],
    [['setup', '--python-home', 'x'], '--python-home is not a flag. Set AGENTCORE_MCP_PYTHON_HOME instead.'],
    [
      ['tools', '--toolsets', 'x'],
      '--toolsets: "x" is not allowed. Allowed: core, code, browser, agents, memory, api.',
    ],
    [['serve', 'now'], 'Unexpected argument "now". Options begin with --; --help lists them.'],
    [['tools', '--tools', 'run_cod'], '--tools: there is no tool "run_cod". Did you mean run_code?'],
    [['doctor', 'x'], 'Unexpected argument "x". Options begin with --; --help lists them.'],
    [['call', 'get_status', '{}', 'x'], 'Unexpected argument "x". Options begin with --; --help lists them.'],
    [['tools', 'run_cod'], 'There is no tool "run_cod". Did you mean run_code?'],
    [['env', '--backend', 'aws'], expect.stringContaining('env is for the local engine.')],
    [['engine', '--if-idle'], '--if-idle goes with --stop.'],
    [
      ['bogus'],
      'Unknown command "bogus". Commands: serve, call, tools, engine, env, doctor, setup. --help explains them.',
    ],
    [
      ['--shell', 'fish', 'env'],
      `Unknown option --shell. --help lists the options.\nThe command comes first: ${ownCommand('env ...')}`,
    ],
    [
      ['call'],
      `Usage: ${ownCommand("call <tool> '<arguments as JSON>'")}; - reads the arguments from standard input.`,
    ],
    [['call', 'run_cod'], 'There is no tool "run_cod". Did you mean run_code?'],
    [['env', '--shell', 'tcsh'], '--shell: "tcsh" is not allowed. Allowed: sh, fish, powershell.'],
    [['tools', '--ephemeral'], 'Unknown option --ephemeral. --help lists the options.'],
  ])('%j', async (args, message) => {
    const { stderr, ...rest } = await run(...args);
    expect(rest).toEqual({ code: 2, stdout: '' });
    expect(stderr.replace(/^agentcore-mcp: (.*)\n$/s, '$1')).toEqual(message);
  });

  test('arguments that are not JSON', async () => {
    const { code, stderr } = await run('call', 'get_status', '{');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^agentcore-mcp: The arguments are not valid JSON: .*\n$/);
  });
});

test('on an old Node it says what to install, before it loads anything', async () => {
  const old = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`;
  const { code, stdout, stderr } = await runProgram('cli.js', ['--version'], {
    node: ['--import', `data:text/javascript,${encodeURIComponent(old)}`],
  });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(`"${realpathSync(process.execPath)}"`);
  expect(stderr).toContain('needs Node 22.13 or newer and was started with 20.20.2');
  expect(readFileSync(new URL('../../dist/cli.js', import.meta.url), 'utf8')).not.toMatch(/^import /m);
});

test('a stdio server starts without the AWS SDK, the engine and the other commands, and touches no file', async () => {
  const watch = `
    import { registerHooks } from 'node:module';
    registerHooks({ load: (url, context, next) => { process.stderr.write('loads ' + url + '\\n'); return next(url, context); } });`;
  const dir = temporaryDir();
  const { code, stdout, stderr } = await runProgram(
    'cli.js',
    ['--data-dir', `${dir}/data`, '--workspace', `${dir}/files`],
    {
      cwd: dir,
      node: ['--import', `data:text/javascript,${encodeURIComponent(watch)}`],
    },
  );
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  const loaded = stderr.split('\n').map((line) => line.replace(/^loads /, ''));
  expect(loaded.some((url) => url.endsWith('/dist/transports/stdio.js'))).toBe(true);
  expect(
    loaded.filter((url) =>
      /@aws-sdk|engine\/(index|process)\.js|node:sqlite|cli\/(call|engine|doctor)/.test(url),
    ),
  ).toEqual([]);
  expect(await import('node:fs').then(({ readdirSync }) => readdirSync(dir))).toEqual([]);
});

test('tools prints each tool with its cost, and fewer where fewer are offered', async () => {
  const all = await run('tools');
  expect(all.code).toBe(0);
  expect(all.stdout).toMatch(/^run_code +code +execute +\d{3} +Run Python/m);
  expect(all.stdout).toMatch(/\n\d+ tools, \d+ tokens \(cl100k\) for the whole list\.\n$/);
  const few = await run('tools', '--toolsets', 'code');
  expect(few.stdout).toMatch(/\n3 tools, \d+ tokens/);
});

test('tools with a name lists the arguments of that tool', async () => {
  const { code, stdout } = await run('tools', 'run_code');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^run_code: Run Python/);
  expect(stdout).toMatch(
    /^ {2}language \(python\|javascript\|typescript\|shell, optional, default "python"\)$/m,
  );
  expect(stdout).toMatch(/^ {2}upload \(list of string, optional\)\n {6}Workspace files/m);
});

test('the help of an option names what is allowed, and that of call has an example that works', async () => {
  expect((await run('--help')).stdout).toMatch(
    /--backend <local\|aws> .*--toolsets <core\|code\|browser\|agents\|memory\|api,\.\.\.> /s,
  );
  const { stdout } = await run('call', '--help');
  expect(stdout).toContain(`Example: ${ownCommand(`call run_code '{"code": "6 * 7"}'`)}\n`);
});

test('a reader that has seen enough ends the program quietly', async () => {
  const program = startProgram('cli.js', ['tools']);
  program.stdout.destroy();
  const [said, [code]] = await Promise.all([text(program.stderr), once(program, 'close')]);
  expect({ said, code }).toEqual({ said: '', code: 0 });
});
