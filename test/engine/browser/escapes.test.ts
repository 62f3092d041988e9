import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { MAX_DOWNLOAD } from '../../../src/engine/browser/downloads.ts';
import { describeBrowser } from '../../support/browser.ts';
import { until } from '../../support/engine.ts';
import { Page, serve, useBrowser } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'bait-'));
const secret = randomBytes(16).toString('hex');
const secretFile = join(folder, 'credentials');
writeFileSync(secretFile, secret, { mode: 0o644 });
afterAll(() => rmSync(folder, { recursive: true }));

let reached = 0;
const closed = await serve((_, response) => {
  reached++;
  response.end(secret);
});
const home = await serve(({ url }, response) => {
  if (url !== '/big') return void response.end('<title>home</title>');
  response.writeHead(200, { 'content-disposition': 'attachment', 'content-length': 2 * MAX_DOWNLOAD });
  const chunk = Buffer.alloc(1024 ** 2);
  const more = () => {
    while (response.write(chunk));
  };
  response.on('drain', more);
  more();
});

/** With all that DevTools can do. */
describeBrowser('from a client of DevTools, no way leads to', () => {
  const shared = useBrowser(() => ({ allowHosts: [`127.0.0.1:${home}`] }));
  const send = (method: string, params?: object) => shared.page.send(method, params);
  const atBrowser = (method: string, params?: object) => shared.page.cdp.send(method, params);

  /** The page with a field for files, which hold what is said then. */
  async function fileOf(path: string): Promise<unknown> {
    await shared.page.visit(`http://127.0.0.1:${home}/`);
    await shared.page.evaluate('document.body.innerHTML = "<input type=file>"');
    const { root } = await send('DOM.getDocument');
    const { nodeId } = await send('DOM.querySelector', { nodeId: root.nodeId, selector: 'input' });
    await send('DOM.setFileInputFiles', { nodeId, files: [path] });
    return shared.page.evaluate(
      'document.querySelector("input").files[0].text().catch((error) => error.name)',
    );
  }

  test('the files of this machine, by a field for files', async () => {
    expect(await fileOf('/etc/passwd')).toContain('sandbox');
    expect(await fileOf(secretFile)).toBe('NotFoundError');
    expect(await fileOf('/etc/shadow')).toBe('NotFoundError');
  });

  test('those files, by loading them as the network, as an extension, or as source', async () => {
    const load = (url: string) =>
      send('Network.loadNetworkResource', {
        frameId: shared.page.targetId,
        url,
        options: { disableCache: true, includeCredentials: false },
      });
    for (const url of [`file://${secretFile}`, `http://127.0.0.1:${closed}/`])
      expect(await load(url).catch(({ message }) => message)).not.toMatchObject({
        resource: { success: true, httpStatusCode: 200 },
      });
    await expect(atBrowser('Extensions.loadUnpacked', { path: folder })).rejects.toThrow();
    for (const url of [`file://${secretFile}`, `view-source:file://${secretFile}`]) {
      const tab = await Page.of(shared.page.cdp, { url });
      await until(async () => String(await tab.evaluate('document.body?.innerText')).includes('blocked'));
      await tab.send('Page.close');
    }
  });

  test('its folders, for downloads', async () => {
    await shared.page.visit(`http://127.0.0.1:${home}/`);
    const states: string[] = [];
    const stop = shared.page.cdp.on(({ method, params }) => {
      if (method === 'Browser.downloadProgress' && params.state !== 'inProgress')
        states.push(String(params.state));
    });
    for (const downloadPath of ['/etc', '/root', folder]) {
      await atBrowser('Browser.setDownloadBehavior', {
        behavior: 'allow',
        downloadPath,
        eventsEnabled: true,
      });
      const before = states.length;
      await shared.page.evaluate(
        'void Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob(["x"])), download: "dropped" }).click()',
      );
      await until(() => states.length > before);
    }
    stop();
    expect(readdirSync(folder)).toEqual(['credentials']);
    expect(['/etc/dropped', '/root/dropped'].filter((path) => existsSync(path))).toEqual([]);
  });

  test('its network, by a context without the proxy', async () => {
    const { browserContextId } = await atBrowser('Target.createBrowserContext', {
      proxyServer: 'direct://',
      proxyBypassList: '*',
    });
    const { targetId } = await atBrowser('Target.createTarget', {
      url: `http://127.0.0.1:${closed}/`,
      browserContextId,
    });
    await until(async () => {
      const { targetInfo } = await atBrowser('Target.getTargetInfo', { targetId });
      return targetInfo.title.includes('127.0.0.1');
    });
    await atBrowser('Target.disposeBrowserContext', { browserContextId });
    expect(reached).toBe(0);
  });

  test('its processes', async () => {
    const { processInfo } = await atBrowser('SystemInfo.getProcessInfo');
    const browserPid = processInfo.find(({ type }: { type: string }) => type === 'browser').id;
    expect(browserPid).toBeLessThan(10);
    expect(browserPid).not.toBe(process.pid);
    for (const { id } of processInfo) expect(id).toBeLessThan(2_000);
  });

  test('more room than a download may take; the page goes on', async () => {
    await shared.page.visit(`http://127.0.0.1:${home}/`);
    await atBrowser('Browser.setDownloadBehavior', { behavior: 'default', eventsEnabled: true });
    const ended = new Promise<unknown>((resolve) => {
      const stop = shared.page.cdp.on(({ method, params }) => {
        if (method !== 'Browser.downloadProgress' || params.state === 'inProgress') return;
        stop();
        resolve(params.state);
      });
    });
    await send('Page.navigate', { url: `http://127.0.0.1:${home}/big` });
    expect(await ended).toBe('canceled');
    expect((await shared.page.visit(`http://127.0.0.1:${home}/`)).error).toBeUndefined();
  });

  test('an end of anything else: paper and the crash of a page', async () => {
    const { data } = await send('Page.printToPDF');
    expect(Buffer.from(data, 'base64').subarray(0, 5).toString()).toBe('%PDF-');
    const crashing = await Page.of(shared.page.cdp, { url: `http://127.0.0.1:${home}/` });
    crashing.send('Page.crash').catch(() => {});
    await atBrowser('Target.closeTarget', { targetId: crashing.targetId });
    expect(await shared.page.evaluate('6 * 7')).toBe(42);
  });
});
