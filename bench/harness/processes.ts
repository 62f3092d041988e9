import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const MiB = 1024 ** 2;

/** Undefined where the process is gone or somebody else's. */
function read(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return undefined;
  }
}

export const allProcesses = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** A process and all that it started, and that these did. */
export function treeOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const pid of allProcesses()) {
    const parent = Number(/\) \S (\d+) /.exec(read(pid, 'stat') ?? '')?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);

function kilobytes(pid: number, file: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(read(pid, file) ?? '')?.[1] ?? 0);
}

/** Proportional set size in MiB: memory that processes share is counted once, in shares. */
export const pssOf = (pids: readonly number[]) =>
  (sum(pids.map((pid) => kilobytes(pid, 'smaps_rollup', 'Pss'))) * 1024) / MiB;

/** Resident set size in MiB. */
export const rssOf = (pid: number) => (kilobytes(pid, 'status', 'VmRSS') * 1024) / MiB;

export function descriptorsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

/** What is mounted, each namespace of the processes looked at once. */
export function mountsOf(pids: readonly number[]): number {
  const namespaces = new Map<string, number>();
  for (const pid of pids) {
    try {
      namespaces.set(readlinkSync(`/proc/${pid}/ns/mnt`), pid);
    } catch {
      // It has ended.
    }
  }
  return sum([...namespaces.values()].map((pid) => (read(pid, 'mounts') ?? '').split('\n').length - 1));
}

export function isRunning(pid: number): boolean {
  const state = /\) (\S) /.exec(read(pid, 'stat') ?? '')?.[1];
  return state !== undefined && state !== 'Z';
}
