import { redact } from '../../secrets.ts';
import { readable } from '../text.ts';
import { clickable, isCell, isControl, isPart } from './roles.ts';

/** What `ariaSnapshotJSON` of Playwright has for one element, as far as it is read here. */
export interface Seen {
  role: string;
  name?: string;
  text?: string;
  children?: (Seen | string)[];
  /** Playwright's own name of the element, until another snapshot of its frame is taken. */
  ref?: string;
  cursor?: string;
  url?: string;
  placeholder?: string;
  level?: number;
  checked?: boolean | 'mixed';
  pressed?: boolean | 'mixed';
  disabled?: boolean;
  expanded?: boolean;
  selected?: boolean;
  active?: boolean;
  invalid?: boolean | string;
}

/** One element of a page's outline, or a piece of text (role `text`). */
export interface Outline {
  role: string;
  name?: string | undefined;
  /** E.g. `checked`, `level=2`. */
  states: string[];
  text?: string | undefined;
  /** Whether models are told how to name it. */
  isTarget?: boolean;
  /** Playwright's ref of it. */
  handle?: string | undefined;
  children: Outline[];
  /** The same as long as the element can be recognised. Given by `identify`. */
  id?: number;
  /** By which models name it: `e7`. */
  ref?: string | undefined;
}

const MAX_NAME = 200;
const MAX_TEXT = 1_000;
/** Roles that say nothing about what is in them. */
const phrases = [
  'strong',
  'emphasis',
  'code',
  'mark',
  'time',
  'insertion',
  'deletion',
  'subscript',
  'superscript',
];
const wrappers = ['generic', 'paragraph', 'rowgroup', 'none', 'presentation', 'group', ...phrases];
/** Roles that say nothing without a name or content. */
const empty = ['img', 'separator', 'listitem', 'list', 'status', 'alert', 'log', ...wrappers];

/** The outline of a page without what a model does not need: wrappers, texts said twice, addresses of links. */
export function outlineOf(seen: readonly Seen[]): Outline[] {
  return seen.flatMap((node) => tidy(node));
}

function tidy(node: Seen): Outline[] {
  const all = childrenOf(node);
  const name = cut(node.name, MAX_NAME);
  const isPointer = node.cursor === 'pointer';
  const own: Outline = {
    role: node.role,
    name,
    states: statesOf(node),
    handle: node.ref,
    isTarget: isPointer || clickable(node.role) || isPart(node.role),
    children: withoutLabels(all),
  };
  const isWrapper = wrappers.includes(node.role) && !name && !isPointer;
  if (isWrapper) return own.children;
  const [only] = own.children;
  if (own.children.length === 1 && only?.role === 'text') {
    own.text = only.text;
    own.children = [];
  }
  if (name) dropWhatTheNameSays(own, name);
  const isEmpty = !own.name && !own.text && own.children.length === 0;
  return isEmpty && empty.includes(node.role) && !isPointer ? [] : [own];
}

function childrenOf({ children = [], text, placeholder, url, name, role }: Seen): Outline[] {
  const own = text === undefined ? children : [text];
  const inner: Outline[] = [];
  for (const child of own) {
    const isText = typeof child === 'string';
    const [first, ...rest] = isText ? textOf(child) : tidy(child);
    const last = inner.at(-1);
    const goesOn =
      last?.role === 'text' && first?.role === 'text' && (isText || phrases.includes(child.role));
    if (goesOn) last.text += ` ${first.text}`;
    else if (first) inner.push(first);
    inner.push(...rest);
  }
  if (inner.length > 0 || name) return inner;
  if (placeholder) return textOf(`(${placeholder})`);
  return role === 'link' && url ? textOf(url) : [];
}

function textOf(text: string): Outline[] {
  const short = cut(text, MAX_TEXT);
  return short ? [{ role: 'text', text: short, states: [], children: [] }] : [];
}

/** Secrets go before anything is cut, so that no part of one is left. No text passes as a ref. */
function cut(text: string | undefined, most: number): string | undefined {
  const clean = redact(readable(text ?? ''))
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\[(e\d+)\]/g, '($1)')
    .trim();
  return (clean.length > most ? `${clean.slice(0, most)}…` : clean) || undefined;
}

/** Without the text of a label, which is the name of the control beside it. */
function withoutLabels(children: Outline[]): Outline[] {
  const names = new Set(children.filter(({ role }) => isControl(role)).map(({ name }) => name));
  return children.filter(({ role, text }) => role !== 'text' || !names.has(text));
}

/** A name that was made of the content says it again; what can be clicked in there stays. */
function dropWhatTheNameSays(node: Outline, name: string): void {
  if (node.text && squeezed(node.text) === squeezed(name)) node.text = undefined;
  if (isCell(node.role)) {
    if (node.children.length === 0) node.text ??= name;
    node.name = undefined;
  } else if (node.children.length > 0 && squeezed(wordsOf(node)) === squeezed(name)) {
    if (!hasClickable(node.children)) node.children = [];
    else if (!clickable(node.role)) node.name = undefined;
  }
}

function hasClickable(nodes: readonly Outline[]): boolean {
  return nodes.some(({ role, children }) => clickable(role) || hasClickable(children));
}

/** All that is written in an element. */
export const wordsOf = ({ name, text, children }: Outline): string =>
  text ?? (children.length > 0 ? children.map(wordsOf).join(' ') : (name ?? ''));

const squeezed = (text: string) => text.replaceAll(/\s+/g, '');

function statesOf(node: Seen): string[] {
  const states: string[] = [];
  for (const flag of ['checked', 'pressed', 'disabled', 'expanded', 'selected', 'invalid'] as const) {
    const value = node[flag];
    if (value) states.push(value === true ? flag : `${flag}=${value}`);
  }
  if (node.active && isControl(node.role)) states.push('focused');
  if (node.role === 'heading' && node.level) states.push(`level=${node.level}`);
  return states;
}
