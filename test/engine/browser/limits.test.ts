import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultViewPort } from '../../../src/engine/browser/browser.ts';
import { createBrowsers } from '../../../src/engine/browser/sandboxed.ts';
import { describeBrowser, browsers as plain } from '../../support/browser.ts';
import { sandboxes } from '../../support/sandbox.ts';
import { Page, serve, wayOut } from './support.ts';

const MiB = 1024 ** 2;
const home = await serve((_, response) => response.end('<title>home</title>'));
const browsers = createBrowsers({
  sandboxes,
  spares: 0,
  limits: { memoryBytes: 1024 * MiB, diskBytes: 128 * MiB },
});

async function begun() {
  const browser = await browsers.start('limited', {
    viewPort: defaultViewPort,
    egress: wayOut({ allowHosts: [`127.0.0.1:${home}`] }),
  });
  const page = await Page.of(await browser.cdp());
  await page.visit(`http://127.0.0.1:${home}/`);
  return { browser, page };
}

describeBrowser('a browser', () => {
  test('has room for a heavy page', async () => {
    const browser = await plain.start('heavy', { viewPort: defaultViewPort, egress: wayOut() });
    const page = await Page.of(await browser.cdp());
    const fill = 'window.kept = Array.from({ length: 60 }, () => new Uint8Array(2 ** 24).fill(1)).length';
    expect(await page.evaluate(fill)).toBe(60);
    await page.evaluate(
      '{ const c = Object.assign(document.createElement("canvas"), { width: 8000, height: 8000 }); c.getContext("2d").fillRect(0, 0, 8000, 8000); document.body.append(c); }',
    );
    const clip = { x: 0, y: 0, width: 1456, height: 8000, scale: 1 };
    const { data } = await page.send('Page.captureScreenshot', { captureBeyondViewport: true, clip });
    expect(Buffer.from(data, 'base64').subarray(1, 4).toString()).toBe('PNG');
    await browser.close();
  });
});

describeBrowser('a browser at its limits', () => {
  let other: Awaited<ReturnType<typeof begun>>;
  beforeAll(async () => {
    other = await begun();
  });
  afterAll(() => other?.browser.close());

  test('of memory ends with that for its reason', async () => {
    const { browser, page } = await begun();
    const fill = 'window.kept = Array.from({ length: 24 }, () => new Uint8Array(16 * 2 ** 20).fill(1)); 1';
    const fillMore = async () => {
      for (;;) await (await Page.of(page.cdp, { url: `http://127.0.0.1:${home}/` })).evaluate(fill);
    };
    fillMore().catch(() => {});
    expect(await browser.ended).toBe('its memory limit was exceeded, and all its processes were ended');
    await expect(browser.cdp()).rejects.toThrow('has ended');
  });

  test('of its disk refuses a page that fills it, and goes on', async () => {
    const { page } = other;
    const fill = `(async () => {
      const folder = await navigator.storage.getDirectory();
      const file = await (await folder.getFileHandle("big", { create: true })).createWritable();
      for (;;) await file.write(new Uint8Array(4 * 2 ** 20));
    })().catch((error) => error.name)`;
    expect(await page.evaluate(fill)).toMatch(/QuotaExceeded|InvalidState|NotAllowed|Abort|Unknown/);
    expect((await page.visit(`http://127.0.0.1:${home}/`)).error).toBeUndefined();
  });

  test('takes none of the others with it', async () => {
    expect(await other.page.evaluate('6 * 7')).toBe(42);
  });
});
