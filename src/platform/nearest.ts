/** How many edits turn one word into the other: a character more, less or other, or two neighbours swapped. */
function distance(from: string, to: string): number {
  const a = [...from];
  const b = [...to];
  let beforeAbove: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, letter] of a.entries()) {
    let left = row + 1;
    const current = [left];
    for (const [column, other] of b.entries()) {
      const replaced = (above[column] ?? 0) + (letter === other ? 0 : 1);
      const swapped =
        letter === b[column - 1] && a[row - 1] === other ? (beforeAbove[column - 1] ?? 0) + 1 : Infinity;
      left = Math.min(left + 1, (above[column + 1] ?? 0) + 1, replaced, swapped);
      current.push(left);
    }
    beforeAbove = above;
    above = current;
  }
  return above.at(-1) ?? 0;
}

/**
 * The candidate that a mistyped word most likely meant; upper and lower case, `-` and `_` are the same.
 * @param closeness How many edits a word of some length may be away; a third of its characters, at most three, by default.
 * @returns undefined when nothing is that close.
 */
export function nearest(
  word: string,
  candidates: Iterable<string>,
  closeness = (length: number) => Math.min(3, Math.ceil(length / 3)),
): string | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_]/g, '');
  const wanted = plain(word);
  let best: { candidate: string; edits: number } | undefined;
  for (const candidate of candidates) {
    const edits = distance(wanted, plain(candidate));
    if (best === undefined || edits < best.edits) best = { candidate, edits };
  }
  return best && best.edits <= closeness(wanted.length) ? best.candidate : undefined;
}
