import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './places.ts';
import type { Table } from './report.ts';

/** As V8 writes it. Times in microseconds of the machine's monotonic clock. */
interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  startTime: number;
  samples: number[];
  timeDeltas: number[];
}

const SHOWN = 8;
const IDLE = '(idle)';

/** Options of Node that make it write a profile when it ends. */
export const profiled = (folder: string) => ['--cpu-prof', `--cpu-prof-dir=${folder}`];

/** The clock of profiles. */
export const nowMicroseconds = () => Number(process.hrtime.bigint() / 1_000n);

/** The package, the folder of this project, or the part of Node that a function is from. */
export function originOf(url: string): string {
  if (url.startsWith('node:')) return 'Node';
  if (!url.startsWith('file:')) return 'V8 and native code';
  const path = relative(root, fileURLToPath(url)).split(sep);
  const last = path.lastIndexOf('node_modules');
  if (last < 0) return path.slice(path[0] === 'dist' ? 1 : 0, -1).join('/') || 'the entry';
  const [first = '', second = ''] = path.slice(last + 1);
  return first.startsWith('@') ? `${first}/${second}` : first;
}

function placeOf({ url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const origin = originOf(url);
  return url.startsWith('file:') ? `${origin}, ${basename(url)}:${lineNumber + 1}` : origin;
}

function largest(times: ReadonlyMap<string, number>): [string, number][] {
  return [...times].toSorted(([, a], [, b]) => b - a).slice(0, SHOWN);
}

/**
 * Where a process spent its own time between two moments: by origin, and by function.
 * @throws Error when the folder has no profile: the process did not end in order.
 */
export function selfTimes(name: string, folder: string, from: number, to: number): Table {
  const file = readdirSync(folder).find((each) => each.endsWith('.cpuprofile'));
  if (!file) throw new Error(`${name} has written no profile to ${folder}.`);
  const { nodes, startTime, samples, timeDeltas } = JSON.parse(
    readFileSync(join(folder, file), 'utf8'),
  ) as CpuProfile;
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const origins = new Map<string, number>();
  const functions = new Map<string, number>();
  const add = (times: Map<string, number>, key: string, us: number) =>
    times.set(key, (times.get(key) ?? 0) + us);
  let time = startTime;
  let busy = 0;
  for (const [index, id] of samples.entries()) {
    const us = timeDeltas[index] ?? 0;
    time += us;
    const frame = frames.get(id);
    if (!frame || time < from || time > to || frame.functionName === IDLE) continue;
    const origin = originOf(frame.url);
    busy += us;
    add(origins, origin, us);
    add(functions, `\`${frame.functionName || '(anonymous)'}\`, ${placeOf(frame)}`, us);
  }
  const percent = (us: number) => `${((us / busy) * 100).toFixed(1)}%`;
  const [byOrigin, byFunction] = [largest(origins), largest(functions)];
  const rows = Array.from({ length: Math.max(byOrigin.length, byFunction.length) }, (_, index) =>
    [byOrigin[index], byFunction[index]].flatMap((each) => (each ? [each[0], percent(each[1])] : ['', ''])),
  );
  const share = `busy ${((busy / (to - from)) * 100).toFixed(0)}% of the time`;
  return { head: [`${name} (${share})`, 'Self time', 'Function', 'Self time'], rows };
}
