import type { Embedder } from '../../../../models/embeddings/embedder.ts';
import { contentOf } from './gist.ts';

/** What texts mean: a vector where the embedder knows their language, otherwise the words that tell something. */
export type Meaning = Float32Array | ReadonlySet<string>;

/** One meaning per text, in order. @throws EmbeddingError */
export async function meaningsOf(
  texts: readonly string[],
  language: string,
  embedder: Embedder,
  signal: AbortSignal,
): Promise<Meaning[]> {
  if (embedder.knows(language) === false) {
    return texts.map((text) => contentOf(text, language));
  }
  return texts.length ? embedder.embed(texts, signal) : [];
}

/** Of the model by which thresholds were chosen. */
const USUAL = { mean: 0.22, deviation: 0.11 };

/** A threshold for vectors as it is with this embedder: as far above what unrelated texts have as with the model it was chosen by. */
export function thresholdWith({ unrelated = USUAL }: Embedder, threshold: number): number {
  return unrelated.mean + ((threshold - USUAL.mean) / USUAL.deviation) * unrelated.deviation;
}

/** From 0, nothing in common, to 1, the same. */
export function nearness(one: Meaning, other: Meaning): number {
  if (one instanceof Set && other instanceof Set) {
    const both = [...one].filter((word) => other.has(word)).length;
    return both / (Math.sqrt(one.size * other.size) || 1);
  }
  const [a, b] = [one as Float32Array, other as Float32Array];
  const product = a.reduce((sum, number, index) => sum + number * (b[index] ?? 0), 0);
  return Math.max(product, 0);
}

/** How central one of several meanings is: its mean nearness to the others. */
export function centrality(meaning: Meaning, all: readonly Meaning[]): number {
  return all.length > 1
    ? (all.reduce((sum, other) => sum + nearness(meaning, other), 0) - 1) / (all.length - 1)
    : 1;
}
