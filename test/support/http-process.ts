import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { until } from './engine.ts';
import { binary } from './mcp-clients.ts';

/** The built server on HTTP, as a process of its own; ended after the test. */
export async function httpProcess(args: string[]): Promise<{ url: string; token: string; pid: number }> {
  const token = 'token-of-the-http-process-123';
  const child = spawn(process.execPath, [binary, '--transport', 'http', '--port', '0', ...args], {
    env: { ...process.env, AGENTCORE_MCP_BEARER_TOKEN: token },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const [url = ''] = await until(() => /http:\/\/\S+\/mcp/.exec(stderr));
  return { url, token, pid: child.pid ?? 0 };
}
