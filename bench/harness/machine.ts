import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { findPython } from '../../src/engine/sandbox/python.ts';
import { root } from './places.ts';

const printed = (command: string, ...args: string[]) =>
  spawnSync(command, args, { cwd: root, encoding: 'utf8' }).stdout?.trim() ?? '';

function systemName(): string {
  try {
    return /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? process.platform;
  } catch {
    return process.platform;
  }
}

/** What figures depend on, as lines of `name: value`. */
export async function machineLines(): Promise<string[]> {
  const processors = cpus();
  const changed =
    printed('git', 'status', '--porcelain', '--untracked-files=no') === '' ? '' : ', with changes';
  return [
    `Processor: ${processors[0]?.model ?? 'unknown'}, ${processors.length} cores`,
    `Memory: ${(totalmem() / 1024 ** 3).toFixed(1)} GiB`,
    `System: ${systemName()}, kernel ${release()}`,
    `Node: ${process.versions.node}`,
    `Python of code sessions: ${(await findPython()).version}`,
    `Date: ${new Date().toISOString().slice(0, 10)}`,
    `Commit: ${printed('git', 'rev-parse', '--short', 'HEAD')}${changed}`,
  ];
}
