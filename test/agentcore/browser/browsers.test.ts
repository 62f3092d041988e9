import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartBrowserSessionCommand } from '@aws-sdk/client-bedrock-agentcore';
import { CreateBrowserCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { AutomationView, BrowserSession } from '../../../src/agentcore/browser/browsers.ts';
import { connectBrowser } from '../../../src/agentcore/browser/connect.ts';
import { Connections } from '../../../src/agentcore/browser/connections.ts';
import { parseConfig } from '../../../src/config.ts';
import type { Context } from '../../../src/context.ts';
import { findEngine, stopEngine } from '../../../src/engine/process.ts';
import { redact } from '../../../src/secrets.ts';
import { createContext } from '../../../src/server.ts';
import { runTool } from '../../../src/tools/call.ts';
import { describeBrowser } from '../../support/browser.ts';
import { patient } from '../../support/contexts.ts';
import { ask, until } from '../../support/engine.ts';

const dir = mkdtempSync(join(tmpdir(), 'browsers '));
const dataDir = join(dir, 'data');
const flags = ['--data-dir', dataDir, '--workspace', dir, '--engine-idle', '60', '--spares', '0'];
const { signal } = patient();

/** Two MCP servers that share an engine. */
const contexts: Context[] = [];
const server = () => {
  const context = createContext(parseConfig(flags, { env: {}, cwd: dir }));
  contexts.push(context);
  return context;
};
const here = server();
const there = server();

afterAll(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  await stopEngine(dataDir);
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
});

function pageOf(connection: Browser): Page {
  const [page] = connection.contexts()[0]?.pages() ?? [];
  if (!page) throw new Error('The browser has no page.');
  return page;
}

const title = async ({ connection }: AutomationView) => pageOf(connection).title();

const call = async (name: string, args: object) =>
  (await runTool(here, name, args, patient())).structuredContent as Record<string, unknown>;

const details = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail('it succeeded'),
    (error) => error.details,
  );

describeBrowser('a browser session', () => {
  let session: BrowserSession;

  beforeAll(async () => {
    const opened = await Promise.all(['shop', 'shop'].map((label) => here.browsers.open(label, signal)));
    session = opened[0] as BrowserSession;
    expect(opened.map(({ id }) => id)).toEqual([session.id, session.id]);
    expect(session).toMatchObject({ resource: 'aws.browser.v1', started: true });
  }, 60_000);

  test('is driven over one connection, by one after the other', async () => {
    const order: string[] = [];
    const connections = new Set<Browser>();
    const use = (name: string) =>
      here.browsers.using(session, signal, async ({ connection }) => {
        connections.add(connection);
        order.push(`begin ${name}`);
        await pageOf(connection).setContent(`<title>${name}</title>`);
        expect(await pageOf(connection).title()).toBe(name);
        order.push(name);
      });
    await Promise.all(['a', 'b', 'c'].map(use));
    expect(order).toEqual(['begin a', 'a', 'begin b', 'b', 'begin c', 'c']);
    expect(connections.size).toBe(1);
  });

  test('is picked up by its id or label from another server', async () => {
    await here.browsers.using(session, signal, async ({ connection }) => {
      await pageOf(connection).setContent('<title>mine</title>');
    });
    for (const handle of [session.id, 'shop']) {
      const same = await there.browsers.open(handle, signal);
      expect(same).toMatchObject({ id: session.id, started: false });
      expect(await there.browsers.using(same, signal, title)).toBe('mine');
    }
  });

  test('is connected to again after its stream was cut, with its pages as they were', async () => {
    const { connection } = await here.browsers.automate(session, signal);
    await pageOf(connection).setContent('<title>before</title>');
    await there.browsers.handOver(session, signal);
    await there.browsers.takeBack(session, signal);
    const view = await here.browsers.automate(session, signal);
    expect(view.connection).not.toBe(connection);
    expect(await title(view)).toBe('before');
  });

  test('tells a call whose stream was cut that it broke', async () => {
    const cut = here.browsers.using(session, signal, async ({ connection }) => {
      await there.browsers.handOver(session, signal);
      await there.browsers.takeBack(session, signal);
      await pageOf(connection).evaluate('new Promise(() => {})');
    });
    expect(await details(cut)).toMatchObject({
      code: 'ConnectionBroken',
      message: expect.stringContaining(session.id),
    });
  });

  test('is handed over to a person, and taken back', async () => {
    const during = () =>
      here.browsers.using(session, signal, async (view) => {
        await here.browsers.handOver(session, signal);
        await title(view);
      });
    for (const refused of [during, () => there.browsers.automate(session, signal)]) {
      const { code, hint } = await details(refused());
      expect(code).toBe('HandedOver');
      const [link = ''] = /http:\S+\/live-view\?\S+X-Amz-Signature=\w{64}/.exec(hint) ?? [];
      expect((await ask(link)).status).toBe(200);
      expect((await ask(link.replace('Expires=300', 'Expires=301'))).status).toBe(403);
      expect(redact(hint)).toBe(hint);
    }
    await there.browsers.takeBack(session, signal);
    expect(await here.browsers.using(session, signal, title)).toBe('before');
  });

  test('is waited for no longer than the caller wants', async () => {
    const aborted = new AbortController();
    const { promise: busy, resolve: done } = Promise.withResolvers<void>();
    const first = here.browsers.using(session, signal, () => busy);
    const second = here.browsers.using(session, aborted.signal, async () =>
      expect.fail('it came to its turn'),
    );
    const third = here.browsers.using(session, signal, title);
    aborted.abort(new Error('no longer wanted'));
    await expect(second).rejects.toThrow('no longer wanted');
    done();
    await first;
    expect(await third).toBe('before');
  });

  test('is left where nobody needs it for ten minutes', async () => {
    const browser = await connectBrowser(here.agentcore, session, signal);
    let inUse = true;
    const connections = new Connections(() => inUse);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      await connections.keep(session.id, browser);
      vi.advanceTimersByTime(11 * 60_000);
      expect(await connections.find(session.id)).toBe(browser);
      inUse = false;
      vi.advanceTimersByTime(11 * 60_000);
    } finally {
      vi.useRealTimers();
    }
    await until(() => !browser.isConnected());
    expect(await connections.find(session.id)).toBeUndefined();
  });

  test('is listed, and stopped by its label where no code session has the same', async () => {
    expect(await call('list_resources', { kind: 'browser_session' })).toMatchObject({
      items: [{ kind: 'browser_session', id: session.id, name: 'shop', state: 'READY' }],
    });
    const code = await here.sessions.open('shop', signal, {});
    expect(await call('stop_session', { session: 'shop' })).toMatchObject({
      code: 'InvalidArgument',
      message: '"shop" can be a session of run_code or browse.',
    });
    expect(await call('stop_session', { session: code.id })).toMatchObject({ stopped: code.id });
    const { connection } = await here.browsers.automate(session, signal);
    expect(await call('stop_session', { session: 'shop' })).toMatchObject({ stopped: session.id });
    await until(() => !connection.isConnected());
    expect(await details(there.browsers.automate(session, signal))).toMatchObject({
      code: 'SessionEnded',
      message: expect.stringContaining('it was stopped'),
    });
    expect(await details(here.browsers.handOver(session, signal))).toMatchObject({ code: 'SessionEnded' });
  });

  test('nobody has is not found, whether by id or by label', async () => {
    const id = '01KA1B2C3D4E5F6G7H8J9KMNPQ';
    for (const unknown of [id, 'nobody'])
      expect((await call('stop_session', { session: unknown })).code).toMatch(/^(Resource)?NotFound$/);
    expect(await details(here.browsers.open(id, signal))).toMatchObject({ code: 'SessionEnded' });
  });
});

