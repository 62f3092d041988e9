import { readdir, readFile, rm, unlink } from 'node:fs/promises';
import { join, posix } from 'node:path';

/** An installed Python package, as its dist-info folder describes it. */
export interface Distribution {
  /** The dist-info folder, at the root of the tree. */
  folder: string;
  name: string;
  version: string;
  /** Of the wheel it came from; empty where nothing says so. */
  tags: readonly string[];
  /** Relative to the tree. */
  files: readonly string[];
}

/** The packages vendored at the root of a tree. One whose name or version cannot be read is left out. */
export async function readDistributions(root: string): Promise<Distribution[]> {
  const found: Distribution[] = [];
  for (const entry of await readdir(root, { withFileTypes: true })) {
    if (!entry.isDirectory() || !entry.name.endsWith('.dist-info')) continue;
    const folder = join(root, entry.name);
    const metadata = await textOf(join(folder, 'METADATA'));
    const name = /^Name: *([A-Za-z0-9][\w.-]*)\r?$/im.exec(metadata)?.[1];
    const version = /^Version: *([A-Za-z0-9][\w.!+-]*)\r?$/im.exec(metadata)?.[1];
    if (name === undefined || version === undefined) continue;
    const wheel = await textOf(join(folder, 'WHEEL'));
    const tags = [...wheel.matchAll(/^Tag: *(\S+)/gim)].map(([, tag = '']) => tag);
    const files = recorded(await textOf(join(folder, 'RECORD')));
    found.push({ folder: entry.name, name, version, tags, files });
  }
  return found;
}

/** Removes a package's files, as far as its RECORD lists them and they are there, and its dist-info folder. */
export async function removeDistribution(root: string, { folder, files }: Distribution): Promise<void> {
  for (const file of files) await unlink(join(root, file)).catch(() => {});
  await rm(join(root, folder), { recursive: true, force: true });
}

const textOf = (path: string) => readFile(path, 'utf8').catch(() => '');

/**
 * The paths of a RECORD, which is CSV. Programs are recorded as `../../bin/name` from a site-packages folder and lie in
 * `bin/` of a folder that was installed to; nothing that leads out of the tree is kept.
 */
function recorded(record: string): string[] {
  return record
    .split(/\r?\n/)
    .map((line) => /^"((?:[^"]|"")*)"|^([^,]*)/.exec(line))
    .map((cell) => cell?.[1]?.replaceAll('""', '"') ?? cell?.[2] ?? '')
    .map((path) => posix.normalize(path).replace(/^(\.\.\/)+bin\//, 'bin/'))
    .filter((path) => path !== '.' && !path.startsWith('..') && !path.startsWith('/') && !path.endsWith('/'));
}
