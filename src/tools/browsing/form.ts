import type { Locator } from 'playwright-core';
import { type Doing, limitsOf } from './action.ts';
import { revealed } from './secrets.ts';
import type { Limits } from './tab.ts';
import { find, findBy, refIn, searchFor } from './targets.ts';
import { inWords, Trouble } from './trouble.ts';

/** How long to wait for an option that is not there (yet). */
const APPEAR_MS = 1_000;
/** Options that an error names. */
const MAX_SHOWN = 50;

type Entry = string | number | boolean | string[];

/** The entries of a form given as JSON; undefined where it is none. */
export function formIn(value: string): Record<string, Entry> | undefined {
  try {
    const form: unknown = JSON.parse(value);
    if (typeof form !== 'object' || form === null || Array.isArray(form)) return undefined;
    return Object.values(form).every(isEntry) && Object.keys(form).length > 0
      ? (form as Record<string, Entry>)
      : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is Entry {
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string');
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** Enters everything, in order. @throws Trouble naming the field that did not take it. */
export async function fillForm(doing: Doing, form: Record<string, Entry>): Promise<void> {
  const within = doing.target ? await find(doing.tab, doing.target, doing) : undefined;
  for (const [field, entry] of Object.entries(form)) {
    try {
      await enter(doing, await fieldOf(doing, field, entry, within), entry);
    } catch (error) {
      doing.signal.throwIfAborted();
      const { message, seen, hint } = inWords(error, doing.timeout);
      throw new Trouble(`${JSON.stringify(field)}: ${message}`, { seen, hint, cause: error });
    }
  }
}

/** A field by ref, label, name, placeholder, or as any target; of radio buttons the one that is meant. */
function fieldOf(doing: Doing, field: string, entry: Entry, within: Locator | undefined): Promise<Locator> {
  if (refIn(field) !== undefined) return find(doing.tab, field, doing);
  const named = `[name=${JSON.stringify(field)}]`;
  const radio = `${named}[type=radio]`;
  const choice = String(entry);
  const isTarget = /^(?:[#.[]|(?:text|label)=|[a-z]+ ")/.test(field);
  return findBy(
    doing.tab,
    (frame) => {
      const at = within ?? frame;
      return [
        ...(isTarget ? searchFor(field)(frame) : []),
        at.getByLabel(field, { exact: true }),
        at.locator(`${named}:not([type=radio])`),
        at.locator(`${radio}[value=${JSON.stringify(choice)}]`),
        at.locator(radio).and(frame.getByLabel(choice, { exact: true })),
        at.getByRole('group', { name: field, exact: true }).getByLabel(choice, { exact: true }),
        at.getByRole('radiogroup', { name: field, exact: true }).getByLabel(choice, { exact: true }),
        at.getByPlaceholder(field, { exact: true }),
        at.getByLabel(field),
      ];
    },
    doing,
  );
}

async function enter(doing: Doing, field: Locator, entry: Entry): Promise<void> {
  const limits = limitsOf(doing);
  const is = async (kind: string) => (await field.locator(`xpath=self::*[${kind}]`).count()) > 0;
  const [isSelect, isRadio, isBox] = await Promise.all([
    is('self::select'),
    is('@type="radio" or @role="radio"'),
    is('@type="checkbox" or @role="checkbox" or @role="switch"'),
  ]);
  if (isSelect) return chooseOptions(field, Array.isArray(entry) ? entry : [String(entry)], limits);
  if (isRadio) return field.check(limits);
  if (isBox) return field.setChecked(!['false', 'off', 'no', ''].includes(String(entry)), limits);
  const { workspace } = doing.context;
  return field.fill(await revealed(String(entry), { workspace, env: process.env }), limits);
}

/** Chooses options by what is written on them, or by their values. @throws Trouble that says which there are. */
export async function chooseOptions(list: Locator, options: string[], limits: Limits): Promise<void> {
  try {
    await list.selectOption(options, { ...limits, timeout: Math.min(APPEAR_MS, limits.timeout) });
  } catch (error) {
    const there = await list.locator('option').allInnerTexts();
    if (there.length === 0 || !/did not find some options/.test((error as Error).message)) throw error;
    throw new Trouble(`it has no option ${options.map((option) => JSON.stringify(option)).join(', ')}`, {
      seen: `options: ${there
        .slice(0, MAX_SHOWN)
        .map((option) => option.trim())
        .join(', ')}`,
      cause: error,
    });
  }
}
