/** A record that was found and is not shown yet. */
export interface Remaining {
  seq: number;
  score: number;
}

const BYTES = 16;

/** The rest of an answer, for a paging token: later pages go on with what was found first, whatever is written meanwhile. */
export function packRest(rest: readonly Remaining[]): Uint8Array {
  const numbers = Float64Array.from(rest.flatMap(({ seq, score }) => [seq, score]));
  return new Uint8Array(numbers.buffer);
}

export function unpackRest(packed: Uint8Array): Remaining[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  return Array.from({ length: packed.byteLength / BYTES }, (_, i) => ({
    seq: view.getFloat64(i * BYTES, true),
    score: view.getFloat64(i * BYTES + BYTES / 2, true),
  }));
}
