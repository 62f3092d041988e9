import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

export interface Content {
  text?: string | Buffer;
  /** With the file's type, e.g. 0o100755. */
  mode?: number;
}

/** A real zip of these files. */
export async function zipOf(files: Readonly<Record<string, string | Buffer | Content>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, given] of Object.entries(files)) {
    const { text = '', mode = 0o100644 } =
      typeof given === 'string' || Buffer.isBuffer(given) ? { text: given } : given;
    zip.addBuffer(Buffer.from(text), name, { mode, compress: true });
  }
  zip.end();
  return buffer(zip.outputStream);
}

/** A zip with names that no good zip has: what is written is replaced by text of the same length. */
export async function zipWithNames(names: Readonly<Record<string, string>>): Promise<Buffer> {
  const zip = await zipOf(Object.fromEntries(Object.keys(names).map((name) => [name, 'content'])));
  for (const [from, to] of Object.entries(names))
    replaceAll(zip, Buffer.from(from), Buffer.from(to, 'latin1'));
  return zip;
}

function replaceAll(zip: Buffer, from: Buffer, to: Buffer): void {
  if (from.length !== to.length) throw new Error(`${from} and ${to} differ in length.`);
  for (let at = zip.indexOf(from); at >= 0; at = zip.indexOf(from, at + 1)) to.copy(zip, at);
}

const CENTRAL_HEADER = Buffer.from('PK\x01\x02', 'latin1');

/** Offsets in an entry of a zip's directory. */
export const FLAGS = 8;
export const UNCOMPRESSED_SIZE = 24;
export const LOCAL_OFFSET = 42;

/** Where the directory's entries begin in a zip. */
export function directoryEntries(zip: Buffer): number[] {
  const found: number[] = [];
  for (let at = zip.indexOf(CENTRAL_HEADER); at >= 0; at = zip.indexOf(CENTRAL_HEADER, at + 1))
    found.push(at);
  return found;
}

const elfMachines: Readonly<Record<string, number>> = { x86_64: 62, aarch64: 183 };

/** The beginning of a Linux library for a processor, e.g. `aarch64`. */
export function libraryFor(processor: string): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.write('\x7fELF\x02\x01\x01', 'latin1');
  bytes.writeUInt16LE(elfMachines[processor] ?? 0, 18);
  return bytes;
}
