import { type Binary, runsHere } from './binaries.ts';
import type { Distribution } from './distributions.ts';
import { moduleFits, type PythonVersion, tagFits } from './wheel-tags.ts';

/** What of an agent's vendored code cannot run here. */
export interface Misfits {
  /** Packages that can be got again by name and version. */
  distributions: readonly Distribution[];
  /** Folders and modules with libraries that no package accounts for. */
  unaccounted: readonly { name: string; binaries: readonly Binary[] }[];
}

/**
 * What is made for another processor, system or Python. A package whose wheel says what it is for is taken at its word:
 * some carry libraries for several systems. Of anything else one library that fits is enough.
 */
export function findMisfits(
  distributions: readonly Distribution[],
  binaries: readonly Binary[],
  version: PythonVersion,
): Misfits {
  const fits = (binary: Binary) => runsHere(binary) && moduleFits(binary.file, version);
  const owner = new Map(distributions.flatMap((one) => one.files.map((file) => [file, one] as const)));
  const owned = Map.groupBy(binaries, ({ file }) => owner.get(file));
  const isMisfit = (one: Distribution) =>
    one.tags.length > 0 ? !one.tags.some((tag) => tagFits(tag, version)) : noneOf(owned.get(one) ?? [], fits);

  const loose = Map.groupBy(owned.get(undefined) ?? [], ({ file }) => topLevel(file));
  return {
    distributions: distributions.filter(isMisfit),
    unaccounted: [...loose]
      .filter(([, group]) => noneOf(group, fits))
      .map(([name, group]) => ({ name, binaries: group })),
  };
}

const noneOf = (binaries: readonly Binary[], fits: (binary: Binary) => boolean) =>
  binaries.length > 0 && !binaries.some(fits);

/** `numpy` of `numpy/core/x.so`, `_cffi_backend` of `_cffi_backend.abi3.so`; of `numpy.libs` it is `numpy`. */
const topLevel = (file: string) => file.replace(/\/.*/, '').replace(/\..*/, '');

/** What something is for, e.g. `cp313-cp313-manylinux_2_17_aarch64` or `Linux aarch64`. */
export function madeFor({ tags }: Pick<Distribution, 'tags'>, binaries: readonly Binary[] = []): string {
  const said = tags.length > 0 ? tags : binaries.map(describe);
  return [...new Set(said)].slice(0, 3).join(', ');
}

const describe = ({ system, processor }: Binary) => (processor ? `${system} ${processor}` : system);
