import { createSecretKey, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSeal } from '../../../src/engine/store/seal.ts';

const sealOf = () => createSeal(createSecretKey(randomBytes(32)));

test('what was closed opens under its name and key only, and as a whole', () => {
  const seal = sealOf();
  const content = Buffer.from('välue');
  const closed = seal.close('mine', content);
  expect(closed.includes(content)).toBe(false);
  expect(closed).not.toEqual(seal.close('mine', content));
  expect(seal.open('mine', closed)).toEqual(content);
  expect(() => seal.open('other', closed)).toThrow();
  expect(() => sealOf().open('mine', closed)).toThrow();
  expect(() => seal.open('mine', closed.subarray(0, -1))).toThrow();
});
