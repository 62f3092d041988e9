import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createAgentCore } from '../../../src/agentcore/agentcore.ts';
import { BrowserSessions } from '../../../src/agentcore/browser/browsers.ts';
import { parseConfig } from '../../../src/config.ts';
import { stopEngine } from '../../../src/engine/process.ts';
import { describeBrowser } from '../../support/browser.ts';
import { patient } from '../../support/contexts.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'browsers '));
const flags = ['--data-dir', dataDir, '--engine-idle', '60', '--spares', '0'];
const servers: BrowserSessions[] = [];
const server = () => {
  const browsers = new BrowserSessions(createAgentCore(parseConfig(flags, { env: {}, cwd: dataDir })));
  servers.push(browsers);
  return browsers;
};
afterAll(async () => {
  for (const browsers of servers) await browsers.close();
  await stopEngine(dataDir);
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
});
const { signal } = patient();

describeBrowser('browser sessions', () => {
  test('are opened, handed over, picked up and stopped', async () => {
    const first = server();
    const [one, two] = await Promise.all([first.open('shop', signal), first.open('shop', signal)]);
    expect(two.id).toBe(one.id);
    await first.using(one, signal, async ({ connection, fresh }) => {
      expect(fresh).toBe(true);
      const page = connection.contexts()[0]?.pages()[0];
      await page?.setContent('<title>here</title>');
    });
    await first.using(one, signal, async ({ connection, fresh }) => {
      expect(fresh).toBe(false);
      expect(await connection.contexts()[0]?.pages()[0]?.title()).toBe('here');
    });
    const second = server();
    const same = await second.open(one.id, signal);
    expect(same).toMatchObject({ id: one.id, started: false });
    await second.handOver(same, signal);
    const e = await first.automate(one, signal).catch((x) => x);
    const url = /http\S+/.exec(e.details.hint)?.[0] ?? '';
    await second.takeBack(same, signal);
    await second.stop('shop', signal);
  });
});
