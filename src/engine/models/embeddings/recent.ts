import type { Embedder, Purpose } from './embedder.ts';

/** How many vectors are remembered: of long ones some ten megabytes. */
const REMEMBERED = 1_000;

/** An embedder that remembers the vectors of the last texts: what is learned is compared, and then kept and searched. */
export class RecentEmbedder implements Embedder {
  readonly id: string;
  readonly name: string;
  readonly unrelated: Embedder['unrelated'];
  readonly #embedder: Embedder;
  /** By text, the one that was not used for longest first. */
  readonly #recent = new Map<string, Float32Array>();

  constructor(embedder: Embedder) {
    this.id = embedder.id;
    this.name = embedder.name;
    this.unrelated = embedder.unrelated;
    this.#embedder = embedder;
  }

  knows(language: string): boolean | undefined {
    return this.#embedder.knows(language);
  }

  async embed(texts: readonly string[], signal?: AbortSignal, purpose?: Purpose): Promise<Float32Array[]> {
    // A question is asked once, and some models make another vector of it.
    if (purpose === 'query') return this.#embedder.embed(texts, signal, purpose);
    const found = new Map(texts.map((text) => [text, this.#recent.get(text)]));
    const unknown = [...found].flatMap(([text, vector]) => (vector ? [] : [text]));
    const vectors = unknown.length > 0 ? await this.#embedder.embed(unknown, signal) : [];
    for (const [index, text] of unknown.entries()) found.set(text, vectors[index]);
    for (const [text, vector] of found) this.#remember(text, vector as Float32Array);
    return texts.map((text) => found.get(text) as Float32Array);
  }

  close(): Promise<void> {
    return this.#embedder.close();
  }

  #remember(text: string, vector: Float32Array): void {
    this.#recent.delete(text);
    this.#recent.set(text, vector);
    if (this.#recent.size > REMEMBERED) this.#recent.delete(this.#recent.keys().next().value as string);
  }
}
