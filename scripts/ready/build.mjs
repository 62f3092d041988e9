import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { dist, nodeOfClone, packages, Refusal, root, say } from './clone.mjs';

/** Holds the state of the sources that dist was last built from. */
const builtStamp = join(packages, '.cache', 'agentcore-mcp', 'built');

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

function stateOfSources() {
  const hash = createHash('sha256');
  const files = [
    ...filesBelow(join(root, 'src')),
    join(root, 'tsconfig.json'),
    join(root, 'package-lock.json'),
  ];
  for (const file of files.sort()) {
    const { mtimeMs, size } = statSync(file);
    hash.update(`${file}\0${mtimeMs}\0${size}\n`);
  }
  return hash.digest('hex');
}

export function isBuilt() {
  return (
    existsSync(join(dist, 'cli.js')) &&
    existsSync(builtStamp) &&
    readFileSync(builtStamp, 'utf8') === stateOfSources()
  );
}

export function build() {
  say('building ...');
  const state = stateOfSources();
  rmSync(builtStamp, { force: true });
  const tsc = join(packages, 'typescript', 'bin', 'tsc');
  if (spawnSync(nodeOfClone, [tsc, '-p', root], { cwd: root, stdio: ['ignore', 2, 2] }).status !== 0) {
    throw new Refusal('the build failed; its messages are above.');
  }
  removeStaleOutput();
  mkdirSync(dirname(builtStamp), { recursive: true });
  writeFileSync(builtStamp, state);
}

/** What a source that is gone left in dist would still be found by imports and tests. */
function removeStaleOutput() {
  for (const output of filesBelow(dist)) {
    const source = join(root, 'src', relative(dist, output));
    const typescript = source.replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts');
    if (!existsSync(source) && !existsSync(typescript)) rmSync(output);
  }
}
