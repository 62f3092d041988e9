import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { nodeOfClone, packages, Refusal, root, say, windows } from './clone.mjs';

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** npm writes node_modules/.package-lock.json last, so it names exactly what a finished installation has. */
export function packagesAreInstalled() {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages ?? {};
  const installed = readJson(join(packages, '.package-lock.json'))?.packages;
  if (!installed) return false;
  return Object.entries(wanted).every(([place, { version, optional, devOptional }]) => {
    if (place === '') return true;
    return installed[place] ? installed[place].version === version : optional || devOptional;
  });
}

/** Errors only: what npm warns about, nobody who sets up a clone can mend. */
const quiet = '--loglevel=error';

const nodeRuns = () => existsSync(nodeOfClone) && spawnSync(nodeOfClone, ['--version']).status === 0;

function npm(...args) {
  const own = process.env.npm_execpath;
  const direct = own && /npm-cli\.[cm]?js$/.test(own);
  const [command, first] = direct ? [process.execPath, [own]] : ['npm', []];
  const result = spawnSync(command, [...first, ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: windows && !direct,
  });
  if (result.error) throw new Refusal(`npm cannot be started: ${result.error.message}`);
  return result.status === 0;
}

/** The programs that run on the Node of this clone. Other runs of this script, and what started them, lose nothing. */
function programsOfClone() {
  const all = new Map(runningPrograms().map((program) => [program.pid, program]));
  const harmless = new Set();
  for (const { pid, command } of all.values()) {
    const isThisScript = pid === process.pid || /\bready\.mjs\b/.test(command);
    for (let up = isThisScript ? pid : 0; up > 0 && !harmless.has(up); up = all.get(up)?.parent ?? 0)
      harmless.add(up);
  }
  return [...all.values()].filter(
    ({ pid, executable }) => !harmless.has(pid) && executable.startsWith(packages + sep),
  );
}

function runningPrograms() {
  if (process.platform === 'linux')
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap(linuxProgram);
  if (windows) return []; // Windows itself refuses to remove a program that runs.
  const { stdout } = spawnSync('ps', ['-axo', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return [...(stdout ?? '').matchAll(/^\s*(\d+)\s+(\d+)\s+(.+)$/gm)].map(([, pid, parent, command]) => ({
    pid: Number(pid),
    parent: Number(parent),
    executable: command,
    command,
  }));
}

function linuxProgram(pid) {
  try {
    const executable = readlinkSync(`/proc/${pid}/exe`);
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
    const [, parent] = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return [{ pid: Number(pid), parent: Number(parent), executable, command }];
  } catch {
    return []; // Gone, or of another user.
  }
}

export function installPackages() {
  const [running] = existsSync(packages) ? programsOfClone() : [];
  if (running) {
    throw new Refusal(
      `packages have to be installed, but a program of this clone is running and would lose its files:\n  process ${running.pid}: ${running.command}\nStop it and try again.`,
    );
  }
  say('installing packages (npm ci) ...');
  if (!npm('ci', '--include=dev', '--no-audit', '--no-fund', quiet)) {
    throw new Refusal('npm ci failed; its messages are above. Try again once the cause is mended.');
  }
}

/** npm can be told not to run installation scripts; the package that brings Node needs its one. */
export function installNode() {
  say('installing the Node that this project runs on (npm rebuild node) ...');
  npm('rebuild', 'node', '--ignore-scripts=false', quiet);
  if (!nodeRuns())
    throw new Refusal(`${relative(root, nodeOfClone)} does not run. Delete node_modules and try again.`);
}
