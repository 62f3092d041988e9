import type { Embedder } from '../../src/engine/models/embeddings/embedder.ts';
import { localModel } from '../../src/engine/models/embeddings/local/local-model.ts';
import { english } from './questions/question-set.ts';
import { randomOf } from './questions/random.ts';

export const DIMENSIONS = 512;

/** Vectors of length 1 in random directions, the same in every run. */
export function randomVectors(name: string, count: number): Float32Array[] {
  const random = randomOf(name);
  return Array.from({ length: count }, () => {
    const vector = Float32Array.from({ length: DIMENSIONS }, () => random.below(2_001) - 1_000);
    const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
    return vector.map((value) => value / length);
  });
}

/** Sentences of the question set, again and again, each with a number. */
export function sentences(count: number): string[] {
  const { facts } = english();
  return Array.from({ length: count }, (_, index) => {
    const round = Math.floor(index / facts.length);
    return `${facts[index % facts.length]?.text}${round > 0 ? ` (${round})` : ''}`;
  });
}

/** Gives texts vectors that were made before: the model is not what is measured. */
export class GivenVectors implements Embedder {
  /** Of the model on this machine, so that an engine takes the vectors for its own. */
  readonly id = localModel().id;
  readonly name = 'vectors that are there';
  readonly #vectors = new Map<string, Float32Array>();

  give(texts: readonly string[], vectors: readonly Float32Array[]): void {
    texts.forEach((text, index) => {
      this.#vectors.set(text, vectors[index] as Float32Array);
    });
  }

  knows(): boolean {
    return true;
  }

  async embed(texts: readonly string[]): Promise<Float32Array[]> {
    return texts.map((text) => this.#vectors.get(text) as Float32Array);
  }

  async close(): Promise<void> {}
}
