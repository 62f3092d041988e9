import { expect, test } from 'vitest';
import { createBrowsers } from '../../../src/engine/browser/sandboxed.ts';
import type { Sandbox, SandboxProvider } from '../../../src/engine/sandbox/sandbox.ts';
import { describeBrowser } from '../../support/browser.ts';
import { until } from '../../support/engine.ts';
import { sandboxes as inner } from '../../support/sandbox.ts';
import { Page, serve, wayOut } from './support.ts';

const home = await serve((_, response) => response.end('<title>home</title>'));
const url = `http://127.0.0.1:${home}/`;

describeBrowser('a browser that was kept ready', () => {
  test('has the size, the rules and the name of whoever gets it, and goes with the others', async () => {
    const started: { id: string; sandbox: Sandbox }[] = [];
    const sandboxes: SandboxProvider = {
      ...inner,
      start: async (id, spec) => {
        const sandbox = await inner.start(id, spec);
        started.push({ id, sandbox });
        return sandbox;
      },
    };
    const browsers = createBrowsers({ sandboxes, spares: 1 });
    const first = await browsers.start('first', { viewPort: { width: 800, height: 600 }, egress: wayOut() });
    await until(() => started.some(({ id }) => id === 'spare'));

    const egress = wayOut({ allowHosts: [`127.0.0.1:${home}`] });
    const given = await until(async () => {
      const launched = () => started.filter(({ id }) => id === 'second').length;
      const before = launched();
      const browser = await browsers.start('second', { viewPort: { width: 320, height: 480 }, egress });
      if (launched() === before) return browser;
      await browser.close();
      return undefined;
    });
    expect(given.id).toBe('second');
    const [one, two] = await Promise.all([first, given].map(async (browser) => Page.of(await browser.cdp())));
    expect(await one?.evaluate('[innerWidth, innerHeight]')).toEqual([800, 600]);
    expect(await two?.evaluate('[innerWidth, innerHeight]')).toEqual([320, 480]);
    expect((await one?.visit(url))?.text).toContain('Pages may not reach');
    expect(first.refusals()).not.toEqual([]);
    await two?.visit(url);
    expect(await two?.evaluate('document.title')).toBe('home');
    expect(given.refusals()).toEqual([]);

    await browsers.close();
    await given.close();
    await first.close();
    for (const { sandbox } of started) expect(await sandbox.ended).toContain('closed');
  });
});
