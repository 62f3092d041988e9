import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import {
  GetCodeInterpreterSessionCommand,
  ListCodeInterpreterSessionsCommand,
  StopCodeInterpreterSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import { expect, onTestFinished, test } from 'vitest';
import { startEngine } from '../../../src/engine/index.ts';
import { readRecord } from '../../../src/engine/process/record.ts';
import { ensureEngine, findEngine } from '../../../src/engine/process.ts';
import { ask, dataClient, liveService, started, until } from '../../support/engine.ts';
import { temporaryDir } from '../../support/temporary.ts';

const interpreter = { codeInterpreterIdentifier: 'aws.codeinterpreter.v1' };

test('two engines never share a data directory', async () => {
  const dataDir = temporaryDir();
  const first = await started({ dataDir, services: liveService() });
  await expect(startEngine({ dataDir })).rejects.toThrow(/Another engine is running on the data directory/);
  expect(readRecord(dataDir)?.generation).toBe(first.generation);
  expect(await findEngine(dataDir)).toMatchObject({ pid: process.pid });
});

test('without a data directory it works in a temporary one that goes away', async () => {
  const engine = await startEngine({ services: liveService() });
  expect(readRecord(engine.dataDir)).toMatchObject({ url: engine.url });
  await engine.close();
  await engine.close();
  expect(await engine.ended).toBe('closed');
  expect(() => readFileSync(join(engine.dataDir, 'engine.db'))).toThrow(/ENOENT/);
});

test('an engine keeps its port over restarts, and takes another where somebody else has it', async () => {
  const dataDir = temporaryDir();
  const first = await started({ dataDir, services: liveService() });
  await first.close();
  const second = await started({ dataDir, services: liveService() });
  expect(second.url).toBe(first.url);
  await second.close();
  const other = createServer().listen(Number(new URL(first.url).port), '127.0.0.1');
  onTestFinished(() => void other.close());
  const third = await started({ dataDir, services: liveService() });
  expect(third.url).not.toBe(first.url);
  await expect(startEngine({ port: Number(new URL(third.url).port) })).rejects.toThrow(
    /Port \d+ cannot be used .*EADDRINUSE.* Choose another one/,
  );
});

test('a start that fails lets go of everything', async () => {
  const dataDir = temporaryDir();
  const failing = () => {
    throw new Error('no such service');
  };
  await expect(startEngine({ dataDir, services: failing })).rejects.toThrow('no such service');
  await started({ dataDir, services: liveService() });
});

test('a database without room is told to the caller in words, and the engine goes on', async () => {
  let size = 0;
  const engine = await started({
    services: ({ store }) => {
      const documents = store.documents<string>('big');
      store.db.exec(
        `PRAGMA max_page_count = ${Number(store.db.prepare('PRAGMA page_count').get()?.page_count) + 20}`,
      );
      return [
        {
          handlers: {
            agentcore: {
              async StopCodeInterpreterSession({ codeInterpreterIdentifier, sessionId = '' }, call) {
                documents.put(call, sessionId, 'x'.repeat(size));
                return { codeInterpreterIdentifier, sessionId, lastUpdatedAt: new Date() };
              },
            },
          },
          live: () => 0,
          close: async () => {},
        },
      ];
    },
  });
  const stop = () =>
    dataClient(engine).send(new StopCodeInterpreterSessionCommand({ ...interpreter, sessionId: 'x' }));
  await stop();
  size = 1_000_000;
  await expect(stop()).rejects.toMatchObject({
    name: 'InternalServerException',
    message: expect.stringMatching(
      /The database .*engine\.db: .*no room left for it; free space on its disk/,
    ),
  });
  size = 0;
  await stop();
});

test('two services that answer the same operation are refused', async () => {
  const twice = () =>
    [...liveService()(), ...liveService()()].map((service) => ({
      ...service,
      handlers: { agentcore: { GetEvent: async () => ({ event: undefined }) } },
    }));
  await expect(startEngine({ services: twice })).rejects.toThrow(/Two services answer GetEvent/);
});

test('an engine nobody uses ends by itself; sessions and requests keep it', async () => {
  const live = { count: 1 };
  const engine = await started({ dataDir: temporaryDir(), idleSeconds: 0.3, services: liveService(live) });
  await new Promise((resolve) => setTimeout(resolve, 900));
  expect(await findEngine(engine.dataDir)).toBeDefined();
  live.count = 0;
  expect(await engine.ended).toBe('not used for 0.3 s');
  expect(await findEngine(engine.dataDir)).toBeUndefined();
});

test('an open request keeps an engine, and so does a recent one', async () => {
  const { promise: release, resolve } = Promise.withResolvers<void>();
  const slow = () => [
    {
      handlers: {
        agentcore: {
          GetCodeInterpreterSession: async () => {
            await release;
            return { ...interpreter, sessionId: 'x', createdAt: new Date() };
          },
        },
      },
      live: () => 0,
      close: async () => {},
    },
  ];
  const engine = await started({ dataDir: temporaryDir(), idleSeconds: 0.3, services: slow });
  const answer = dataClient(engine).send(
    new GetCodeInterpreterSessionCommand({ ...interpreter, sessionId: 'x' }),
  );
  await new Promise((resolve) => setTimeout(resolve, 900));
  expect(readRecord(engine.dataDir)).toBeDefined();
  resolve();
  expect(await answer).toMatchObject({ sessionId: 'x' });
  await engine.ended;
});

test('services end before the store, and nobody new is let in meanwhile', async () => {
  const order: string[] = [];
  const { promise: closing, resolve: onClosing } = Promise.withResolvers<void>();
  const { promise: release, resolve } = Promise.withResolvers<void>();
  const engine = await startEngine({
    dataDir: temporaryDir(),
    services: ({ store }) => [
      {
        handlers: {},
        live: () => 0,
        close: async () => {
          onClosing();
          await release;
          order.push(`service, store ${store.db.isOpen ? 'open' : 'closed'}`);
        },
      },
    ],
  });
  const closed = engine.close().then(() => order.push('engine'));
  await closing;
  await expect(ask(engine.url)).rejects.toThrow(/ECONNREFUSED/);
  resolve();
  await closed;
  expect(order).toEqual(['service, store open', 'engine']);
});

test('an engine whose data directory was taken away ends, and never touches the new one', {
  timeout: 60_000,
}, async () => {
  const dataDir = temporaryDir();
  const engine = await started({ dataDir, idleSeconds: 1, services: liveService({ count: 1 }) });
  rmSync(dataDir, { recursive: true });
  const next = await started({ dataDir, services: liveService() });
  expect(await engine.ended).toBe('its data directory was removed');
  expect(readRecord(dataDir)?.generation).toBe(next.generation);
});

test('a lost or damaged record is written again', async () => {
  const engine = await started({
    dataDir: temporaryDir(),
    idleSeconds: 1,
    services: liveService({ count: 1 }),
  });
  writeFileSync(join(engine.dataDir, 'engine.json'), '{');
  await until(() => readRecord(engine.dataDir)?.generation === engine.generation);
});

test('a newer client names an older engine that has sessions, and replaces it once it has none', {
  timeout: 60_000,
}, async () => {
  const live = { count: 1 };
  const engine = await started({ dataDir: temporaryDir(), services: liveService(live) });
  const { dataDir, version, generation } = engine;
  const options = { dataDir, version: '99.0.0', idleSeconds: 60 };

  const kept = await ensureEngine(options);
  expect(kept.generation).toBe(generation);
  expect(kept.notice).toContain(
    `version ${version}, older than this program's 99.0.0, and has 1 live session`,
  );
  expect(
    (await ensureEngine({ ...options, version: '0.0.1' })).notice,
    'for an older client',
  ).toBeUndefined();
  expect((await ensureEngine({ ...options, version })).notice, 'for one as old').toBeUndefined();

  live.count = 0;
  const replaced = await ensureEngine(options);
  onTestFinished(async () => {
    process.kill(replaced.pid, 'SIGTERM');
    await until(async () => !(await findEngine(dataDir)));
  });
  expect(await engine.ended).toBe('asked to stop');
  expect(replaced.generation).not.toBe(generation);
  expect(replaced.pid).not.toBe(process.pid);
  expect(replaced.url, 'clients of the old one find it at the same address').toBe(engine.url);
});

test('accounts are told apart by their keys, and another account’s key or a wrong one is refused', async () => {
  const engine = await started({ dataDir: temporaryDir() });
  const list = new ListCodeInterpreterSessionsCommand(interpreter);
  expect((await dataClient(engine, '123456789012').send(list)).items).toEqual([]);
  const forged = {
    url: engine.url,
    credentials: () => ({ ...engine.credentials(), accessKeyId: '123456789012' }),
  };
  await expect(dataClient(forged).send(list)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
});

test('without authentication every program is let in, and no web page', async () => {
  const engine = await started({ auth: 'none', services: liveService() });
  const path = `${engine.url}/code-interpreters/aws.codeinterpreter.v1`;
  expect((await ask(path)).status).toBe(501);
  expect((await ask(path, { headers: { origin: 'http://localhost' } })).status).toBe(403);
});
