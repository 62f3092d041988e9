import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { configTable } from '../../src/config.ts';
import { optionsOf } from '../../src/options.ts';
import { runProgram } from '../support/program.ts';
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
    for (const { usage } of commands) expect(stdout).toContain(`agentcore-mcp ${usage}\n`);
    for (const { flag, env, secret } of optionsOf(configTable)) {
      expect(stdout.includes(`--${flag}`), flag).toBe(!secret || flag === 'bearer-token');
      expect(stdout).toContain(env);
    }
    expect(stdout).not.toContain('--bearer-token ');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThan(140);
  });

  test.each([
    ['engine', '--help'],
    ['help', 'engine'],
    ['engine', '-h', '--port', '1'],
  ])('%s %s', async (...args) => {
    const { code, stdout } = await run(...args);
    expect(code).toBe(0);
    expect(stdout).toContain('agentcore-mcp engine [--port N]');
    expect(stdout).toContain('--ephemeral\n');
  });
});

describe('what is wrong is said in one line, on stderr, with exit code 2', () => {
  test.each([
    [['serv'], 'Unknown command "serv". Did you mean serve? --help explains them.'],
    [['--prot', '1'], 'Unknown option --prot. Did you mean --port? --help lists the options.'],
    [['tools', '--toolsets', 'x'], '--toolsets: "x" is not allowed. Allowed: core or code or api.'],
    [['serve', 'now'], 'Unexpected argument "now". Options begin with --.'],
    [['tools', '--tools', 'run_cod'], '--tools: there is no tool "run_cod". Did you mean run_code?'],
    [
      ['call'],
      "Usage: agentcore-mcp call <tool> '<arguments as JSON>'; - reads the arguments from standard input.",
    ],
    [['call', 'run_cod'], 'There is no tool "run_cod". Did you mean run_code?'],
    [['env', '--shell', 'tcsh'], '--shell: "tcsh" is not allowed. Allowed: sh or fish or powershell.'],
    [['tools', '--ephemeral'], 'Unknown option --ephemeral. --help lists the options.'],
  ])('%j', async (args, message) => {
    expect(await run(...args)).toEqual({ code: 2, stdout: '', stderr: `agentcore-mcp: ${message}\n` });
  });

  test('arguments that are no JSON', async () => {
    const { code, stderr } = await run('call', 'get_status', '{');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^agentcore-mcp: The arguments are no JSON: .*\n$/);
  });
});

test('on an old Node it says what to install, before it loads anything', async () => {
  const old = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`;
  const { code, stdout, stderr } = await runProgram('cli.js', ['--version'], {
    node: ['--import', `data:text/javascript,${encodeURIComponent(old)}`],
  });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
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
  expect(few.stdout).toMatch(/\n1 tools, \d+ tokens/);
});
