import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { nodeOfClone, packages, Refusal, root, say, windows } from './clone.mjs';
import { endIdlePrograms } from './programs.mjs';

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

export function installPackages() {
  if (existsSync(packages)) endIdlePrograms();
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
