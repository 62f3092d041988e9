import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { ArtifactError } from './artifact-error.ts';
import { inParallel } from './in-parallel.ts';

/** What a zip may become. */
export interface UnzipLimits {
  /** Of all files together. */
  bytes: number;
  /** Files and folders. */
  entries: number;
}

const MB = 1024 ** 2;

/** AWS's limit on bytes; the one on entries is the engine's own. */
export const codeLimits: UnzipLimits = { bytes: 750 * MB, entries: 100_000 };

const FILES_AT_ONCE = 8;
/** Files up to this size are written at once, which is twice as fast as piece by piece. */
const SMALL_BYTES = MB;
const LOCAL_HEADER_BYTES = 30;
const TYPE_OF_MODE = 0o170000;
const REGULAR = 0o100000;
const FOLDER = 0o040000;
const SYMLINK = 0o120000;

/**
 * Unpacks a zip that nobody vouches for into a new folder. Files that are executable stay so; nothing else of their
 * permissions counts.
 * @throws ArtifactError where the zip is none, or has what AgentCore does not take or what leads out of the folder.
 */
export async function unzip(
  file: string,
  folder: string,
  { limits = codeLimits, signal }: { limits?: UnzipLimits; signal: AbortSignal },
): Promise<void> {
  try {
    const zip = await openPromise(file, { autoClose: false, strictFileNames: true });
    try {
      const entries = await readEntries(zip, limits);
      await mkdir(folder);
      await inParallel(entries, FILES_AT_ONCE, (entry) => extract(zip, entry, folder, signal));
    } finally {
      zip.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw asArtifactError(error as NodeJS.ErrnoException, folder);
  }
}

async function readEntries(zip: ZipFile, limits: UnzipLimits): Promise<Entry[]> {
  const tooMany = () =>
    new ArtifactError(`The zip has more than ${limits.entries.toLocaleString('en')} entries.`);
  if (zip.entryCount > limits.entries) throw tooMany();
  const entries: Entry[] = [];
  let bytes = 0;
  for await (const entry of zip.eachEntry()) {
    refuseUnsafe(entry);
    bytes += entry.uncompressedSize;
    if (bytes > limits.bytes) {
      throw new ArtifactError(
        `The zip holds more than the ${limits.bytes / MB} MB that AgentCore unpacks. Leave out what is not needed.`,
      );
    }
    if (entries.push(entry) > limits.entries) throw tooMany();
  }
  refuseOverlaps(entries);
  return entries;
}

/** Besides what the reader refuses itself: absolute paths, `..` and backslashes. */
function refuseUnsafe(entry: Entry): void {
  const { fileName } = entry;
  const refuse = (why: string) =>
    new ArtifactError(`The zip has the entry ${JSON.stringify(fileName)}, which ${why}.`);
  const parts = fileName.replace(/\/$/, '').split('/');
  if (parts.some((part) => part === '' || part === '.')) throw refuse('is no plain relative path');
  if (/^[A-Za-z]:/.test(fileName)) throw refuse('names a drive');
  if (fileName.includes('\0')) throw refuse('has a NUL in its name');
  if (entry.isEncrypted()) throw refuse('is encrypted');
  const type = (entry.externalFileAttributes >>> 16) & TYPE_OF_MODE;
  if (type === SYMLINK) throw refuse('is a symbolic link. Zip the files themselves (zip -r without -y)');
  if (type !== 0 && type !== REGULAR && type !== FOLDER) throw refuse('is neither a file nor a folder');
}

/** Entries that share their bytes are how a small zip becomes a huge one. */
function refuseOverlaps(entries: readonly Entry[]): void {
  let end = 0;
  for (const entry of entries.toSorted(
    (a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader,
  )) {
    const start = entry.relativeOffsetOfLocalHeader;
    if (start < end) throw new ArtifactError(`The zip has entries that overlap: ${entry.fileName}.`);
    end = start + LOCAL_HEADER_BYTES + entry.fileNameLength + entry.compressedSize;
  }
}

/** The file must be new: two entries of one name, in whatever spelling the disk takes for one, are refused. */
async function extract(zip: ZipFile, entry: Entry, folder: string, signal: AbortSignal): Promise<void> {
  const path = join(folder, entry.fileName);
  if (entry.fileName.endsWith('/')) {
    await mkdir(path, { recursive: true });
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  const executable = (entry.externalFileAttributes >>> 16) & 0o111;
  const content = checked(await zip.openReadStreamPromise(entry), entry);
  const data = entry.uncompressedSize <= SMALL_BYTES ? await buffer(content) : content;
  await writeFile(path, data, { flag: 'wx', mode: executable ? 0o755 : 0o644, signal });
}

/** The reader itself counts that there are as many bytes as announced, and no more. */
async function* checked(content: AsyncIterable<Buffer>, entry: Entry): AsyncIterable<Buffer> {
  let sum = 0;
  for await (const chunk of content) {
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (sum !== entry.crc32)
    throw new ArtifactError(`The zip is damaged: ${entry.fileName} fails its check sum.`);
}

function asArtifactError(error: NodeJS.ErrnoException, folder: string): Error {
  if (error instanceof ArtifactError) return error;
  const entry = error.path?.slice(folder.length + 1);
  switch (error.code) {
    case 'EEXIST':
    case 'ENOTDIR':
    case 'EISDIR':
      return new ArtifactError(`The zip has two entries for one path: ${entry}.`);
    case 'ENAMETOOLONG':
      return new ArtifactError('The zip has an entry whose name is longer than a file name can be.');
    case 'ENOSPC':
      return new ArtifactError(
        'There is no space left on the disk to unpack the zip. Free some and try again.',
      );
    default:
      return new ArtifactError(`The zip cannot be unpacked: ${error.message}.`);
  }
}