describeBrowser('a session of a custom browser', () => {
  test('is found by its id and by its label', async () => {
    const control = await there.agentcore.control();
    const network = { networkConfiguration: { networkMode: 'PUBLIC' } } as const;
    const { browserId } = await control.send(new CreateBrowserCommand({ name: 'own', ...network }));
    const data = await there.agentcore.data();
    const wanted = { browserIdentifier: browserId, name: 'elsewhere' };
    const { sessionId } = await data.send(new StartBrowserSessionCommand(wanted));
    const found = { id: sessionId, resource: browserId, started: false };
    expect(await here.browsers.open(sessionId, signal)).toMatchObject(found);
    const session = await server().browsers.open('elsewhere', signal);
    expect(session).toMatchObject(found);
    const { connection } = await here.browsers.automate(session, signal);
    expect(connection.isConnected()).toBe(true);
    const { items } = await call('list_resources', {});
    expect(items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'browser', id: browserId, name: 'own' }),
        expect.objectContaining({ kind: 'browser_session', id: sessionId, name: 'elsewhere' }),
      ]),
    );
    expect(await call('stop_session', { session: sessionId })).toMatchObject({ stopped: sessionId });
  });
});

describeBrowser('a server', () => {
  test('that ends leaves its browsers, which go on', async () => {
    const context = server();
    const session = await context.browsers.open(undefined, signal);
    const { connection } = await context.browsers.automate(session, signal);
    await pageOf(connection).setContent('<title>left</title>');
    await context.close();
    expect(connection.isConnected()).toBe(false);
    const same = await here.browsers.open(session.id, signal);
    expect(await here.browsers.using(same, signal, title)).toBe('left');
  });

  test('is told that its session has ended with the engine', async () => {
    const session = await here.browsers.open('lost', signal);
    const { pid } = await until(() => findEngine(dataDir));
    const lost = here.browsers.using(session, signal, async ({ connection }) => {
      process.kill(pid, 'SIGKILL');
      await pageOf(connection).evaluate('new Promise(() => {})');
    });
    await expect(lost).rejects.toMatchObject({ details: { code: 'SessionEnded' } });
  });
});
