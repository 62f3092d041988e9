import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { dist, nodeOfClone, packages, Refusal, say, windows } from './clone.mjs';

const engineProgram = join(dist, 'engine', 'main.js');
const stopMs = 45_000;

/**
 * Makes way for new packages: ends engines that nobody uses.
 * @throws Refusal when a program of this clone runs that somebody may be using.
 */
export function endIdlePrograms() {
  const running = programsOfClone();
  const used = running.filter(({ command }) => !command.includes(engineProgram));
  if (used.length > 0) throw inTheWay(used, 'Stop it and try again.');
  for (const engine of running) {
    if (!stopIfIdle(engine)) {
      const loss =
        'its running code sessions, with their variables and files, are lost; what it stores stays';
      throw inTheWay(
        [engine],
        `Try again once its sessions are over, or end it with\n  kill ${engine.pid}\n(${loss}).`,
      );
    }
    say(`ended the idle engine, process ${engine.pid}.`);
  }
}

function inTheWay(programs, cure) {
  const lines = programs.map(({ pid, command }) => `  process ${pid}: ${command}`).join('\n');
  return new Refusal(
    `packages have to be installed, but a program of this clone is running and would lose its files:\n${lines}\n${cure}`,
  );
}

/** Asks the engine, with the build it runs from. @returns whether it has ended. */
function stopIfIdle({ pid, command }) {
  const [, dataDir] = /--data-dir (.+) --idle-seconds /.exec(command) ?? [];
  const module = join(dist, 'engine', 'process.js');
  if (!dataDir || !existsSync(module)) return false;
  const code = `
    const [module, dataDir] = process.argv.slice(1);
    const { stopEngine } = await import(module);
    process.exit(await stopEngine(dataDir, { ifIdle: true }) ? 0 : 1);`;
  const asked = spawnSync(
    nodeOfClone,
    ['--input-type=module', '--eval', code, pathToFileURL(module).href, dataDir],
    { timeout: stopMs, stdio: 'ignore' },
  );
  return asked.status === 0 && hasEnded(pid);
}

/** It gives up its data directory shortly before it ends. */
function hasEnded(pid) {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; tries < 100; tries++) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    Atomics.wait(clock, 0, 0, 100);
  }
  return false;
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
