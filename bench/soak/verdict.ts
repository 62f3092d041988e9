import { shown, type Table, type Unit } from '../harness/report.ts';
import { median, slope } from '../harness/statistics.ts';
import type { Sample } from './watch.ts';

/** How much a measure may grow between the second quarter and the last before it counts as a leak. */
interface Tolerance {
  what: string;
  measure: keyof Sample;
  unit: Unit;
  /** In its own unit. */
  amount: number;
  /** Of its level in the second quarter. The larger of the two holds. */
  share: number;
  /** For each session in between, besides: what stays of a session on purpose. */
  perSession?: number;
}

/** Sessions leave their rows, and agents their logs and versions, until the daily sweep. */
const tolerances: readonly Tolerance[] = [
  { what: 'Engine, resident', measure: 'engineRss', unit: 'MiB', amount: 16, share: 0.1 },
  { what: 'Engine, proportional', measure: 'enginePss', unit: 'MiB', amount: 16, share: 0.1 },
  { what: 'All of the tree, proportional', measure: 'treePss', unit: 'MiB', amount: 64, share: 0.2 },
  { what: 'Descriptors of the engine', measure: 'descriptors', unit: '', amount: 8, share: 0.1 },
  { what: 'Processes of the tree', measure: 'treeProcesses', unit: '', amount: 8, share: 0.2 },
  { what: 'Mounts of the tree', measure: 'treeMounts', unit: '', amount: 100, share: 0.2 },
  { what: 'Disk', measure: 'disk', unit: 'MiB', amount: 8, share: 0.1, perSession: 1 / 32 },
];

export interface Verdict {
  flat: boolean;
  table: Table;
}

/**
 * Whether nothing grew. A measure has grown when its level in the last quarter is above that in the second one by more
 * than its tolerance, and the slope since then says so too: a single late peak is no leak.
 * @param samples From start to end, at even intervals; at least four.
 */
export function judge(samples: readonly Sample[]): Verdict {
  const quarter = Math.floor(samples.length / 4);
  const second = samples.slice(quarter, 2 * quarter);
  const last = samples.slice(-quarter);
  if (quarter === 0) throw new RangeError(`${samples.length} samples are too few for a verdict.`);
  const sessions = (last.at(-1)?.sessions ?? 0) - (second[0]?.sessions ?? 0);
  let flat = true;
  const rows = tolerances.map(({ what, measure, unit, amount, share, perSession = 0 }) => {
    const level = (of: readonly Sample[]) => median(of.map((sample) => sample[measure]));
    const [from, to] = [level(second), level(last)];
    const perSecond = slope(samples.slice(quarter).map((sample) => [sample.seconds, sample[measure]]));
    const seconds = (last.at(-1)?.seconds ?? 0) - (second[0]?.seconds ?? 0);
    const tolerance = Math.max(amount, share * from) + perSession * sessions;
    const grew = to - from > tolerance && perSecond * seconds > tolerance / 2;
    if (grew) flat = false;
    return [
      ...[what, shown(from, unit), shown(to, unit), `${shown(perSecond * 60, unit)} a minute`],
      shown(tolerance, unit),
      grew ? 'GREW' : 'flat',
    ];
  });
  const head = ['What', 'Second quarter', 'Last quarter', 'Slope', 'Tolerance', 'Verdict'];
  return { flat, table: { head, rows } };
}
