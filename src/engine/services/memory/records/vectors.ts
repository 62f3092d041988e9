import { type DotProducts, dotProductsIn } from './dot-products.ts';

const PAGE_BYTES = 65_536;
const MAX_BYTES = 65_535 * PAGE_BYTES;
/** Vectors are filled up with zeros to a multiple of this. */
const STEP_BYTES = 64;
/** How much more room is made than is needed. */
const SPARE = 1.25;
/** How many products are computed at once; even. */
const AT_ONCE = 4_096;

/** Vectors side by side in one piece of memory, by their rows. */
export class Vectors {
  readonly dimensions: number;
  /** Of one vector, in bytes. */
  readonly #stride: number;
  /** Where the first vector begins: behind the query and the results. */
  readonly #start: number;
  readonly #memory: WebAssembly.Memory;
  readonly #products: DotProducts;

  /** @param room For so many at first. @throws RangeError when there is no memory for them. */
  constructor(dimensions: number, room: number) {
    this.dimensions = dimensions;
    this.#stride = Math.ceil((dimensions * 4) / STEP_BYTES) * STEP_BYTES;
    this.#start = this.#stride + AT_ONCE * 4;
    this.#memory = new WebAssembly.Memory({ initial: this.#pages(room) });
    this.#products = dotProductsIn(this.#memory);
  }

  get bytes(): number {
    return this.#memory.buffer.byteLength;
  }

  set(row: number, vector: Uint8Array): void {
    if (this.#at(row + 1) > this.bytes) this.#memory.grow(this.#pages(row * SPARE) - this.bytes / PAGE_BYTES);
    new Uint8Array(this.#memory.buffer).set(vector, this.#at(row));
  }

  copy(from: number, to: number): void {
    new Uint8Array(this.#memory.buffer).copyWithin(this.#at(to), this.#at(from), this.#at(from + 1));
  }

  /** The dot products of a vector with rows. */
  products(query: Float32Array, rows: Uint32Array): Float32Array {
    const products = new Float32Array(rows.length);
    if (this.#stride === 0) return products;
    const { buffer } = this.#memory;
    new Float32Array(buffer).set(query);
    const addresses = new Uint32Array(buffer, this.#stride, AT_ONCE);
    const results = new Float32Array(buffer, this.#stride, AT_ONCE);
    for (let from = 0; from < rows.length; from += AT_ONCE) {
      const count = Math.min(rows.length - from, AT_ONCE);
      for (let i = 0; i < count; i++) addresses[i] = this.#at(rows[from + i] as number);
      // They are taken in pairs: what an odd count lacks is the query itself.
      if (count % 2 === 1) addresses[count] = 0;
      this.#products(0, this.#stride, this.#stride, this.#stride + Math.ceil(count / 2) * 4);
      products.set(results.subarray(0, count), from);
    }
    return products;
  }

  #at(row: number): number {
    return this.#start + row * this.#stride;
  }

  #pages(rows: number): number {
    const bytes = this.#at(Math.ceil(rows) + 16);
    if (bytes > MAX_BYTES)
      throw new RangeError(
        `${Math.ceil(rows)} vectors of ${this.dimensions} numbers are more than can be searched at once; name a namespace with fewer records.`,
      );
    return Math.ceil(bytes / PAGE_BYTES);
  }
}
