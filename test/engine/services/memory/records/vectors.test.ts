import { expect, test } from 'vitest';
import { Vectors } from '../../../../../src/engine/services/memory/records/vectors.ts';

const numbers = (length: number, seed: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(seed * 31 + i));
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, number, i) => sum + number * (b[i] ?? 0), 0);
const bytesOf = ({ buffer }: Float32Array) => new Uint8Array(buffer);

test.for([1, 10, 16, 100])('products of %i numbers, of rows in a row and of others', (dimensions) => {
  const vectors = new Vectors(dimensions, 3);
  const all = Array.from({ length: 9_000 }, (_, row) => numbers(dimensions, row));
  for (const [row, vector] of all.entries()) vectors.set(row, bytesOf(vector));
  vectors.copy(8_999, 5);
  all.splice(5, 1, ...all.slice(8_999));
  const query = numbers(dimensions, -1);
  const rows = Uint32Array.from([...Array(8_501).keys(), 8_600, 8_602, 8_603, 8_998]);
  const products = vectors.products(query, rows);
  for (const [i, row] of rows.entries())
    expect(products[i]).toBeCloseTo(dot(query, all[row] as Float32Array), 4);
});

test('vectors without numbers, and none at all', () => {
  expect(new Vectors(0, 0).products(new Float32Array(), Uint32Array.of(0, 1))).toEqual(Float32Array.of(0, 0));
  expect(new Vectors(16, 0).products(numbers(16, 0), new Uint32Array())).toEqual(new Float32Array());
});

test('more than can be searched at once is refused with words', () => {
  expect(() => new Vectors(4_096, 1_000_000)).toThrow(/1000000 vectors of 4096 numbers.*name a namespace/);
});
