import { EmbeddingError } from '../embedder.ts';

/**
 * What a model answered, as vectors of length 1.
 * @throws EmbeddingError where these are not as many as the texts, not of one length, or not of numbers.
 */
export function unitVectors(answer: readonly number[][], texts: number, name: string): Float32Array[] {
  const unusable = (what: string) =>
    new EmbeddingError(`${name} gave no usable answer: ${what}. Is it an embedding model?`, {
      retryable: true,
    });
  if (answer.length !== texts) throw unusable(`${answer.length} vectors for ${texts} texts`);
  const dimensions = answer[0]?.length ?? 0;
  return answer.map((numbers) => {
    if (numbers.length !== dimensions)
      throw unusable(`vectors of ${dimensions} and of ${numbers.length} numbers`);
    const length = Math.hypot(...numbers);
    if (!(length > 0 && Number.isFinite(length)))
      throw unusable('a vector of zeros, or of what is no number');
    return Float32Array.from(numbers, (value) => value / length);
  });
}
