import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import type { BrowserSession, BrowserSessions } from '../../../src/agentcore/browser/browsers.ts';
import { parseConfig } from '../../../src/config.ts';
import type { Context } from '../../../src/context.ts';
import { findChromium } from '../../../src/engine/browser/found.ts';
import { createContext } from '../../../src/server.ts';
import { runTool } from '../../../src/tools/call.ts';
import { patient } from '../../support/contexts.ts';
import { type Pages, startPages } from '../../support/pages.ts';

const session: BrowserSession = { id: '01BROWSER', resource: 'aws.browser.v1', started: false };

/** What a test browses with: a Chromium of its own behind the same interface that an engine's has. */
export interface Rig {
  context: Context;
  connection: Browser;
  pages: Pages;
  /** Whatever is asked for and answered, as a client sees it. */
  browse(args: object): Promise<Answer>;
}

export interface Answer {
  text: string;
  page: string;
  results: string;
  content: { type: string; text?: string; data?: string; mimeType?: string; uri?: string }[];
  [name: string]: unknown;
}

/** For all tests of a file. */
export function browserRig(): Rig {
  const rig = {} as Rig;
  let chromium: ChildProcess;
  let dir: string;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'browse '));
    const { child, url } = await launch(join(dir, 'profile'));
    chromium = child;
    const playwright = await import('playwright-core');
    rig.connection = await playwright.chromium.connectOverCDP(url);
    rig.pages = await startPages();
    rig.context = contextOf(dir, rig.connection);
    rig.browse = (args) => browse(rig.context, args);
  });
  afterAll(async () => {
    await rig.connection?.close();
    const gone = once(chromium, 'exit');
    process.kill(-(chromium.pid ?? 0), 'SIGKILL');
    await gone;
    await rig.pages?.close();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });
  return rig;
}

export async function browse(context: Context, args: object): Promise<Answer> {
  const { structuredContent, content } = await runTool(context, 'browse', args, patient());
  const parts = content as Answer['content'];
  return { ...(structuredContent as object), content: parts, text: parts[0]?.text ?? '' } as Answer;
}

function contextOf(dir: string, connection: Browser): Context {
  const flags = ['--data-dir', join(dir, 'data'), '--workspace', join(dir, 'workspace')];
  const context = createContext(parseConfig(flags, { env: {}, cwd: dir }));
  const origin = { backend: 'local', account: '000000000000', region: 'us-east-1' } as const;
  const browsers = {
    open: async () => session,
    using: async (_session, _signal, work) => work({ session, connection, returned: false }),
    handOver: async () => {},
    liveViewUrl: async () => 'http://127.0.0.1/live-view',
  } as Partial<BrowserSessions> as BrowserSessions;
  return { ...context, agentcore: { ...context.agentcore, origin: async () => origin }, browsers };
}

async function launch(profile: string): Promise<{ child: ChildProcess; url: string }> {
  const flags = [
    '--no-startup-window',
    '--headless=new',
    '--no-sandbox',
    '--remote-debugging-port=0',
    '--no-first-run',
    '--disable-gpu',
    // Pages that nobody sees, and that a client may wait for.
    '--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup',
    '--disable-breakpad',
    '--window-size=1280,800',
  ];
  const child = spawn((await findChromium()).path, [...flags, `--user-data-dir=${profile}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // All its processes end together.
    detached: true,
  });
  for await (const line of createInterface(child.stderr)) {
    const url = /listening on (ws:\S+)/.exec(line)?.[1];
    if (!url) continue;
    child.stderr.resume();
    return { child, url };
  }
  throw new Error('Chromium ended');
}
