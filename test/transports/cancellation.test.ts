import type { Client as FirstClient } from '@modelcontextprotocol/sdk/client/index.js';
import { expect, test } from 'vitest';
import { stopAfterTest, until } from '../support/engine.ts';
import { httpProcess } from '../support/http-process.ts';
import {
  type AnyClient,
  type ClientKind,
  clientKinds,
  connect,
  type Target,
} from '../support/mcp-clients.ts';
import { describeSandbox } from '../support/sandbox.ts';
import { temporaryDir } from '../support/temporary.ts';

/** A call of run_code in session "s". */
function run(kind: ClientKind, client: AnyClient, args: object, signal?: AbortSignal) {
  const params = { name: 'run_code', arguments: { session: 's', ...args } };
  return kind === '1.x'
    ? (client as unknown as FirstClient).callTool(params, undefined, { signal })
    : client.callTool(params, { signal });
}

const ways = clientKinds.flatMap((kind) => [
  { kind, transport: 'HTTP', target: httpProcess },
  { kind, transport: 'stdio', target: async (args: string[]): Promise<Target> => ({ args }) },
]);

describeSandbox('a call that its client cancels', () => {
  test.each(ways)('ends in the sandbox: over $transport, $kind', async ({ kind, target }) => {
    const dataDir = temporaryDir();
    stopAfterTest(dataDir);
    const client = await connect(kind, await target(['--data-dir', dataDir]));
    await run(kind, client, { code: 'x = 1' });
    const gone = new AbortController();
    const code = 'import time\nopen("begun", "w")\ntime.sleep(600)';
    const running = run(kind, client, { code, wait_seconds: 600 }, gone.signal);
    running.catch(() => {});
    const files = () => run(kind, client, { language: 'shell', code: 'ls' });
    await until(async () => JSON.stringify(await files()).includes('begun'));
    gone.abort();
    await expect(running).rejects.toThrow();
    expect(await run(kind, client, { code: 'x' })).toMatchObject({ structuredContent: { stdout: '1' } });
  });
});
