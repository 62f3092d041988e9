import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findEngine } from '../../src/engine/process.ts';
import { shareDependencies } from '../support/agents.ts';
import { until } from '../support/engine.ts';
import { connect } from '../support/mcp-clients.ts';
import { pathWithoutBubblewrap, place, takenPort } from '../support/places.ts';
import { type RunOptions, runProgram, startProgram } from '../support/program.ts';
import { describeSandbox } from '../support/sandbox.ts';

const onLinux = process.platform === 'linux';

/** Starts `npm start` and collects what it prints. */
function started(args: string[], options?: RunOptions) {
  const server = startProgram('start.js', args, options);
  const run = { server, printed: '' };
  server.stdout.setEncoding('utf8').on('data', (text: string) => {
    run.printed += text;
  });
  return run;
}

/** Ctrl-C in the middle of the tour. */
async function interrupt(run: ReturnType<typeof started>): Promise<void> {
  run.server.kill('SIGINT');
  expect(await once(run.server, 'close')).toEqual([130, null]);
  expect(run.printed).toMatch(/\nThe tour was interrupted\.\n$/);
}

const serves = (run: { printed: string }) => until(() => run.printed.includes('Ctrl+C ends this server.'));

/** The JSON printed below a title that begins so, in the first part (own servers) or the second (connected). */
function configuration(printed: string, part: 'A' | 'B', title: string) {
  const [, own = '', connected = ''] = printed.split(/^[AB]\. .*$/m);
  const text = part === 'A' ? own : connected;
  return JSON.parse(new RegExp(`^${title} .*?:\\n(\\{.*?^\\})`, 'ms').exec(text)?.[1] ?? '');
}

