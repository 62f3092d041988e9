import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import yazl from 'yazl';
import { ToolFailure } from '../../failure.ts';
import type { Dependencies } from './cache.ts';
import type { SourceFile } from './source.ts';

/** AgentCore's own limits, in bytes. */
const MAX_ZIP = 250 * 1024 * 1024;
const MAX_UNPACKED = 750 * 1024 * 1024;
/** Dependencies are large, and time counts: they are packed fast, or not at all where they stay on this machine. */
const FAST = 1;
const THOROUGH = 6;
const MAX_UNPACKED_NEARBY = 150 * 1024 * 1024;
const BATCH = 32;
/** The same for everything, so that the same files give the same zip. */
const MODIFIED = new Date(Date.UTC(2020, 0, 1));

/** What goes into one zip. */
export interface Contents {
  files: readonly SourceFile[];
  dependencies?: Dependencies;
}

/** Stands for the contents: the same files with the same packages have the same. */
export function fingerprintOf({ files, dependencies }: Contents): string {
  const hash = createHash('sha256');
  for (const { path, content, executable } of files)
    hash.update(`${JSON.stringify([path, executable, content.length])}\n`).update(content);
  return hash
    .update(JSON.stringify(dependencies?.packages ?? []))
    .digest('hex')
    .slice(0, 32);
}

/**
 * The zip of an agent: its dependencies and, over them, its own files.
 * @param nearby Whether it stays on this machine, where its size matters little.
 * @throws ToolFailure `TooLarge`
 */
export async function zipOf(
  { files, dependencies }: Contents,
  { nearby, signal }: { nearby: boolean; signal: AbortSignal },
): Promise<Buffer> {
  const own = new Set(files.map(({ path }) => path));
  const fetched = dependencies ? await filesBelow(dependencies.folder) : [];
  const others = fetched.filter(({ path }) => !own.has(path));
  const unpacked = [...files.map(({ content }) => content.length), ...others.map(({ size }) => size)].reduce(
    (sum, size) => sum + size,
    0,
  );
  if (unpacked > MAX_UNPACKED) throw tooLarge('unpacked', unpacked, MAX_UNPACKED);
  const compress = !nearby || unpacked > MAX_UNPACKED_NEARBY;
  const zip = new yazl.ZipFile();
  for (const { path, content, executable } of files)
    zip.addBuffer(content, path, { ...settings(executable), compressionLevel: THOROUGH });
  for (let at = 0; at < others.length; at += BATCH) {
    signal.throwIfAborted();
    const batch = others.slice(at, at + BATCH).map(async (file) => {
      return { ...file, content: await readFile(join(dependencies?.folder ?? '', file.path)) };
    });
    for (const { path, content, executable } of await Promise.all(batch))
      zip.addBuffer(content, path, { ...settings(executable), compressionLevel: compress ? FAST : 0 });
  }
  zip.end();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of zip.outputStream) {
    signal.throwIfAborted();
    size += chunk.length;
    if (size > MAX_ZIP) throw tooLarge('as a zip', size, MAX_ZIP);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

const settings = (executable: boolean) => ({ mtime: MODIFIED, mode: executable ? 0o100755 : 0o100644 });

interface Below {
  path: string;
  size: number;
  executable: boolean;
}

/** In the order of their names. Links, which only programs of packages are, are left out. */
async function filesBelow(folder: string): Promise<Below[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = paths.map(async (path) => {
    const { size, mode } = await stat(path);
    return { path: relative(folder, path).split(sep).join('/'), size, executable: (mode & 0o100) !== 0 };
  });
  return (await Promise.all(files)).toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function tooLarge(what: string, bytes: number, most: number): ToolFailure {
  const mb = (size: number) => Math.ceil(size / 1024 / 1024);
  return new ToolFailure({
    code: 'TooLarge',
    message: `The agent has more than ${mb(bytes) - 1} MB ${what}; AgentCore takes ${mb(most)} MB.`,
    hint: 'Leave out packages and files that it does not need.',
  });
}
