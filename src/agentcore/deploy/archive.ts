import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import yazl from 'yazl';
import { ToolFailure } from '../../failure.ts';
import type { Dependencies } from './cache.ts';
import type { SourceFile } from './source.ts';

/** AgentCore's own limits, in bytes. */
const MAX_ZIP = 250 * 1024 * 1024;
const MAX_UNPACKED = 750 * 1024 * 1024;
/** Dependencies are large, and time counts. */
const FAST = 1;
const THOROUGH = 6;
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
 * @throws ToolFailure `TooLarge`
 */
export async function zipOf({ files, dependencies }: Contents, signal: AbortSignal): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  const own = new Set(files.map(({ path }) => path));
  let unpacked = 0;
  for (const { path, content, executable } of files) {
    unpacked += content.length;
    zip.addBuffer(content, path, { ...settings(executable), compressionLevel: THOROUGH });
  }
  if (dependencies)
    for await (const { path, size, executable } of filesBelow(dependencies.folder)) {
      if (own.has(path)) continue;
      unpacked += size;
      zip.addFile(join(dependencies.folder, path), path, { ...settings(executable), compressionLevel: FAST });
    }
  if (unpacked > MAX_UNPACKED) throw tooLarge('unpacked', unpacked, MAX_UNPACKED);
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
async function* filesBelow(folder: string, above = ''): AsyncGenerator<Below> {
  const entries = await readdir(join(folder, above), { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = above ? `${above}/${entry.name}` : entry.name;
    if (entry.isDirectory()) yield* filesBelow(folder, path);
    if (!entry.isFile()) continue;
    const { size, mode } = await stat(join(folder, path));
    yield { path, size, executable: (mode & 0o100) !== 0 };
  }
}

function tooLarge(what: string, bytes: number, most: number): ToolFailure {
  const mb = (size: number) => Math.ceil(size / 1024 / 1024);
  return new ToolFailure({
    code: 'TooLarge',
    message: `The agent has more than ${mb(bytes) - 1} MB ${what}; AgentCore takes ${mb(most)} MB.`,
    hint: 'Leave out packages and files that it does not need.',
  });
}
