/** How many single-character edits turn one word into the other. */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, letter] of [...a].entries()) {
    let left = row + 1;
    const current = [left];
    for (const [column, other] of [...b].entries()) {
      const replaced = (above[column] ?? 0) + (letter === other ? 0 : 1);
      left = Math.min(left + 1, (above[column + 1] ?? 0) + 1, replaced);
      current.push(left);
    }
    above = current;
  }
  return above.at(-1) ?? 0;
}

/**
 * The candidate that a mistyped word most likely meant; upper and lower case, `-` and `_` are the same.
 * @returns undefined when nothing is close: more than half of the characters, or more than three, would have to change.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_]/g, '');
  const wanted = plain(word);
  let best: { candidate: string; edits: number } | undefined;
  for (const candidate of candidates) {
    const edits = distance(wanted, plain(candidate));
    if (best === undefined || edits < best.edits) best = { candidate, edits };
  }
  return best && best.edits <= Math.min(3, Math.ceil(wanted.length / 2)) ? best.candidate : undefined;
}
