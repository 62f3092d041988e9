import { redact } from '../../secrets.ts';
import { tokensOf } from '../tokens.ts';
import { changesOf } from './changes.ts';
import { describeDialog } from './dialogs.ts';
import { calm } from './settle.ts';
import { fitted, wholeOf } from './show.ts';
import type { Limits, Tab } from './tab.ts';
import type { Tabs } from './tabs.ts';

const MAX_ADDRESS = 300;

/** For looking at a page. One that does not answer by then is too busy. */
const LOOK_MS = 5_000;
const BUSY = '(The page does not answer.)';
/** Changes that cost more than this part of the page are no shorter to read. */
const MUCH = 0.7;

interface Wanted {
  /** `none` says only where one is. */
  view: 'changes' | 'full' | 'none';
  maxTokens: number;
  signal: AbortSignal;
}

/** Where one is, and what the page looks like or what has changed on it: all in the page's own words. */
export async function pageText(tabs: Tabs, wanted: Wanted, isFirst = true): Promise<string> {
  const tab = tabs.current;
  if (!tab) return 'No tab is open.';
  const limits = { timeout: LOOK_MS, signal: wanted.signal };
  if (tab.dialog) return `${await placeOf(tabs, tab)}\nopen dialog: ${describeDialog(tab.dialog)}`;
  if (tab.crashed || wanted.view === 'none') return placeOf(tabs, tab);
  const looked = await tab.unlessStuck(lookAt(tab, limits));
  // One that was opened meanwhile is the current one now; of those that come without end, the second is shown.
  if (!looked || (isFirst && tabs.current !== tab)) return pageText(tabs, wanted, false);
  const view = looked.instead ?? viewOf(tab, wanted);
  return [await placeOf(tabs, tab), view].filter(Boolean).join('\n');
}

async function placeOf(tabs: Tabs, current: Tab): Promise<string> {
  const places = await Promise.all(
    tabs.list.map(async (tab, index) => {
      const title = (await titleOf(tab)) || 'no title';
      const number = tabs.list.length > 1 ? `tab ${index + 1}${tab === current ? ' (current)' : ''}: ` : '';
      return `${number}${title} — ${short(redact(tab.page.url()))}`;
    }),
  );
  return places.join('\n');
}

/** A page that is held up does not tell its title. */
async function titleOf(tab: Tab): Promise<string> {
  const late = new Promise<string>((resolve) => setTimeout(resolve, 500, '').unref());
  return (await Promise.race([tab.unlessStuck(tab.page.title()), late]).catch(() => '')) ?? '';
}

/** @returns what is to be said instead of what is there, where that cannot be seen. */
async function lookAt(tab: Tab, limits: Limits): Promise<{ instead?: string }> {
  try {
    if (!(await calm(tab.page))) return { instead: BUSY };
    await tab.look(limits);
    return {};
  } catch {
    limits.signal.throwIfAborted();
    return { instead: tab.page.isClosed() ? '' : BUSY };
  }
}

/** What was seen last, or what of that is new to who reads it: from now on it is not. */
function viewOf(tab: Tab, { view, maxTokens }: Wanted): string {
  const { before, lines } = tab.show();
  if (view === 'full' || !before) return wholeOf(lines, maxTokens) || '(The page is empty.)';
  const changes = changesOf(before, lines);
  if (changes.length === 0) return '(Nothing has changed.)';
  const text = changes.join('\n');
  if (tokensOf(text) > MUCH * tokensOf(wholeOf(lines, maxTokens))) return wholeOf(lines, maxTokens);
  return `(Only what changed: + new, ~ changed, - gone.)\n${fitted(changes, { maxTokens })}`;
}

/** What went wrong in the page since this was last asked, in our words. */
export function problemsIn({ current }: Tabs): string | undefined {
  if (!current) return undefined;
  const { errors, failures } = current;
  Object.assign(current, { errors: 0, failures: 0 });
  const counted = (count: number, what: string) => count > 0 && `${count} ${what}${count > 1 ? 's' : ''}`;
  const found = [counted(errors, 'console error'), counted(failures, 'failed request')].filter(Boolean);
  return found.length > 0 ? `${found.join(', ')} (the steps console and requests show them).` : undefined;
}

/** An address may hold a whole page. */
function short(address: string): string {
  return address.length <= MAX_ADDRESS ? address : `${address.slice(0, MAX_ADDRESS)}…`;
}
