import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** A program or library by what it runs on. */
export interface Binary {
  /** Relative to the tree. */
  file: string;
  system: 'Linux' | 'macOS' | 'Windows';
  /** E.g. `aarch64`; unknown for other systems. */
  processor?: string;
}

const HEADER_BYTES = 20;

const elfProcessors: Readonly<Record<number, string>> = {
  3: 'i686',
  21: 'ppc64le',
  22: 's390x',
  40: 'armv7l',
  62: 'x86_64',
  183: 'aarch64',
  243: 'riscv64',
};

const machOMagics = new Set(['feedface', 'feedfacf', 'cefaedfe', 'cffaedfe', 'cafebabe']);

/** This machine's processor, in the words of wheels. */
export const ownProcessor = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;

export const runsHere = ({ system, processor }: Binary) => system === 'Linux' && processor === ownProcessor;

/** What libraries and addons among the files are for, by their first bytes and not by their names. */
export async function readBinaries(root: string, files: readonly string[]): Promise<Binary[]> {
  const binaries: Binary[] = [];
  for (const file of files.filter(isLibrary)) {
    const binary = identify(file, await header(join(root, file)));
    if (binary) binaries.push(binary);
  }
  return binaries;
}

const isLibrary = (file: string) => /\.(so|pyd|dylib|dll|node)$|\.so\.[\d.]+$/.test(file);

async function header(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function identify(file: string, start: Buffer): Binary | undefined {
  if (start.length < HEADER_BYTES) return undefined;
  if (start.toString('latin1', 0, 4) === '\x7fELF') {
    const bigEndian = start[5] === 2;
    const machine = bigEndian ? start.readUInt16BE(18) : start.readUInt16LE(18);
    return { file, system: 'Linux', processor: elfProcessors[machine] ?? `ELF machine ${machine}` };
  }
  if (machOMagics.has(start.toString('hex', 0, 4))) return { file, system: 'macOS' };
  return start.toString('latin1', 0, 2) === 'MZ' ? { file, system: 'Windows' } : undefined;
}
