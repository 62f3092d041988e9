/** Of one series of measurements, in their own unit. */
export interface Summary {
  count: number;
  /** The first quartile. */
  lower: number;
  median: number;
  /** The third quartile. */
  upper: number;
  p95: number;
}

/**
 * The value below which a share of the values lies, between neighbours in proportion.
 * @throws RangeError when there are no values.
 */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('There is nothing to take a quantile of.');
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const [low = 0, high = low] = sorted.slice(below, below + 2);
  return low + (high - low) * (place - below);
}

export const median = (values: readonly number[]) => quantile(values, 0.5);

/** @throws RangeError when there are no values. */
export function summarize(values: readonly number[]): Summary {
  return {
    count: values.length,
    lower: quantile(values, 0.25),
    median: median(values),
    upper: quantile(values, 0.75),
    p95: quantile(values, 0.95),
  };
}

/**
 * Two series compared round by round: what drifts with the machine falls out.
 * @throws RangeError when they are of different lengths.
 */
function pairwise(
  first: readonly number[],
  second: readonly number[],
  compare: (first: number, second: number) => number,
): number[] {
  if (first.length !== second.length)
    throw new RangeError(`Series of ${first.length} and of ${second.length} rounds have no pairs.`);
  return first.map((value, index) => compare(value, second[index] as number));
}

export const ratios = (first: readonly number[], second: readonly number[]) =>
  pairwise(first, second, (a, b) => a / b);

export const differences = (first: readonly number[], second: readonly number[]) =>
  pairwise(first, second, (a, b) => a - b);

/** By how much y grows for each x, by least squares; 0 where there is no telling. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const x0 = mean(points.map(([x]) => x));
  const y0 = mean(points.map(([, y]) => y));
  const spread = points.reduce((sum, [x]) => sum + (x - x0) ** 2, 0);
  if (!(spread > 0)) return 0;
  return points.reduce((sum, [x, y]) => sum + (x - x0) * (y - y0), 0) / spread;
}
