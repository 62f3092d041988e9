import { setTimeout as sleep } from 'node:timers/promises';
import type { Frame, Locator, Page } from 'playwright-core';
import { labelOf } from './print.ts';
import { isRole } from './roles.ts';
import type { Limits, Tab } from './tab.ts';
import type { Outline, Seen } from './tree.ts';
import { Trouble } from './trouble.ts';

/** How long to wait for an element that is not there (yet); a wait step waits longer. */
const APPEAR_MS = 5_000;
const AGAIN_MS = 100;
const MAX_CANDIDATES = 8;

type Role = Parameters<Page['getByRole']>[0];
/** The ways to look for something in a frame, the most exact first. */
type Search = (frame: Frame) => Locator[];

/** The ref in `e7`, `[e7]`, `ref=e7`, or at the end of a line of an outline. */
export function refIn(target: string): string | undefined {
  const ref = /^(?:ref=)?(e\d+)$/.exec(target) ?? /^[^\n]*\[(e\d+)\](?:: [^\n]*)?$/.exec(target);
  return ref?.[1];
}

/** How to look for a target that is no ref. */
export function searchFor(target: string): Search {
  const [, role, name] = /^([a-z]+) +"(.*)"$/s.exec(target) ?? [];
  if (role && isRole(role)) {
    const wanted = unescaped(name ?? '');
    return (frame) => [true, false].map((exact) => frame.getByRole(role as Role, { name: wanted, exact }));
  }
  if (isRole(target)) return (frame) => [frame.getByRole(target as Role)];
  const [, kind, words] = /^(text|label)=(.*)$/s.exec(target) ?? [];
  if (kind === 'label')
    return (frame) => [true, false].map((exact) => frame.getByLabel(unquoted(words), { exact }));
  if (kind === 'text') return textSearch(unquoted(words));
  if (/^".*"$/s.test(target)) return textSearch(unquoted(target));
  return (frame) => [frame.locator(target)];
}

function textSearch(words: string): Search {
  return (frame) => [true, false].map((exact) => frame.getByText(words, { exact }));
}

const unescaped = (text: string) => text.replaceAll(/\\(["\\])/g, '$1');
const unquoted = (text = '') => (/^".*"$/s.test(text) ? unescaped(text.slice(1, -1)) : text);

/**
 * The one element that a target names, waiting a while for it to be there.
 * @throws Trouble where there is none, or several.
 */
export async function find(tab: Tab, target: string, limits: Limits): Promise<Locator> {
  const ref = refIn(target);
  if (ref !== undefined) return findRef(tab, ref, limits);
  return findBy(tab, searchFor(target), limits);
}

/** Likewise, for a search. */
export async function findBy(tab: Tab, search: Search, limits: Limits): Promise<Locator> {
  const until = Date.now() + Math.min(APPEAR_MS, limits.timeout);
  for (;;) {
    const found = await matches(tab.page, search);
    if (found?.count === 1) return found.locator;
    if (found) throw await ambiguous(tab, found, limits);
    limits.signal.throwIfAborted();
    if (Date.now() >= until) throw new Trouble('there is no such element on the page', { hint: missingHint });
    await sleep(AGAIN_MS);
  }
}

/**
 * Waits until something can be seen on the page, or no longer.
 * @throws Trouble where it is not so in time.
 */
export async function appear(
  tab: Tab,
  target: string,
  { isGone, timeout, signal }: Limits & { isGone: boolean },
): Promise<void> {
  const ref = refIn(target);
  const isSeen = async () => {
    const known = ref !== undefined && (await findRef(tab, ref, { timeout, signal }).catch(() => undefined));
    if (ref !== undefined) return known ? known.isVisible() : false;
    const found = await matches(tab.page, searchFor(target));
    return (await found?.locator.first().isVisible()) ?? false;
  };
  for (const until = Date.now() + timeout; (await isSeen()) === isGone; await sleep(AGAIN_MS)) {
    signal.throwIfAborted();
    const still = isGone ? 'it is still on the page' : 'it is not on the page';
    if (Date.now() >= until) throw new Trouble(`${still} after ${timeout / 1000} s`);
  }
}

const missingHint = 'Take a ref from the page as shown.';

async function findRef(tab: Tab, ref: string, limits: Limits): Promise<Locator> {
  // One that comes from before a new connection must not get its meaning from the look below.
  if (!tab.wasGiven(ref)) throw new Trouble(`there is no ${ref}`, { hint: missingHint });
  const known = tab.named(ref);
  const locator = known?.handle && tab.page.getByRef(known.handle);
  if (locator && (await locator.count().catch(() => 0)) === 1) return locator;
  await tab.look(limits);
  const now = tab.named(ref);
  if (now?.handle) return tab.page.getByRef(now.handle);
  throw new Trouble(`${ref} is no longer on the page, or is in another tab`, {
    seen: known && `it was ${labelOf(known)}`,
    hint: missingHint,
  });
}

interface Found {
  locator: Locator;
  count: number;
}

/** What is found in the first frame that has any; where some of it is visible, only that. */
async function matches(page: Page, search: Search): Promise<Found | undefined> {
  for (const frame of page.frames()) {
    for (const locator of search(frame)) {
      const count = await locator.count();
      if (count === 1) return { locator, count };
      if (count === 0) continue;
      const visible = locator.filter({ visible: true });
      const seen = await visible.count();
      return seen > 0 ? { locator: visible, count: seen } : { locator, count };
    }
  }
  return undefined;
}

async function ambiguous(tab: Tab, { locator, count }: Found, limits: Limits): Promise<Trouble> {
  const handles: (string | undefined)[] = [];
  for (let i = 0; i < Math.min(count, MAX_CANDIDATES); i++) {
    const [seen] = (await locator.nth(i).ariaSnapshotJSON({ mode: 'ai', depth: 1, ...limits })) as Seen[];
    handles.push(seen?.ref);
  }
  // Playwright finds refs in the latest snapshot only.
  const outline = await tab.look(limits);
  const lines = handles.map((handle) => placeOf(tab, outline, handle)).filter(Boolean);
  return new Trouble(`${count} elements fit`, {
    seen: lines.join('\n'),
    hint: 'Name one by its ref.',
  });
}

/** E.g. `button "Delete" [e7] in article "Red"`. */
function placeOf(
  tab: Tab,
  nodes: readonly Outline[],
  handle: string | undefined,
  inside?: Outline,
): string | undefined {
  for (const node of nodes) {
    if (node.handle === handle) {
      tab.refOf(node);
      return [labelOf(node), inside && `in ${labelOf(inside)}`].filter(Boolean).join(' ');
    }
    const below = placeOf(tab, node.children, handle, node.name ? node : inside);
    if (below) return below;
  }
  return undefined;
}
