import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stopAfterTest } from '../support/engine.ts';
import { httpProcess } from '../support/http-process.ts';
import { binary } from '../support/mcp-clients.ts';
import { describeSandbox } from '../support/sandbox.ts';
import { temporaryDir } from '../support/temporary.ts';

const inspector = join(
  import.meta.dirname,
  '../../node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js',
);
const DEADLINE_MS = 45_000;
/** Exit codes of the inspector. */
const UNAUTHORIZED = 3;
const TOOL_ERROR = 5;

interface Inspection {
  exitCode: number;
  /** What the server answered, as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: the answers of every method.
  result: any;
  stderr: string;
}

/** Runs MCP's inspector without its web page, in a home folder of its own. */
function inspect(target: string[], ...args: string[]): Promise<Inspection> {
  const all = [inspector, '--cli', ...target, '--quiet', '--format', 'json', ...args];
  const env = { PATH: process.env.PATH, HOME: temporaryDir('home'), MCP_INSPECTOR_SECRET_STORE: 'memory' };
  return new Promise((resolve) => {
    execFile(process.execPath, all, { env, timeout: DEADLINE_MS }, (error, stdout, stderr) => {
      const exitCode = error ? Number(error.code ?? -1) : 0;
      resolve({ exitCode, result: stdout && JSON.parse(stdout).result, stderr });
    });
  });
}

/** The built server over stdio, with a data directory of its own. */
const overStdio = () => [process.execPath, binary, '--data-dir', temporaryDir()];

/** The built server over HTTP, likewise. */
async function overHttp(): Promise<string[]> {
  const dataDir = temporaryDir();
  const { url, token } = await httpProcess(['--data-dir', dataDir, '--workspace', dataDir]);
  stopAfterTest(dataDir);
  return [url, '--transport', 'http', '--header', `Authorization: Bearer ${token}`];
}

describe('MCP’s inspector', () => {
  test('finds no fault with the tool list', async () => {
    const { exitCode, result, stderr } = await inspect(overStdio(), '--method', 'tools/list', '--strict');
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toBe('');
    expect(result.tools.map(({ name }: { name: string }) => name)).toContain('run_code');
  });

  test.each([
    ['legacy', '2025-11-25'],
    ['modern', '2026-07-28'],
  ])('gets an introduction in the %s era', async (era, protocolVersion) => {
    for (const target of [overStdio(), await overHttp()]) {
      const { exitCode, result } = await inspect(target, '--protocol-era', era, '--method', 'initialize');
      expect(exitCode).toBe(0);
      expect(result).toMatchObject({ protocolVersion, serverInfo: { name: 'agentcore-mcp' } });
    }
  });

  test('sees a failed call as one', async () => {
    const wrong = ['--method', 'tools/call', '--tool-name', 'run_code', '--tool-args-json', '{"cod":"1"}'];
    const { exitCode, result } = await inspect(await overHttp(), ...wrong);
    expect(exitCode).toBe(TOOL_ERROR);
    expect(result).toMatchObject({ isError: true, structuredContent: { code: 'InvalidArgument' } });
  });

  test('is let in with the right token only', async () => {
    const [url = ''] = await overHttp();
    const stranger = [url, '--transport', 'http', '--header', 'Authorization: Bearer wrong'];
    const { exitCode, result } = await inspect(stranger, '--method', 'tools/list');
    expect(exitCode).toBe(UNAUTHORIZED);
    expect(result).toBeFalsy();
  });
});

describeSandbox('MCP’s inspector with a sandbox', () => {
  test.each(['legacy', 'modern'])('runs code over HTTP in the %s era', async (era) => {
    const call = ['--method', 'tools/call', '--tool-name', 'run_code', '--protocol-era', era];
    const args = ['--tool-args-json', JSON.stringify({ code: 'print("日本")\n6 * 7' })];
    const { exitCode, result, stderr } = await inspect(await overHttp(), ...call, ...args);
    expect(exitCode, stderr).toBe(0);
    expect(result.structuredContent).toMatchObject({ exit_code: 0, stdout: '日本\n42' });
  });
});
