import { type Tensor, tensorflow } from './tensorflow.ts';

/** Rows of numbers, one after the other. */
export type Rows = Float32Array<ArrayBuffer>;

/** Multiplies each row with a matrix, and adds a bias. */
export class Linear {
  readonly inputs: number;
  readonly outputs: number;
  readonly #matrix: Tensor;
  readonly #bias: Tensor | undefined;

  /** @param matrix One row for each input. */
  constructor(matrix: Rows, inputs: number, bias?: Rows) {
    this.inputs = inputs;
    this.outputs = matrix.length / inputs;
    this.#matrix = tensorflow.tensor2d(matrix, [inputs, this.outputs]);
    this.#bias = bias && tensorflow.tensor1d(bias);
  }

  apply(rows: Rows, activation?: 'relu'): Rows {
    const a = tensorflow.tensor2d(rows, [rows.length / this.inputs, this.inputs]);
    const product = tensorflow.fused.matMul({ a, b: this.#matrix, bias: this.#bias, activation });
    const found = product.dataSync();
    a.dispose();
    product.dispose();
    return found as Rows;
  }
}

/** Brings each row to mean 0 and variance 1, then to the scale and the shift that were learned; in place. */
export function normalize(rows: Rows, scale: Rows, shift: Rows, epsilon: number): void {
  const width = scale.length;
  for (let start = 0; start < rows.length; start += width) {
    const row = rows.subarray(start, start + width);
    let sum = 0;
    for (let at = 0; at < width; at++) sum += row[at] as number;
    const mean = sum / width;
    let squares = 0;
    for (let at = 0; at < width; at++) squares += ((row[at] as number) - mean) ** 2;
    const factor = 1 / Math.sqrt(squares / width + epsilon);
    for (let at = 0; at < width; at++)
      row[at] = ((row[at] as number) - mean) * factor * (scale[at] as number) + (shift[at] as number);
  }
}

export function add(rows: Rows, others: Rows): Rows {
  for (let at = 0; at < rows.length; at++) (rows[at] as number) += others[at] as number;
  return rows;
}

/** Each row of a text with those around it, zeros beyond its ends: `before` rows before it, and `size` in all. */
export function windows(
  rows: Rows,
  width: number,
  texts: readonly { start: number; length: number }[],
  { size, before }: { size: number; before: number },
): Rows {
  const wide = new Float32Array(rows.length * size);
  for (const { start, length } of texts) {
    for (let at = 0; at < length; at++) {
      const first = Math.max(at - before, 0);
      const last = Math.min(at - before + size, length);
      const place = ((start + at) * size + first - (at - before)) * width;
      wide.set(rows.subarray((start + first) * width, (start + last) * width), place);
    }
  }
  return wide;
}
