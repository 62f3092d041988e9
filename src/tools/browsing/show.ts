import { tokensOf } from '../tokens.ts';
import type { Line } from './print.ts';

/** Of children alike, how many are shown where there is no room for all. */
const SHOWN_ALIKE = 10;

interface Part {
  /** The first line to show, from 1. */
  from?: number;
  maxTokens: number;
}

/** Lines as text, as many as there is room for, and how to read on. */
export function partOf(lines: readonly Line[], part: Part): string {
  const { from = 1 } = part;
  if (from > lines.length) return `(There are only ${lines.length} lines.)`;
  const next = (line: number) => `a snapshot step with the value ${line} goes on`;
  return fitted(lines.map(printed), part, next);
}

/** A whole outline. Where it is too long, long lists are cut to their beginnings first, so that all parts are seen. */
export function wholeOf(lines: readonly Line[], maxTokens: number): string {
  const whole = lines.map(printed);
  const isLong = tokensOf(whole.join('\n')) > maxTokens;
  return fitted(
    isLong ? folded(lines) : whole,
    { maxTokens },
    () => 'a snapshot step with a target shows a part',
  );
}

/** What has changed, cut likewise. */
export function fitted(
  lines: readonly string[],
  { from = 1, maxTokens }: Part,
  goOn: (next: number) => string = () => 'a snapshot step shows all',
): string {
  const shown: string[] = [];
  let left = maxTokens;
  for (const line of lines.slice(from - 1)) {
    left -= tokensOf(line) + 1;
    if (left < 0) break;
    shown.push(line);
  }
  const next = from + shown.length;
  const rest = lines.length - next + 1;
  return [...shown, ...(rest > 0 ? [`(${rest} more lines; ${goOn(next)})`] : [])].join('\n');
}

const printed = ({ depth, text }: Line) => '  '.repeat(depth) + text;

/** The lines, of many siblings of one kind only the first. */
function folded(lines: readonly Line[]): string[] {
  const kindOf = ({ parent, text }: Line) => `${parent} ${/^\w*/.exec(text)?.[0]}`;
  const alike = Map.groupBy(lines, kindOf);
  const hidden = new Set<number | undefined>();
  return lines.flatMap((line, index) => {
    const kind = alike.get(kindOf(line)) ?? [];
    const place = kind.length > SHOWN_ALIKE + 2 ? kind.indexOf(line) : 0;
    const isBelow = hidden.has(line.parent);
    if (!isBelow && place < SHOWN_ALIKE) return [printed(line)];
    hidden.add(line.id);
    if (isBelow || place > SHOWN_ALIKE) return [];
    const more = kind.length - SHOWN_ALIKE;
    return [
      printed({
        ...line,
        text: `(${more} more like these, from line ${index + 1} on: snapshot with that value)`,
      }),
    ];
  });
}
