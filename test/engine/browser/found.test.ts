import { chmodSync, cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { defaultViewPort } from '../../../src/engine/browser/browser.ts';
import { bundledChromium } from '../../../src/engine/browser/bundled.ts';
import { installedChromium, programBehind } from '../../../src/engine/browser/chromium.ts';
import { findChromium, whyNone } from '../../../src/engine/browser/found.ts';
import { createBrowsers } from '../../../src/engine/browser/sandboxed.ts';
import { onPath } from '../../../src/platform/on-path.ts';
import { pythonHome } from '../../../src/platform/paths.ts';
import { sandboxes } from '../../support/sandbox.ts';
import { temporaryDir } from '../../support/temporary.ts';
import { Page, wayOut } from './support.ts';

const installed = installedChromium();

/** A file that passes for a program, with what lies beside a Chromium. */
function fake(...place: string[]): string {
  return fakeAt(join(temporaryDir(), ...place));
}

function fakeAt(program: string): string {
  mkdirSync(dirname(program), { recursive: true });
  writeFileSync(program, '\x7fELF', { mode: 0o755 });
  writeFileSync(join(dirname(program), 'icudtl.dat'), '');
  return program;
}

/** A command as distributions have them: a script in a folder of the search path. */
function script(name: string, beside?: string): string {
  const folder = beside ?? temporaryDir();
  writeFileSync(join(folder, name), '#!/bin/sh\n', { mode: 0o755 });
  return join(folder, name);
}

describe.runIf(process.platform === 'linux')('an installed Chromium', () => {
  test('is Chrome, then Edge, then Chromium, then that of Playwright', () => {
    const [chrome, edge, chromium] = [fake('chrome'), fake('msedge'), fake('chromium')];
    const bin = temporaryDir();
    const cache = temporaryDir();
    const found = () => installedChromium({ PATH: bin, PLAYWRIGHT_BROWSERS_PATH: cache });
    expect(found()).toBeUndefined();
    for (const place of [
      'chromium_headless_shell-1300/chrome-linux/headless_shell',
      'chromium-1200/chrome-linux/chrome',
      'chromium-1300/chrome-linux64/chrome',
    ]) {
      fakeAt(join(cache, place));
      expect(found()).toBe(join(cache, place));
    }
    symlinkSync(chromium, join(bin, 'chromium'));
    expect(found()).toBe(chromium);
    symlinkSync(edge, join(bin, 'microsoft-edge'));
    expect(found()).toBe(edge);
    symlinkSync(script('google-chrome', dirname(chrome)), join(bin, 'google-chrome'));
    expect(found()).toBe(chrome);
  });

  test('is none where a command leads to something else', () => {
    expect(programBehind(process.execPath)).toBeUndefined();
    for (const path of ['/nowhere/chromium', temporaryDir()]) expect(programBehind(path)).toBeUndefined();
    const alone = join(temporaryDir(), 'chrome');
    writeFileSync(alone, '\x7fELF', { mode: 0o755 });
    expect(programBehind(alone)).toBeUndefined();
  });

  test('that is named wrongly is told with its cure', async () => {
    await expect(findChromium('/nowhere/chrome')).rejects.toThrow(
      '/nowhere/chrome (--browser-path) is no Chromium, Chrome or Edge that lies in its own folder. Name the program itself, or leave the option out.',
    );
    expect(whyNone('/nowhere/chrome')).toMatchObject({
      cure: expect.stringContaining('leave the option out'),
    });
  });
});

/** Starts one and asks it for its name and a sum. */
async function tried(path?: string): Promise<string> {
  const browsers = createBrowsers({ sandboxes, path, spares: 0 });
  expect(await browsers.probe()).toEqual({ works: true });
  const browser = await browsers.start('tried', { viewPort: defaultViewPort, egress: wayOut() });
  try {
    const page = await Page.of(await browser.cdp());
    expect(await page.evaluate('[innerWidth, innerHeight, document.fonts.check("12px sans-serif")]')).toEqual(
      [1456, 819, true],
    );
    return (await page.cdp.send('Browser.getVersion')).product;
  } finally {
    await browser.close();
  }
}

describe.runIf(bundledChromium())('the Chromium in the package', () => {
  test('is unpacked once, by as many as want it, and works', async () => {
    onTestFinished(() => void vi.unstubAllEnvs());
    const bin = temporaryDir();
    symlinkSync(onPath('bwrap') ?? '', join(bin, 'bwrap'));
    vi.stubEnv('AGENTCORE_MCP_PYTHON_HOME', pythonHome());
    vi.stubEnv('PATH', bin);
    vi.stubEnv('XDG_CACHE_HOME', '/nowhere');
    vi.stubEnv('XDG_DATA_HOME', temporaryDir());
    const found = await Promise.all([findChromium(), findChromium()]);
    for (const { path } of found) expect(path).toBe(bundledChromium()?.program);
    expect(readdirSync(dirname(dirname(found[0].path)))).toHaveLength(1);
    expect(await tried()).toMatch(/^HeadlessChrome\//);
  });
});

describe.runIf(installed)('the Chromium of this machine', () => {
  test('works by its own path, and as a copy in another folder', async () => {
    const copy = join(temporaryDir(), 'chrome');
    cpSync(dirname(installed as string), dirname(copy), { recursive: true });
    cpSync(installed as string, copy);
    chmodSync(dirname(copy), 0o755);
    expect(await tried(copy)).toMatch(/^Chrome\//);
  });
});