describe('the tour', () => {
  describeSandbox('with a sandbox', () => {
    test('every step works, also beside another, and nothing that was there is touched', {
      timeout: 180_000,
    }, async () => {
      const { dir, dataDir, flags } = place();
      shareDependencies(dataDir);
      const kept = join(dir, 'files', 'tour', 'note.txt');
      mkdirSync(dirname(kept), { recursive: true });
      writeFileSync(kept, 'mine');
      const mine = { session: 'tour', code: 'mine = 7' };
      await runProgram('cli.js', ['call', 'run_code', JSON.stringify(mine), ...flags]);

      const whole = runProgram('start.js', ['--tour-only', '--port', '0', ...flags]);
      const cutShort = started(['--port', '0', ...flags]);
      await until(() => cutShort.printed.includes('333833500'));
      const taken = readdirSync(join(dir, 'files')).sort();
      expect(taken).toEqual(['tour', 'tour-2', 'tour-3']);
      await interrupt(cutShort);

      const { code, stdout, stderr } = await whole;
      expect(stderr).toBe('');
      expect(stdout).toContain('Code sessions: works');
      expect(stdout).toContain('Ada gets 茶');
      expect(stdout).toContain('333833500');
      expect(stdout).toContain('with a little cardamom');
      const [, folder = ''] =
        /\nAll 17 steps worked, in [\d.]+ s\. The files are in (.+)\.\n/.exec(stdout) ?? [];
      expect(readFileSync(join(folder, 'sales.png')).subarray(1, 4).toString()).toBe('PNG');
      expect(stdout).toMatch(/ends by itself after 15 minutes without work\.\n$/);
      expect(code).toBe(0);
      expect(readdirSync(join(dir, 'files')).sort()).toEqual(['tour', basename(folder)]);
      expect(readFileSync(kept, 'utf8')).toBe('mine');
      const look = { session: 'tour', code: 'mine' };
      const seen = await runProgram('cli.js', ['call', 'run_code', JSON.stringify(look), ...flags]);
      expect(JSON.parse(seen.stdout)).toMatchObject({ stdout: expect.stringContaining('7') });
    });

    test.each(['session', '333833500'])(
      'Ctrl-C after "%s" ends its session and its empty folder too',
      async (sign) => {
        const { dir, dataDir, flags } = place();
        const run = started(['--port', '0', ...flags]);
        await until(() => run.printed.includes(sign));
        await interrupt(run);
        expect(readdirSync(join(dir, 'files'))).toEqual([]);
        await until(async () => (await findEngine(dataDir))?.live === 0);
      },
    );

    test('a workspace that cannot be written: says so with the cure, and goes on serving', async () => {
      const { dir, flags } = place();
      writeFileSync(join(dir, 'files'), 'a file, where the workspace should be');
      const run = started(['--port', '0', ...flags]);
      await serves(run);
      expect(run.printed).toMatch(
        /\nThe tour ends here: .*tour\/sales\.png.*npm start -- --workspace <folder>/,
      );
      expect(run.printed).toContain(`cli.js doctor --data-dir '${dir}`);
      expect(run.printed).toContain('The server goes on serving.');
      run.server.kill('SIGINT');
      expect(await once(run.server, 'close')).toEqual([0, null]);
    });
  });

  test('without the tools it needs: says so, and goes on serving', async () => {
    const run = started(['--port', '0', '--read-only', ...place().flags]);
    await serves(run);
    expect(run.printed).toMatch(/\nThe tour ends here: run_code .+\n/);
    expect(run.printed).toContain('The server goes on serving.');
    const { servers } = configuration(run.printed, 'B', 'VS Code');
    const { url, headers } = servers.agentcore;
    const client = await connect('2.x modern', { url, token: headers.Authorization.replace('Bearer ', '') });
    expect((await client.listTools()).tools.length).toBeGreaterThan(0);
  });

  test.runIf(onLinux)('without bubblewrap: says so with the cure, and fails', async () => {
    const { dir, flags } = place();
    const { code, stdout } = await runProgram('start.js', ['--tour-only', '--port', '0', ...flags], {
      env: { PATH: pathWithoutBubblewrap(dir) },
    });
    expect(stdout).toMatch(/Code sessions: OFF\. .*bubblewrap/);
    expect(stdout).toMatch(/\nThe tour ends here: .*bubblewrap.* setup/);
    expect(stdout).toMatch(/\n {2}\S+ \S+cli\.js doctor /);
    expect(stdout).not.toContain('goes on serving');
    expect(existsSync(join(dir, 'files', 'tour'))).toBe(false);
    expect(code).toBe(1);
  });
});

test('--no-tour: serves on the next free port and prints configuration that works', async () => {
  const { dir, flags } = place();
  const port = await takenPort();
  const run = started(['--no-tour', '--port', port, '--read-only', ...flags], { cwd: dir });
  await serves(run);
  expect(run.printed).toMatch(new RegExp(`^Port ${port} is taken; \\d+ it is\\.\\n`));
  const { mcpServers } = configuration(run.printed, 'A', 'Claude Desktop');
  expect(mcpServers.agentcore.command).toBe(process.execPath);
  expect(run.printed).toContain('Kiro (~/.kiro/settings/mcp.json)');
  const own = await connect('2.x legacy', { args: mcpServers.agentcore.args.slice(1) });
  const names = (await own.listTools()).tools.map(({ name }) => name);
  expect(names).toContain('get_status');
  expect(names).not.toContain('run_code');
  const { servers } = configuration(run.printed, 'B', 'VS Code');
  const { url, headers } = servers.agentcore;
  const remote = await connect('2.x modern', { url, token: headers.Authorization.replace('Bearer ', '') });
  expect((await remote.listTools()).tools.map(({ name }) => name)).toEqual(names);
  run.server.kill('SIGINT');
  expect(await once(run.server, 'close')).toEqual([0, null]);
});

