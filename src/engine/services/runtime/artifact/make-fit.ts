import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Log } from '../../../log.ts';
import type { Interpreter } from '../../../sandbox/interpreters.ts';
import { ArtifactError } from '../../artifacts/artifact-error.ts';
import { filesBelow, sizeBelow } from '../../artifacts/tree.ts';
import { codeLimits } from '../../artifacts/unzip.ts';
import { type Binary, ownProcessor, readBinaries } from './binaries.ts';
import { type Distribution, readDistributions, removeDistribution } from './distributions.ts';
import { installWheels } from './installer.ts';
import { findMisfits, madeFor } from './misfits.ts';
import { findForeignAddons } from './node-addons.ts';
import { pythonVersion } from './wheel-tags.ts';

export interface FitOptions {
  /** The agent's unpacked code, changed in place. */
  root: string;
  /** Its files. */
  files: readonly string[];
  /** A folder that is not there yet, for what is in the making. */
  scratch: string;
  interpreter: Interpreter;
  log: Log;
  signal: AbortSignal;
}

/**
 * Makes vendored packages run on this machine: those that are for another processor, system or Python are replaced by
 * the wheels of the same versions that fit. Nothing of the agent's code is run.
 * @returns whether there is machine code, which another version of the interpreter may not be able to load.
 * @throws ArtifactError which names what cannot be replaced, and says what to do.
 */
export async function makeFit(options: FitOptions): Promise<boolean> {
  const { root, files, interpreter } = options;
  const binaries = await readBinaries(root, files);
  if (interpreter.language === 'node') {
    refuseForeign(findForeignAddons(binaries), interpreter);
    return binaries.length > 0;
  }
  const distributions = await readDistributions(root);
  const misfits = findMisfits(distributions, binaries, pythonVersion(interpreter.version));
  refuseForeign(misfits.unaccounted, interpreter);
  if (misfits.distributions.length > 0) await replace(misfits.distributions, binaries, options);
  return binaries.length > 0 || misfits.distributions.length > 0;
}

async function replace(
  misfits: readonly Distribution[],
  binaries: readonly Binary[],
  { root, scratch, interpreter, log, signal }: FitOptions,
): Promise<void> {
  const packages = misfits.map(({ name, version }) => `${name}==${version}`);
  const failure = await installWheels(interpreter, packages, scratch, signal);
  if (failure !== undefined) {
    log.warn('The wheels of an agent could not be got for this machine', { packages, failure });
    throw new ArtifactError(
      `${misfits.map((one) => describe(one, binaries)).join('; ')}: not for this machine, which has ${here(interpreter)}. ` +
        `Getting them again failed:\n${failure}\n${remedy(interpreter)}`,
    );
  }
  const bytes = await sizeBelow(scratch);
  if (bytes > codeLimits.bytes)
    throw new ArtifactError(
      `The wheels for this machine unpack to ${bytes} bytes, more than an agent may have.`,
    );
  for (const misfit of misfits) await removeDistribution(root, misfit);
  await moveInto(scratch, root);
  log.info('Wheels of an agent were got again for this machine', { packages });
}

async function moveInto(from: string, to: string): Promise<void> {
  for (const file of await filesBelow(from)) {
    await mkdir(dirname(join(to, file)), { recursive: true });
    await rename(join(from, file), join(to, file));
  }
}

function describe(one: Distribution, binaries: readonly Binary[]): string {
  const files = new Set(one.files);
  const own = binaries.filter(({ file }) => files.has(file));
  return `${one.name} ${one.version} (${madeFor(one, own)})`;
}

function refuseForeign(
  foreign: readonly { name: string; binaries: readonly Binary[] }[],
  interpreter: Interpreter,
): void {
  if (foreign.length === 0) return;
  const list = foreign.map(({ name, binaries }) => `${name} (${madeFor({ tags: [] }, binaries)})`).join('; ');
  throw new ArtifactError(
    `${list}: not for this machine, which has ${here(interpreter)}, and no dist-info says which wheel it came from. ${remedy(interpreter)}`,
  );
}

const here = ({ language, version }: Interpreter) =>
  `Linux ${ownProcessor} and ${language === 'python' ? 'Python' : 'Node'} ${version}`;

function remedy({ language, version }: Interpreter): string {
  if (language === 'node') return `Install the packages on Linux ${ownProcessor}, and make the zip again.`;
  return (
    `Vendor the packages for this machine and make the zip again: pip install --only-binary=:all: --platform manylinux2014_${ownProcessor} ` +
    `--python-version ${pythonVersion(version).join('.')} --target . -r requirements.txt`
  );
}
