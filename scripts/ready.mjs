// Makes a clone ready, then runs a program of it:  node scripts/ready.mjs <program.js> [arguments]
//
// Installs packages, builds and runs the set-up of the machine, each only when something is missing, and then takes a
// few milliseconds. Needs nothing but the built-in modules of Node 18. Writes to stderr only.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, isBuilt } from './ready/build.mjs';
import { dist, nodeOfClone, packages, Refusal, root, say } from './ready/clone.mjs';
import { underLock } from './ready/lock.mjs';
import { installNode, installPackages, packagesAreInstalled } from './ready/packages.mjs';

async function machineIsSetUp() {
  const { isSetUp } = await import(pathToFileURL(join(dist, 'setup', 'state.js')).href);
  return isSetUp();
}

function setUpMachine() {
  const { status } = spawnSync(nodeOfClone, [join(dist, 'cli.js'), 'setup', '--optional'], {
    cwd: root,
    stdio: ['inherit', 2, 2],
  });
  if (status !== 0) throw new Refusal('the set-up failed; its messages are above.');
}

const steps = [
  { done: packagesAreInstalled, mend: installPackages },
  { done: () => existsSync(nodeOfClone), mend: installNode },
  { done: isBuilt, mend: build },
  { done: machineIsSetUp, mend: setUpMachine },
];

async function isReady() {
  for (const { done } of steps) if (!(await done())) return false;
  return true;
}

async function makeReady() {
  for (const { done, mend } of steps) if (!(await done())) mend();
}

function run(program, args) {
  const path = `${join(packages, '.bin')}${delimiter}${process.env.PATH ?? ''}`;
  const child = spawn(nodeOfClone, [program, ...args], {
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  if (startedByNpm) whenParentEnds(() => child.kill());
  child.on('error', fail);
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

const startedByNpm = process.env.npm_lifecycle_event !== undefined;

/** npm that is told to end does not pass it on. A shell that ends is no reason: it may have left this in the background. */
function whenParentEnds(act) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    act();
  }, 1000);
  watch.unref();
}

/** The program's file, given relative to the current folder or to the clone. */
function fileOf(program) {
  const file = [resolve(program), resolve(root, program)].find(existsSync);
  if (file) return file;
  throw new Refusal(`there is no ${program}, neither in ${process.cwd()} nor in ${root}.\n${usage}`);
}

const usage = 'usage: node scripts/ready.mjs <program.js> [arguments]';

function fail(error) {
  say(error instanceof Refusal ? error.message : error.stack);
  process.exit(1);
}

const [program, ...args] = process.argv.slice(2);
if (!program) fail(new Refusal(usage));
if (Number(process.versions.node.split('.')[0]) < 18) {
  fail(new Refusal(`Node ${process.versions.node} is too old. Install Node 18 or newer: https://nodejs.org`));
}
try {
  if (!(await isReady())) await underLock(makeReady);
  run(fileOf(program), args);
} catch (error) {
  fail(error);
}
