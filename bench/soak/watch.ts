import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { allProcesses, descriptorsOf, mountsOf, pssOf, rssOf, treeOf } from '../harness/processes.ts';

/** What an engine holds at one moment, garbage collected before. Memory and disk in MiB. */
export interface Sample {
  /** Since the start. */
  seconds: number;
  sessions: number;
  engineRss: number;
  enginePss: number;
  treePss: number;
  descriptors: number;
  treeProcesses: number;
  treeMounts: number;
  machineProcesses: number;
  machineMounts: number;
  disk: number;
}

function diskOf(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    try {
      // What is allocated: sparse files count for what they take.
      bytes += lstatSync(join(entry.parentPath, entry.name)).blocks * 512;
    } catch {
      // Removed meanwhile.
    }
  }
  return bytes / 1024 ** 2;
}

export function look(pid: number, dataDir: string): Omit<Sample, 'seconds' | 'sessions'> {
  const tree = treeOf(pid);
  return {
    engineRss: rssOf(pid),
    enginePss: pssOf([pid]),
    treePss: pssOf(tree),
    descriptors: descriptorsOf(pid),
    treeProcesses: tree.length,
    treeMounts: mountsOf(tree),
    machineProcesses: allProcesses().length,
    machineMounts: mountsOf([process.pid]),
    disk: diskOf(dataDir),
  };
}
