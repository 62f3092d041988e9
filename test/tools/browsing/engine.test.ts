import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Context } from '../../../src/context.ts';
import { createContext } from '../../../src/server.ts';
import { describeBrowser } from '../../support/browser.ts';
import { contextWith } from '../../support/contexts.ts';
import { startPages } from '../../support/pages.ts';
import { browse } from './support.ts';

function closedAfter(context: Context): Context {
  onTestFinished(() => context.browsers.close());
  return context;
}

describeBrowser('on the engine', () => {
  test('a session is browsed, picked up by another server, handed over and taken back', async () => {
    const pages = await startPages();
    onTestFinished(pages.close);
    const here = closedAfter(contextWith(['--browser-allow-hosts', new URL(pages.url).host]));
    const first = await browse(here, {
      session: 'mine',
      steps: [
        { action: 'open', value: `${pages.url}/downloads.html` },
        { action: 'download', target: 'link "Report"', value: 'report.csv' },
        { action: 'open', value: `${pages.url}/form.html` },
        { action: 'fill', value: '{"Your name": "Ann"}' },
      ],
    });
    expect(first.page).toMatch(/^Order — [\s\S]*textbox "Your name" .*: Ann/);
    expect(first.note).toMatch(
      /^A new session was started for "mine"; .* Live view: http\S+X-Amz-Signature=\w{64}$/,
    );
    expect(readFileSync(join(here.workspace.root, 'report.csv'), 'utf8')).toBe('tree,price\noak,12\n');

    const there = closedAfter(createContext(here.config));
    const { session } = first;
    const handed = await browse(there, { session, steps: [{ action: 'scroll' }], handover: true });
    expect(handed.page).toMatch(/textbox "Your name" .*: Ann/);
    expect(handed.note).toMatch(/^A person has control now/);
    expect(await browse(here, { session })).toMatchObject({ code: 'HandedOver' });

    const signal = AbortSignal.timeout(30_000);
    await here.browsers.takeBack(await here.browsers.open('mine', signal), signal);
    const back = await browse(here, { session, steps: [{ action: 'click', target: 'button "Send order"' }] });
    expect(back.page).toContain('Ordered: {"name":"Ann"');

    const away = await browse(here, {
      session,
      steps: [{ action: 'open', value: `${pages.url}/redirect?to=http://10.0.0.1/` }, { action: 'text' }],
    });
    expect(JSON.stringify(away)).toMatch(/10\.0\.0\.1.*private/);
  }, 120_000);
});