test.runIf(onLinux)('configuration leads to the same folders from any folder and environment', async () => {
  const { dir } = place();
  const cwd = join(dir, 'project');
  mkdirSync(cwd);
  const data = join(dir, 'xdg');
  const env = { XDG_DATA_HOME: data, AGENTCORE_MCP_PYTHON_HOME: undefined, AGENTCORE_MCP_SPARES: undefined };
  const run = started(['--no-tour', '--port', '0'], { cwd, env });
  await serves(run);
  for (const server of [
    configuration(run.printed, 'A', 'Claude Desktop').mcpServers.agentcore,
    configuration(run.printed, 'A', 'VS Code').servers.agentcore,
  ]) {
    expect(server.args.slice(1)).toEqual(['--data-dir', join(data, 'agentcore-mcp'), '--workspace', cwd]);
    expect(server.env).toEqual({ AGENTCORE_MCP_PYTHON_HOME: join(data, 'agentcore-mcp', 'python') });
  }
  expect(run.printed).toContain(`claude mcp add agentcore --env 'AGENTCORE_MCP_PYTHON_HOME=${data}`);
});

test('a folder of Python environments that is not absolute is printed in full', async () => {
  const { dir, flags } = place();
  const env = { AGENTCORE_MCP_PYTHON_HOME: 'py' };
  const run = started(['--no-tour', '--port', '0', ...flags], { cwd: dir, env });
  await serves(run);
  const { mcpServers } = configuration(run.printed, 'A', 'Claude Desktop');
  expect(mcpServers.agentcore.env).toEqual({ AGENTCORE_MCP_PYTHON_HOME: join(dir, 'py') });
});

test('a second one recognises the first, and serves beside it', async () => {
  const { flags } = place();
  const first = started(['--no-tour', '--port', '0', ...flags]);
  await serves(first);
  const [url = '', port = ''] = /http:\S+:(\d+)\/mcp/.exec(first.printed) ?? [];
  const second = started(['--no-tour', '--port', port, ...flags]);
  await serves(second);
  expect(second.printed).toMatch(
    new RegExp(
      `^agentcore-mcp already serves at ${url};.* on port \\d+: its URLs are valid only while it runs\\.\\n`,
    ),
  );
});

test('a second one does not take the server of another data directory for its own', async () => {
  const first = started(['--no-tour', '--port', '0', ...place().flags]);
  await serves(first);
  const [, port = ''] = /http:\S+:(\d+)\/mcp/.exec(first.printed) ?? [];
  const second = started(['--no-tour', '--port', port, ...place().flags]);
  await serves(second);
  expect(second.printed).toMatch(
    new RegExp(
      `^Port ${port} is held by an agentcore-mcp server that does not show .+ same token; .+\\. \\d+ it is\\.\\n`,
    ),
  );
});

test('whoever else listens on the port gets no token, whatever he says he is', async () => {
  const seen: string[] = [];
  const impostor = createServer((request, response) => {
    seen.push(JSON.stringify([request.url, request.headers]));
    response.writeHead(401, { 'www-authenticate': 'Bearer realm="agentcore-mcp"' }).end();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void impostor.close());
  await once(impostor, 'listening');
  const { port } = impostor.address() as AddressInfo;
  const { dataDir, flags } = place();
  const run = started(['--no-tour', '--port', String(port), ...flags]);
  await serves(run);
  expect(run.printed).toContain(`Port ${port} is held by an agentcore-mcp server that does not show`);
  expect(seen).toHaveLength(2);
  const token = readFileSync(join(dataDir, 'http.token'), 'utf8').trim();
  expect(seen.join()).not.toContain(token);
});

test('--help lists its options, and those of the server', async () => {
  const { code, stdout } = await runProgram('start.js', ['--help']);
  expect(stdout).toMatch(/--tour-only\n.*--workspace /s);
  expect(code).toBe(0);
});

test('--transport stdio is refused, since npm start always serves HTTP', async () => {
  const { code, stderr } = await runProgram('start.js', ['--transport', 'stdio']);
  expect(stderr).toContain('--transport: "stdio" is not allowed.');
  expect(stderr).toContain('`npm start` always serves HTTP');
  expect(code).toBe(2);
});
