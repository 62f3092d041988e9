import { isCell, isItem } from './roles.ts';
import type { Outline } from './tree.ts';

/** One line of a printed outline. */
export interface Line {
  id: number;
  depth: number;
  text: string;
  /** Of the line that this one stands below. */
  parent?: number | undefined;
}

const MAX_OPTIONS = 12;
/** Longer lines are broken into one for each child. */
const MAX_LINE = 160;

/** An outline, an element a line; what is short and belongs together shares one. */
export function linesOf(nodes: readonly Outline[], depth = 0, parent?: number): Line[] {
  return nodes.flatMap((node) => {
    const { text, below } = lineOf(node);
    const id = node.id ?? 0;
    return [{ id, depth, text, parent }, ...linesOf(below, depth + 1, id)];
  });
}

/** An element in one line, and what of its content does not fit there. */
export function lineOf(node: Outline): { text: string; below: readonly Outline[] } {
  const { role, text, children } = node;
  const own = isHead(node) ? 'columns' : labelOf(node);
  if (text !== undefined) return { text: role === 'text' ? text : `${own}: ${text}`, below: [] };
  if (children.length === 0) return { text: own, below: [] };
  if (children.every((child) => child.role === 'option'))
    return { text: `${own}: ${optionsOf(children)}`, below: [] };
  const inner = children.map((child) => (role === 'row' ? cellOf(child) : lineOf(child)));
  const [first] = inner;
  if (children.length === 1 && first) return { text: `${own}: ${first.text}`, below: first.below };
  const joined = `${own}: ${inner.map((child) => child.text).join(' | ')}`;
  const fits = (isItem(role) || isCell(role)) && inner.every(({ below }) => below.length === 0);
  return fits && joined.length <= MAX_LINE ? { text: joined, below: [] } : { text: own, below: children };
}

const isHead = ({ role, children }: Outline) =>
  role === 'row' && children.length > 1 && children.every((child) => child.role === 'columnheader');

/** Of a cell without states, what is in it: its row says what it is. */
function cellOf(cell: Outline): ReturnType<typeof lineOf> {
  const line = lineOf(cell);
  const label = labelOf(cell);
  return isCell(label) ? { ...line, text: line.text.slice(label.length + 2) } : line;
}

/** E.g. `button "Send" [disabled] [e7]`. */
export function labelOf({ role, name, states, ref }: Outline): string {
  const parts = [role, name && JSON.stringify(name), ...states.map((state) => `[${state}]`)];
  return [...parts, ref && `[${ref}]`].filter(Boolean).join(' ');
}

function optionsOf(options: readonly Outline[]): string {
  const named = ({ name, text, states }: Outline) =>
    `${name ?? text ?? ''}${states.includes('selected') ? ' (selected)' : ''}`;
  if (options.length <= MAX_OPTIONS) return options.map(named).join(', ');
  const chosen = options.filter(({ states }) => states.includes('selected')).map(named);
  return [...chosen, `${options.length} options`].join(', ');
}
