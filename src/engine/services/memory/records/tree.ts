import { isIn, type Place } from './paths.ts';
import { Vectors } from './vectors.ts';

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
/** Of what is kept of a record besides its vector. */
const BYTES_PER_ROW = 100;

/** The vectors of a namespace and those below it, side by side in memory. */
export class Tree {
  readonly place: Place;
  readonly #vectors: Vectors;
  /** The state of the memory that it shows. */
  change = 0;
  #size = 0;
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
    this.#vectors = new Vectors(dimensions, rows);
    this.#seqs = new Float64Array(rows);
    this.#paths = new Uint32Array(rows);
    this.#strategies = new Uint32Array(rows);
    this.#hasVector = new Uint8Array(rows);
  }

  get size(): number {
    return this.#size;
  }

  get dimensions(): number {
    return this.#vectors.dimensions;
  }

  get bytes(): number {
    return this.#vectors.bytes + this.#seqs.length * BYTES_PER_ROW;
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
    const fits = vector !== null && vector.byteLength === this.dimensions * 4;
    this.#hasVector[row] = fits ? 1 : 0;
    if (fits) this.#vectors.set(row, vector);
  }

  /** The last row takes its place. */
  drop(seq: number): void {
    const row = this.#rows.get(seq);
    if (row === undefined) return;
    const last = --this.#size;
    this.#rows.delete(seq);
    if (row === last) return;
    if (this.#hasVector[last]) this.#vectors.copy(last, row);
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
    if (query.length !== this.dimensions) return new Float32Array(rows.length).fill(Number.NaN);
    const cosines = this.#vectors.products(query, rows);
    for (let i = 0; i < rows.length; i++) if (!this.#hasVector[rows[i] as number]) cosines[i] = Number.NaN;
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
    const grown = <T extends Float64Array | Uint32Array | Uint8Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
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
