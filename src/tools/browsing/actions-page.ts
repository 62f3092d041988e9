import { setTimeout as sleep } from 'node:timers/promises';
import type { Page, Response } from 'playwright-core';
import { type Action, type Doing, limitsOf } from './action.ts';
import { answerDialog } from './dialogs.ts';
import { calm, loaded } from './settle.ts';
import { appear } from './targets.ts';
import { Trouble } from './trouble.ts';

const MAX_WAIT_MS = 300_000;
const COMMIT = { waitUntil: 'commit' } as const;

/** What goes from page to page, waits, and answers. */
export const pageActions = {
  open: {
    target: 'none',
    value: 'needed',
    wants: 'the address to open',
    check: (value) =>
      /^javascript:/i.test(value.trim()) ? 'javascript: is no page; use evaluate' : undefined,
    renews: true,
    settled: true,
    async run(doing) {
      const address = addressOf(doing.value ?? '');
      doing.tab.forget();
      return arrival(doing, doing.tab.page.goto(address, { ...limitsOf(doing), ...COMMIT }));
    },
  },
  back: {
    target: 'none',
    value: 'none',
    settled: true,
    run: (doing) => elsewhere(doing, doing.tab.page.goBack({ ...limitsOf(doing), ...COMMIT }), 'before'),
  },
  forward: {
    target: 'none',
    value: 'none',
    settled: true,
    run: (doing) => elsewhere(doing, doing.tab.page.goForward({ ...limitsOf(doing), ...COMMIT }), 'after'),
  },
  reload: {
    target: 'none',
    value: 'none',
    settled: true,
    async run(doing) {
      return arrival(doing, doing.tab.page.reload({ ...limitsOf(doing), ...COMMIT }));
    },
  },
  tab: {
    target: 'none',
    value: 'needed',
    wants: 'new, close, or the number of a tab',
    check: (value) => (/^(?:new|close|[1-9]\d{0,2})$/.test(value) ? undefined : 'it is none of these'),
    always: true,
    settled: true,
    run: changeTab,
  },
  wait: {
    target: 'optional',
    value: 'optional',
    wants: 'a text, idle, or milliseconds; with a target, gone',
    check: (value) =>
      /^\d+$/.test(value) && Number(value) > MAX_WAIT_MS
        ? `at most ${MAX_WAIT_MS} ms can be waited`
        : undefined,
    settled: true,
    run: waitFor,
  },
  dialog: {
    target: 'none',
    value: 'needed',
    wants: 'accept, dismiss, or a text for a prompt',
    always: true,
    async run({ tab, tabs, value = '' }) {
      const { dialog } = tab;
      tab.dialog = undefined;
      if (dialog) await answerDialog(dialog, value);
      else tabs.answers.push(value);
      return undefined;
    },
  },
} satisfies Record<string, Action>;

/** What people leave out is added: https, or http on this machine. */
function addressOf(value: string): string {
  const text = value.trim();
  if (/^[a-z][a-z0-9+.-]*:(?!\d)/i.test(text)) return text;
  return /^(?:localhost|127\.|\[)/.test(text) ? `http://${text}` : `https://${text}`;
}

async function arrival(doing: Doing, going: Promise<Response | null>): Promise<string | undefined> {
  const { page } = doing.tab;
  const response = await going.catch(async (error) => {
    await stopLoading(page).catch(() => {});
    throw error;
  });
  const isThere = await loaded(page, limitsOf(doing));
  const status = response?.status() ?? 200;
  const notes = [
    status >= 400 && `HTTP ${status}`,
    !isThere && `still loading after ${doing.timeout / 1000} s; this is what is there`,
  ];
  return notes.filter(Boolean).join('; ') || undefined;
}

/** A page that was asked for and does not come holds up the one that is there. */
async function stopLoading(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Page.stopLoading').finally(() => session.detach());
}

async function elsewhere(
  doing: Doing,
  going: Promise<Response | null>,
  where: string,
): Promise<string | undefined> {
  const address = doing.tab.page.url();
  const found = await arrival(doing, going);
  if (!(await going) && doing.tab.page.url() === address)
    throw new Trouble(`there is no page ${where} this one`);
  return found;
}

async function changeTab({ tabs, tab, value = '' }: Doing): Promise<undefined> {
  if (value === 'new') await tabs.add();
  else if (value === 'close') await tabs.close(tab);
  else {
    const chosen = tabs.list[Number(value) - 1];
    if (!chosen) throw new Trouble(`there is no tab ${value}; there are ${tabs.list.length}`);
    await tabs.show(chosen);
  }
}

async function waitFor(doing: Doing): Promise<undefined> {
  const { tab, target, value, timeout, signal } = doing;
  const isGone = value !== undefined && /^(?:gone|hidden|detached)$/.test(value);
  if (!target && isGone) throw new Trouble('it needs a target: what is to be gone');
  if (!target && value === undefined)
    throw new Trouble('it needs what to wait for: a target, a text, idle, or milliseconds');
  if (target) await appear(tab, target, { isGone, timeout, signal });
  if (value === undefined || (target && isGone)) return;
  if (/^\d+$/.test(value)) await sleep(Number(value), undefined, { signal });
  else if (value === 'idle') {
    await tab.page.waitForLoadState('networkidle', { timeout, signal });
    await calm(tab.page);
  } else await appear(tab, `text=${value}`, { isGone: false, timeout, signal });
}
