import { readdirSync, readFileSync } from 'node:fs';
import {
  type BedrockAgentCoreClient,
  GetCodeInterpreterSessionCommand,
  InvokeCodeInterpreterCommand,
  ListCodeInterpreterSessionsCommand,
  type ListCodeInterpreterSessionsCommandInput,
  StartCodeInterpreterSessionCommand,
  StopCodeInterpreterSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import { expect, test } from 'vitest';
import { startEngine } from '../../../../src/engine/index.ts';
import { started, until } from '../../../support/engine.ts';
import { describeSandbox } from '../../../support/sandbox.ts';
import { temporaryDir } from '../../../support/temporary.ts';
import {
  clientOf,
  identifier,
  inSession,
  invoke,
  startSession,
  textOf,
  unknownId,
  useEngine,
} from './support.ts';

const codeInterpreterIdentifier = identifier;

function get(client: BedrockAgentCoreClient, sessionId: string) {
  return client.send(new GetCodeInterpreterSessionCommand({ codeInterpreterIdentifier, sessionId }));
}

function stop(client: BedrockAgentCoreClient, sessionId: string) {
  return client.send(new StopCodeInterpreterSessionCommand({ codeInterpreterIdentifier, sessionId }));
}

function list(client: BedrockAgentCoreClient, input: Partial<ListCodeInterpreterSessionsCommandInput> = {}) {
  return client.send(new ListCodeInterpreterSessionsCommand({ codeInterpreterIdentifier, ...input }));
}

async function idsOf(answer: ReturnType<typeof list>): Promise<(string | undefined)[]> {
  return ((await answer).items ?? []).map(({ sessionId }) => sessionId);
}

/** The sandboxes of the engine in this process. */
function sandboxProcesses(): number[] {
  const statuses = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/stat`, 'utf8');
      } catch {
        return '';
      }
    });
  return statuses.flatMap((status) => {
    const [, pid, parent] = /^(\d+) \(bwrap\) \S (\d+)/.exec(status) ?? [];
    return Number(parent) === process.pid ? [Number(pid)] : [];
  });
}

describeSandbox('sessions', () => {
  const engine = useEngine();

  test('are started, looked at, and stopped, and stay readable', async () => {
    const client = engine.client();
    const before = Date.now() - 1000;
    const begun = await client.send(
      new StartCodeInterpreterSessionCommand({
        codeInterpreterIdentifier,
        name: 'Ünï 1',
        sessionTimeoutSeconds: 60,
      }),
    );
    const sessionId = begun.sessionId ?? '';
    expect(begun).toMatchObject({ codeInterpreterIdentifier, createdAt: expect.any(Date) });
    expect(sessionId).toMatch(/^[0-9A-Z]{26}$/);
    expect(begun.createdAt?.getTime()).toBeGreaterThan(before);

    const ready = { codeInterpreterIdentifier, sessionId, name: 'Ünï 1', createdAt: begun.createdAt };
    expect(await get(client, sessionId)).toMatchObject({
      ...ready,
      status: 'READY',
      sessionTimeoutSeconds: 60,
    });

    const stopped = await stop(client, sessionId);
    expect(stopped).toMatchObject({ codeInterpreterIdentifier, sessionId, lastUpdatedAt: expect.any(Date) });
    expect(await get(client, sessionId)).toMatchObject({ ...ready, status: 'TERMINATED' });
    await expect(invoke(client, sessionId, 'executeCommand', { command: 'ls' })).rejects.toMatchObject({
      name: 'ConflictException',
      message: expect.stringContaining('it was stopped'),
      $metadata: { httpStatusCode: 409 },
    });
  });

  test('live for 900 seconds unless told otherwise, and may be named by ARN', async () => {
    const client = engine.client();
    const arn = `arn:aws:bedrock-agentcore:us-east-1:aws:code-interpreter/${identifier}`;
    const sessionId = await startSession(client, { codeInterpreterIdentifier: arn });
    expect(await get(client, sessionId)).toMatchObject({
      sessionTimeoutSeconds: 900,
      codeInterpreterIdentifier,
    });
    await stop(client, sessionId);
  });

  test('may be stopped twice; one that never was may not', async () => {
    const client = engine.client();
    const sessionId = await startSession(client);
    const [first] = await Promise.all([stop(client, sessionId), stop(client, sessionId)]);
    expect((await stop(client, sessionId)).lastUpdatedAt).toEqual(first.lastUpdatedAt);
    await expect(stop(client, unknownId)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('end when their time is over, counted from the start, though they are in use', async () => {
    const client = engine.client();
    const sessionId = await startSession(client, { sessionTimeoutSeconds: 2 });
    const busy = inSession(client, sessionId).shell('sleep 40');
    await expect(busy).rejects.toMatchObject({
      name: 'ConflictException',
      message: expect.stringContaining('its time to live of 2 s was over'),
    });
    expect((await get(client, sessionId)).status).toBe('TERMINATED');
    await expect(inSession(client, sessionId).python('1')).rejects.toMatchObject({
      name: 'ConflictException',
      message: expect.stringContaining('its time to live of 2 s was over'),
    });
  });

  test('that crash are TERMINATED, with the reason', async () => {
    const client = engine.client();
    const sessionId = await startSession(client);
    const { shell } = inSession(client, sessionId);
    const conflict = { name: 'ConflictException', message: expect.stringMatching(/TERMINATED: .*SIGKILL/) };
    const busy = expect(shell('touch begun; sleep 40')).rejects.toMatchObject(conflict);
    await until(async () => !(await shell('test -e begun')).isError);
    for (const pid of sandboxProcesses()) process.kill(pid, 'SIGKILL');
    await busy;
    expect((await get(client, sessionId)).status).toBe('TERMINATED');
    await expect(shell('ls')).rejects.toMatchObject(conflict);
  });

  test('are started by InvokeCodeInterpreter without a session', async () => {
    const client = engine.client('333333333333');
    const { sessionId = '', stream } = await client.send(
      new InvokeCodeInterpreterCommand({
        codeInterpreterIdentifier,
        name: 'executeCode',
        arguments: { language: 'python', code: 'kept = "kept"' },
      }),
    );
    for await (const event of stream ?? []) expect(event.result?.isError).toBe(false);
    expect(textOf(await inSession(client, sessionId).python('print(kept)'))).toBe('kept');
    expect((await list(client)).items).toMatchObject([{ sessionId, status: 'READY' }]);
    await stop(client, sessionId);
  });

  test('are listed newest first, page by page, and by status', async () => {
    const client = engine.client('444444444444');
    const ids: string[] = [];
    for (let index = 0; index < 5; index++) ids.unshift(await startSession(client, { name: `n${index}` }));
    expect((await list(client)).items?.[0]).toEqual({
      codeInterpreterIdentifier,
      sessionId: ids[0],
      name: 'n4',
      status: 'READY',
      createdAt: expect.any(Date),
      lastUpdatedAt: expect.any(Date),
    });

    const seen: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await list(client, { maxResults: 2, nextToken });
      expect(page.items?.length).toBeLessThanOrEqual(2);
      seen.push(...(page.items ?? []).map(({ sessionId }) => sessionId));
      nextToken = page.nextToken;
    } while (nextToken);
    expect(seen).toEqual(ids);

    const [first, ...rest] = ids as [string, ...string[]];
    await stop(client, first);
    expect(await idsOf(list(client, { status: 'TERMINATED' }))).toEqual([first]);
    expect(await idsOf(list(client, { status: 'READY' }))).toEqual(rest);
    await expect(list(client, { nextToken: 'invented' })).rejects.toMatchObject({
      name: 'ValidationException',
      fieldList: [{ name: 'nextToken' }],
    });
    await Promise.all(rest.map((id) => stop(client, id)));
  });

  test('belong to one account and region', async () => {
    const owner = engine.client('555555555555', 'eu-west-1');
    const sessionId = await startSession(owner);
    for (const stranger of [engine.client('666666666666', 'eu-west-1'), engine.client('555555555555')]) {
      const notFound = { name: 'ResourceNotFoundException' };
      expect(await idsOf(list(stranger))).toEqual([]);
      await expect(get(stranger, sessionId)).rejects.toMatchObject(notFound);
      await expect(stop(stranger, sessionId)).rejects.toMatchObject(notFound);
      await expect(inSession(stranger, sessionId).python('1')).rejects.toMatchObject(notFound);
    }
    expect(textOf(await inSession(owner, sessionId).python('print("still here")'))).toBe('still here');
    await stop(owner, sessionId);
  });

  test('share nothing, not even files', async () => {
    const client = engine.client();
    const [a, b] = await Promise.all([startSession(client), startSession(client)]);
    await inSession(client, a).python('x = 1; open("x.txt", "w").write("1")');
    expect(textOf(await inSession(client, b).python('x'))).toContain('NameError');
    expect(textOf(await inSession(client, b).shell('ls'))).toBe('');
    await Promise.all([stop(client, a), stop(client, b)]);
  });

  test('are started once for a client token, also when asked twice at once', async () => {
    const client = engine.client('777777777777');
    const clientToken = 'the-same-token-for-each-of-these-starts';
    const start = (name = 'one') => startSession(client, { clientToken, name });
    const [first, second] = await Promise.all([start(), start()]);
    expect(second).toBe(first);
    expect(await start()).toBe(first);
    expect(await idsOf(list(client))).toEqual([first]);
    await expect(start('other')).rejects.toMatchObject({
      name: 'ValidationException',
      reason: 'IdempotentParameterMismatchException',
      fieldList: [{ name: 'clientToken' }],
    });
    const elsewhere = engine.client('888888888888');
    const other = await startSession(elsewhere, { clientToken, name: 'other' });
    expect(other).not.toBe(first);
    await Promise.all([stop(client, first), stop(elsewhere, other)]);
  });
});

describeSandbox('sessions and the end of their engine', () => {
  test('the next engine knows them, TERMINATED', async () => {
    const dataDir = temporaryDir();
    const first = await startEngine({ dataDir, spares: 0 });
    const sessionId = await startSession(clientOf(first), { name: 'before' });
    await first.close();
    const client = clientOf(await started({ dataDir }));
    expect(await get(client, sessionId)).toMatchObject({ status: 'TERMINATED', name: 'before' });
    await expect(inSession(client, sessionId).python('1')).rejects.toMatchObject({
      name: 'ConflictException',
      message: expect.stringContaining('the engine was shut down'),
    });
  });
});
