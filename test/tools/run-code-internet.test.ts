import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { internetInterpreter } from '../../src/agentcore/interpreters.ts';
import type { Context } from '../../src/context.ts';
import { readResource } from '../../src/resources/resources.ts';
import { codeFileUri } from '../../src/resources/uris.ts';
import { createContext } from '../../src/server.ts';
import { runTool } from '../../src/tools/call.ts';
import { contextWith, patient } from '../support/contexts.ts';
import { describeSandbox } from '../support/sandbox.ts';

const server = createServer((_request, response) => void response.end('reached')).listen(0, '127.0.0.2');
await once(server, 'listening');
afterAll(() => void server.close());
const open = `127.0.0.2:${(server.address() as AddressInfo).port}`;

async function call(context: Context, name: string, args: object) {
  const { structuredContent } = await runTool(context, name, args, patient());
  return structuredContent as Record<string, unknown> & { session: string };
}
const run = (context: Context, args: object) => call(context, 'run_code', args);
const fetching = {
  code: `import urllib.request\nprint(urllib.request.urlopen("http://${open}").read().decode())`,
};

describeSandbox('run_code with internet', () => {
  test('has it, in sessions that every server finds', async () => {
    const first = contextWith(['--agent-allow-hosts', open]);
    const [labelled, unnamed] = await Promise.all([
      run(first, { ...fetching, session: 'web', internet: true }),
      run(first, { ...fetching, internet: true }),
    ]);
    expect([labelled.stdout, unnamed.stdout]).toEqual(['reached', 'reached']);
    expect(await run(first, { ...fetching, session: 'web' })).toMatchObject({ stdout: 'reached' });

    const second = createContext(first.config);
    const again = { code: 'open("kept", "w").write("it")', session: 'web', internet: true };
    expect(await run(second, again)).toMatchObject({ session: labelled.session, exit_code: 0 });
    const third = createContext(first.config);
    const uri = codeFileUri(labelled.session, 'kept');
    expect((await readResource(third, uri, patient().signal)).contents).toMatchObject([{ text: 'it' }]);
    expect(await run(third, { ...fetching, session: unnamed.session })).toMatchObject({ stdout: 'reached' });

    const list = await call(second, 'list_resources', {});
    expect(list.items).toMatchObject([
      { kind: 'code_interpreter', id: 'aws.codeinterpreter.v1' },
      { kind: 'code_interpreter', name: internetInterpreter },
      ...[expect.anything(), expect.anything()],
      { kind: 'browser', id: 'aws.browser.v1' },
      { kind: 'memory', id: 'default_memory-0000000000' },
    ]);
    const sessions = (list.items as { id: string }[]).slice(2, 4).map(({ id }) => id);
    expect(sessions.toSorted()).toEqual([labelled.session, unnamed.session].toSorted());
    for (const [named, id] of [
      ['web', labelled.session],
      [unnamed.session, unnamed.session],
    ]) {
      const fresh = createContext(first.config);
      expect(await call(fresh, 'stop_session', { session: named })).toMatchObject({ stopped: id });
    }
    expect(await run(third, { code: '1', session: unnamed.session })).toMatchObject({ code: 'SessionEnded' });
  });

  test('is refused where the session is there without', async () => {
    const context = contextWith();
    const { session } = await run(context, { code: '1', session: 'closed' });
    for (const handle of ['closed', session])
      expect(await run(context, { code: '1', session: handle, internet: true })).toMatchObject({
        code: 'NoInternet',
        hint: expect.stringContaining('Leave internet out'),
      });
    expect(await run(context, { code: '2', session: 'closed' })).toMatchObject({ stdout: '2', session });

    const [plain, joining] = await Promise.all([
      run(context, { code: '1', session: 'raced' }),
      run(context, { code: '1', session: 'raced', internet: true }),
    ]);
    expect(plain).toMatchObject({ stdout: '1' });
    expect(joining).toMatchObject({ code: 'NoInternet' });
  });

  test('makes one interpreter, however many servers ask at once', async () => {
    const context = contextWith();
    await call(context, 'list_resources', {});
    const servers = [context, ...Array.from({ length: 3 }, () => createContext(context.config))];
    const answers = await Promise.all(
      servers.map((server) => run(server, { code: '1', session: 'shared', internet: true })),
    );
    expect(new Set(answers.map(({ session }) => session)).size).toBe(1);
    const { items } = await call(context, 'list_resources', { kind: 'code_interpreter' });
    expect(items).toHaveLength(2);
  });
});
