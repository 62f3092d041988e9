import type { Locator } from 'playwright-core';
import type { Context } from '../../context.ts';
import type { Image, Link } from '../define.ts';
import type { ActionName } from './names.ts';
import type { Limits, Tab } from './tab.ts';
import type { Tabs } from './tabs.ts';
import { find } from './targets.ts';

/** A step as it is asked for. */
export interface Step {
  action: ActionName;
  target?: string | undefined;
  value?: string | undefined;
}

/** What steps leave behind for the answer. */
export interface Findings {
  /** What a reading step found, with the step it is of. */
  texts: string[];
  images: Image[];
  /** Files of the workspace that were written. */
  saved: string[];
  links: Link[];
  /** Whether the page is to be shown whole. */
  full: boolean;
}

/** What an action works with. */
export interface Doing extends Limits {
  tabs: Tabs;
  tab: Tab;
  target: string | undefined;
  value: string | undefined;
  context: Context;
  findings: Findings;
}

type Use = 'needed' | 'optional' | 'none';

export interface Action {
  target: Use;
  value: Use;
  /** What the value must be, e.g. `the address to open`. */
  wants?: string;
  /** What is wrong with a value that is given, in words; looked at before any step is done. */
  check?(value: string): string | undefined;
  /** It leaves the page as it is, so there is nothing to wait for, and nothing but what it found to show. */
  reads?: true;
  /** It waits by itself for what it sets off. */
  settled?: true;
  /** It can be done while a dialog is open and after a crash. */
  always?: true;
  /** It can be done after a crash, in a new tab. */
  renews?: true;
  /** @returns what it found in the page, as text. @throws Trouble, or what Playwright throws. */
  run(doing: Doing): Promise<string | undefined>;
}

/** The element of a step that has a target. */
export function element(doing: Doing): Promise<Locator> {
  return find(doing.tab, doing.target ?? '', doing);
}

export const limitsOf = ({ timeout, signal }: Limits): Limits => ({ timeout, signal });
