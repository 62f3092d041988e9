import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { defaultViewPort } from '../../../src/engine/browser/browser.ts';
import { browsers, describeBrowser } from '../../support/browser.ts';
import { Page, wayOut } from './support.ts';

/** Chromium asks for what it wants within six seconds of its start, where it is not kept from it. */
const IDLE_MS = 8_000;

describeBrowser('a browser that nobody uses', () => {
  test.concurrent('asks for nothing', async () => {
    const asked: string[] = [];
    const egress = wayOut({
      resolve: async (name) => {
        asked.push(name);
        return [{ address: '127.0.0.1', family: 4 }];
      },
    });
    let connections = 0;
    const counted = {
      ...egress,
      serve: (socket: Parameters<typeof egress.serve>[0]) => {
        connections++;
        egress.serve(socket);
      },
    };
    const browser = await browsers.start('idle', { viewPort: defaultViewPort, egress: counted });
    const page = await Page.of(await browser.cdp());
    await sleep(IDLE_MS);
    expect({ asked, connections }).toEqual({ asked: [], connections: 0 });
    await page.visit('http://somewhere.example/');
    expect(new Set(asked)).toEqual(new Set(['somewhere.example']));
    await browser.close();
  });
});
