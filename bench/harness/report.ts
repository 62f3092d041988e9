import { summarize } from './statistics.ts';

export type Unit = 'ms' | '×' | '/s' | 's' | 'MiB' | '%' | 'tokens' | '';

/** What a median should be: at most, or at least, so much. */
type Goal = { most: number } | { least: number };

export interface Row {
  what: string;
  /** A series, or one value where a spread makes no sense. */
  values: readonly number[] | number;
  unit: Unit;
  goal?: Goal;
}

export interface Table {
  head: readonly string[];
  rows: readonly (readonly string[])[];
}

/** What a section of the benchmark found. */
export interface Findings {
  rows: Row[];
  /** What a reader must know: what was compared, and what could not be. */
  notes: string[];
  tables?: Table[];
}

/** As many digits as are worth reading. */
export function shown(value: number, unit: Unit): string {
  const size = Math.abs(value);
  const digits = size >= 100 || unit === 'tokens' ? 0 : size >= 10 ? 1 : 2;
  const number = value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === '' || unit === '×' || unit === '/s' ? `${number}${unit}` : `${number} ${unit}`;
}

function isMet(goal: Goal, value: number): boolean {
  return 'most' in goal ? value <= goal.most : value >= goal.least;
}

/** The goal and how far a value is from it: `at most 1.30×: met`, `at least 3.00×: missed by 12%`. */
export function verdict(goal: Goal, value: number, unit: Unit): string {
  const [word, bound] = 'most' in goal ? ['at most', goal.most] : ['at least', goal.least];
  const miss = Math.ceil((Math.abs(value - bound) / bound) * 100);
  return `${word} ${shown(bound, unit)}: ${isMet(goal, value) ? 'met' : `missed by ${miss}%`}`;
}

export function markdown({ head, rows }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function cells({ what, values, unit, goal }: Row): string[] {
  const series = typeof values === 'number' ? [values] : values;
  const { count, lower, median, upper, p95 } = summarize(series);
  const spread =
    count === 1
      ? ['', '', '']
      : [`${shown(lower, unit)} – ${shown(upper, unit)}`, shown(p95, unit), String(count)];
  return [what, shown(median, unit), ...spread, goal ? verdict(goal, median, unit) : ''];
}

/** A section as Markdown: its figures, further tables, notes. */
export function section(title: string, { rows, notes, tables = [] }: Findings): string {
  const head = ['What', 'Median', 'Quartiles', 'p95', 'Rounds', 'Goal'];
  const figures = rows.length > 0 ? [markdown({ head, rows: rows.map(cells) })] : [];
  return [
    `### ${title}`,
    ...figures,
    ...tables.map(markdown),
    ...(notes.length > 0 ? [notes.map((note) => `- ${note}`).join('\n')] : []),
  ].join('\n\n');
}
