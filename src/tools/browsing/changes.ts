import type { Line } from './print.ts';

/**
 * What has changed from one outline to the next, with the lines above it that say where: `+` is new, `~` now reads like
 * this, `-` is gone.
 * @returns nothing where all is the same.
 */
export function changesOf(before: readonly Line[], now: readonly Line[]): string[] {
  const earlier = new Map(before.map((line) => [line.id, line]));
  const present = new Map(now.map((line) => [line.id, line]));
  const gone = Map.groupBy(
    before.filter(({ id, parent }) => !present.has(id) && isThere(parent, present)),
    ({ parent }) => parent,
  );
  const moved = movedBelow(before, now, earlier);
  const marks = new Map(now.map((line) => [line.id, markOf(line, earlier.get(line.id), moved)]));
  const wanted = new Set<number | undefined>();
  const want = (id: number | undefined) => {
    for (let at = id; at !== undefined && !wanted.has(at); at = present.get(at)?.parent) wanted.add(at);
  };
  for (const { id } of now) if (marks.get(id) !== ' ') want(id);
  for (const parent of gone.keys()) want(parent);
  const lost = (parent: number | undefined, depth: number) =>
    (gone.get(parent) ?? []).map(({ text }) => indented('-', depth, text));
  const shown = now
    .filter(({ id }) => wanted.has(id))
    .flatMap(({ id, depth, text }) => [indented(marks.get(id) ?? ' ', depth, text), ...lost(id, depth + 1)]);
  return [...lost(undefined, 0), ...shown];
}

const isThere = (parent: number | undefined, present: ReadonlyMap<number, Line>) =>
  parent === undefined || present.has(parent);

function markOf(line: Line, earlier: Line | undefined, moved: ReadonlySet<number | undefined>): string {
  if (!earlier) return '+';
  return bare(earlier) !== bare(line) || moved.has(line.parent) ? '~' : ' ';
}

/** Where the focus is, is no change of the page. */
const bare = ({ text }: Line) => text.replaceAll(' [focused]', '');

/** The lines below which the same stands in another order. */
function movedBelow(
  before: readonly Line[],
  now: readonly Line[],
  earlier: ReadonlyMap<number, Line>,
): Set<number | undefined> {
  const place = new Map(before.map(({ id }, index) => [id, index]));
  const last = new Map<number | undefined, number>();
  const moved = new Set<number | undefined>();
  for (const { id, parent } of now) {
    const at = place.get(id);
    if (at === undefined || earlier.get(id)?.parent !== parent) continue;
    if (at < (last.get(parent) ?? -1)) moved.add(parent);
    last.set(parent, at);
  }
  return moved;
}

function indented(mark: string, depth: number, text: string): string {
  return `${mark} ${'  '.repeat(depth)}${text}`;
}
