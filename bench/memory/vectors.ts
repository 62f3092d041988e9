import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '../../src/engine/log.ts';
import type { Embedder } from '../../src/engine/models/embeddings/embedder.ts';
import { LocalEmbedder } from '../../src/engine/models/embeddings/local/local-embedder.ts';
import { localModel } from '../../src/engine/models/embeddings/local/local-model.ts';
import { type Bench, say } from '../harness/bench.ts';
import { root } from '../harness/places.ts';

const cache = join(root, '.cache', 'bench-memory');

/** A model of this machine, by default the best there is, which remembers the vectors of texts that it was prepared for, also for the next run. */
export class RememberingEmbedder implements Embedder {
  readonly #embedder: Embedder;
  readonly #known = new Map<string, Float32Array>();

  constructor(bench: Bench, model = localModel()) {
    this.#embedder = new LocalEmbedder(model, silentLog);
    bench.defer(() => this.#embedder.close());
  }

  get id(): string {
    return this.#embedder.id;
  }

  get name(): string {
    return this.#embedder.name;
  }

  knows(language: string): boolean | undefined {
    return this.#embedder.knows(language);
  }

  async embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> {
    const unknown = texts.filter((text) => !this.#known.has(text));
    const vectors = unknown.length > 0 ? await this.#embedder.embed(unknown, signal) : [];
    const made = new Map(unknown.map((text, index) => [text, vectors[index]]));
    return texts.map((text) => (this.#known.get(text) ?? made.get(text)) as Float32Array);
  }

  /** Makes the vectors of texts known, from an earlier run where there was one. */
  async prepare(what: string, texts: readonly string[]): Promise<void> {
    const different = [...new Set(texts)].filter((text) => !this.#known.has(text));
    if (different.length === 0) return;
    const key = createHash('sha256')
      .update(JSON.stringify([this.id, different]))
      .digest('hex')
      .slice(0, 16);
    const file = join(cache, `${key}.f32`);
    if (existsSync(file)) {
      this.#remember(different, new Float32Array(new Uint8Array(readFileSync(file)).buffer));
      return;
    }
    say(`embedding ${different.length} texts (${what}) ...`);
    const vectors = await this.#embedder.embed(different);
    const dimensions = vectors[0]?.length ?? 0;
    const all = new Float32Array(different.length * dimensions);
    vectors.forEach((vector, index) => {
      all.set(vector, index * dimensions);
    });
    mkdirSync(cache, { recursive: true });
    writeFileSync(file, new Uint8Array(all.buffer));
    this.#remember(different, all);
  }

  async close(): Promise<void> {
    await this.#embedder.close();
  }

  #remember(texts: readonly string[], vectors: Float32Array): void {
    const dimensions = vectors.length / texts.length;
    texts.forEach((text, index) => {
      this.#known.set(text, vectors.subarray(index * dimensions, (index + 1) * dimensions));
    });
  }
}
