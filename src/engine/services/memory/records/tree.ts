import { isIn, type Place } from './paths.ts';

/** A record as a tree knows it. */
export interface TreeRow {
  seq: number;
  path: string;
  strategy: string | null;
  /** Its bytes; null where it has none yet. */
  vector: Uint8Array | null;
}

/** What is searched in a tree. */
export interface Choice {
  place: Place;
  strategy?: string | undefined;
  /** Only these, where given. */
  seqs?: ReadonlySet<number> | undefined;
}

const SPARE_ROOM = 1.25;
const LEAST_ROWS = 16;

/** The vectors of a namespace and those below it, side by side in memory. */
export class Tree {
  readonly place: Place;
  readonly #dimensions: number;
  /** The state of the memory that it shows. */
  change = 0;
  #size = 0;
  #vectors: Float32Array;
  #seqs: Float64Array;
  /** Numbers of names; 0 for none. */
  #paths: Uint32Array;
  #strategies: Uint32Array;
  #hasVector: Uint8Array;
  readonly #rows = new Map<number, number>();
  readonly #names: string[] = [''];
  readonly #numbers = new Map<string, number>([['', 0]]);

  constructor(place: Place, { dimensions, room }: { dimensions: number; room: number }) {
    const rows = Math.ceil(Math.max(room * SPARE_ROOM, LEAST_ROWS));
    this.place = place;
    this.#dimensions = dimensions;
    this.#vectors = new Float32Array(rows * dimensions);
    this.#seqs = new Float64Array(rows);
    this.#paths = new Uint32Array(rows);
    this.#strategies = new Uint32Array(rows);
    this.#hasVector = new Uint8Array(rows);
  }

  get size(): number {
    return this.#size;
  }

  get dimensions(): number {
    return this.#dimensions;
  }

  get bytes(): number {
    return this.#vectors.byteLength + this.#seqs.length * 100;
  }

  seqAt(row: number): number {
    return this.#seqs[row] as number;
  }

  rowOf(seq: number): number | undefined {
    return this.#rows.get(seq);
  }

  /** Takes a record in its present state; one that is of another place now is dropped. */
  put({ seq, path, strategy, vector }: TreeRow): void {
    if (!isIn(this.place, path)) {
      this.drop(seq);
      return;
    }
    const row = this.#rows.get(seq) ?? this.#add(seq);
    this.#paths[row] = this.#numberOf(path);
    this.#strategies[row] = this.#numberOf(strategy ?? '');
    const fits = vector?.byteLength === this.#dimensions * 4;
    this.#hasVector[row] = fits ? 1 : 0;
    if (fits) new Uint8Array(this.#vectors.buffer).set(vector, row * this.#dimensions * 4);
  }

  /** The last row takes its place. */
  drop(seq: number): void {
    const row = this.#rows.get(seq);
    if (row === undefined) return;
    const last = --this.#size;
    this.#rows.delete(seq);
    if (row === last) return;
    const dimensions = this.#dimensions;
    this.#vectors.copyWithin(row * dimensions, last * dimensions, (last + 1) * dimensions);
    for (const column of [this.#seqs, this.#paths, this.#strategies, this.#hasVector])
      column[row] = column[last] as number;
    this.#rows.set(this.seqAt(row), row);
  }

  /** The rows that are searched. */
  candidates({ place, strategy, seqs }: Choice): Uint32Array {
    const inPlace = Uint8Array.from(this.#names, (name) => (isIn(place, name) ? 1 : 0));
    const strategyNumber = strategy === undefined ? undefined : (this.#numbers.get(strategy) ?? -1);
    const rows = new Uint32Array(this.#size);
    let count = 0;
    for (let row = 0; row < this.#size; row++) {
      if (!inPlace[this.#paths[row] as number]) continue;
      if (strategyNumber !== undefined && this.#strategies[row] !== strategyNumber) continue;
      if (seqs && !seqs.has(this.seqAt(row))) continue;
      rows[count++] = row;
    }
    return rows.subarray(0, count);
  }

  /** How near rows are to a vector; NaN for those that have none. */
  cosines(query: Float32Array, rows: Uint32Array): Float32Array {
    const cosines = new Float32Array(rows.length).fill(Number.NaN);
    if (query.length !== this.#dimensions) return cosines;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      if (this.#hasVector[row]) cosines[i] = dot(query, this.#vectors, row * this.#dimensions);
    }
    return cosines;
  }

  #add(seq: number): number {
    if (this.#size === this.#seqs.length) this.#grow();
    const row = this.#size++;
    this.#seqs[row] = seq;
    this.#rows.set(seq, row);
    return row;
  }

  #grow(): void {
    const rows = Math.ceil(this.#size * SPARE_ROOM);
    const grown = <T extends Float32Array | Float64Array | Uint32Array | Uint8Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.#vectors = grown(new Float32Array(rows * this.#dimensions), this.#vectors);
    this.#seqs = grown(new Float64Array(rows), this.#seqs);
    this.#paths = grown(new Uint32Array(rows), this.#paths);
    this.#strategies = grown(new Uint32Array(rows), this.#strategies);
    this.#hasVector = grown(new Uint8Array(rows), this.#hasVector);
  }

  #numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }
}

/** Of vectors of length 1, the cosine. In eight sums, which a processor makes side by side. */
function dot(query: Float32Array, vectors: Float32Array, from: number): number {
  const length = query.length;
  let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0];
  let i = 0;
  for (; i + 8 <= length; i += 8) {
    const at = from + i;
    a += (query[i] as number) * (vectors[at] as number);
    b += (query[i + 1] as number) * (vectors[at + 1] as number);
    c += (query[i + 2] as number) * (vectors[at + 2] as number);
    d += (query[i + 3] as number) * (vectors[at + 3] as number);
    e += (query[i + 4] as number) * (vectors[at + 4] as number);
    f += (query[i + 5] as number) * (vectors[at + 5] as number);
    g += (query[i + 6] as number) * (vectors[at + 6] as number);
    h += (query[i + 7] as number) * (vectors[at + 7] as number);
  }
  for (; i < length; i++) a += (query[i] as number) * (vectors[from + i] as number);
  return a + b + c + d + (e + f + g + h);
}
