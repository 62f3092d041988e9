import { setTimeout as sleep } from 'node:timers/promises';
import { batches } from '../batches.ts';
import { type Embedder, EmbeddingError, type Purpose } from '../embedder.ts';
import { asEmbeddingError, isPassing, isTooLong } from './failures.ts';
import { unitVectors } from './vectors.ts';

/** Who embeds, somewhere else. */
export interface Source {
  /** How much of a text counts at most, in characters. */
  characters: number;
  /** How much is asked for at once. */
  batch: { texts: number; characters: number };
  /**
   * Lists of numbers, one per text if all goes well.
   * @throws the exceptions of Bedrock's SDK
   */
  ask(texts: readonly string[], purpose: Purpose, signal: AbortSignal): Promise<readonly number[][]>;
}

export interface RemoteParts {
  id: string;
  name: string;
  knows?: Embedder['knows'];
  /** What it needs is loaded with the first text. */
  load(): Promise<Source>;
}

/** For tests: what is otherwise fixed. */
export interface RemoteOptions {
  /** How long one request may take, in milliseconds. A model may first have to be loaded. */
  silenceMs?: number;
  /** How long a call asks again after refusals that pass. */
  retryMs?: number;
}

interface Asking {
  source: Source;
  purpose: Purpose;
  signal: AbortSignal;
  giveUpAt: number;
}

const SILENCE_MS = 120_000;
const RETRY_MS = 30_000;
const PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
/** A text of this length is not refused for it. */
const SHORT = 200;
/** Servers refuse texts that say nothing. */
const NOTHING = '-';

/** Embeds by asking a server, in batches one after the other. A text that the server finds too long is cut. */
export class RemoteEmbedder implements Embedder {
  readonly id: string;
  readonly name: string;
  readonly knows: Embedder['knows'];
  readonly #load: RemoteParts['load'];
  readonly #options: Required<RemoteOptions>;
  #source: Promise<Source> | undefined;
  #dimensions: number | undefined;

  constructor(parts: RemoteParts, { silenceMs = SILENCE_MS, retryMs = RETRY_MS }: RemoteOptions = {}) {
    this.id = parts.id;
    this.name = parts.name;
    this.knows = parts.knows ?? (() => undefined);
    this.#load = parts.load;
    this.#options = { silenceMs, retryMs };
  }

  async embed(
    texts: readonly string[],
    signal: AbortSignal = new AbortController().signal,
    purpose: Purpose = 'record',
  ): Promise<Float32Array[]> {
    this.#source ??= this.#load();
    const source = await this.#source.catch((error) => Promise.reject(asEmbeddingError(error, this.name)));
    const asking = { source, purpose, signal, giveUpAt: Date.now() + this.#options.retryMs };
    const fit = texts.map((text) => (text.trim() === '' ? NOTHING : cut(text, source.characters)));
    const vectors: Float32Array[] = [];
    for (const batch of batches(fit, source.batch)) vectors.push(...(await this.#fitting(batch, asking)));
    return vectors;
  }

  async close(): Promise<void> {}

  /** Where a batch has too long a text in it, halves it, and in the end the text. */
  async #fitting(batch: readonly string[], asking: Asking): Promise<Float32Array[]> {
    try {
      return await this.#patiently(batch, asking);
    } catch (error) {
      asking.signal.throwIfAborted();
      const [first = ''] = batch;
      if (!isTooLong(error) || (batch.length === 1 && first.length <= SHORT))
        throw asEmbeddingError(error, this.name);
      const half = Math.ceil((batch.length === 1 ? first.length : batch.length) / 2);
      if (batch.length === 1) return this.#fitting([cut(first, half)], asking);
      const vectors = await this.#fitting(batch.slice(0, half), asking);
      return vectors.concat(await this.#fitting(batch.slice(half), asking));
    }
  }

  /** Asks again, with longer and longer pauses, after what passes. */
  async #patiently(texts: readonly string[], asking: Asking): Promise<Float32Array[]> {
    for (let pause = PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        return await this.#once(texts, asking);
      } catch (error) {
        if (!isPassing(error) || Date.now() + pause > asking.giveUpAt) throw error;
      }
      await sleep(pause, undefined, { signal: asking.signal });
    }
  }

  async #once(texts: readonly string[], { source, purpose, signal }: Asking): Promise<Float32Array[]> {
    const { silenceMs } = this.#options;
    const late = AbortSignal.timeout(silenceMs);
    const answer = await source
      .ask(texts, purpose, AbortSignal.any([signal, late]))
      .catch((error: unknown) => {
        if (!late.aborted) throw error;
        throw new EmbeddingError(`${this.name} did not answer within ${silenceMs / 1000} s.`, {
          retryable: true,
        });
      });
    const vectors = unitVectors(answer, texts.length, this.name);
    const found = vectors[0]?.length;
    this.#dimensions ??= found;
    if (found !== this.#dimensions)
      throw new EmbeddingError(
        `${this.name} gave vectors of ${found} numbers, and before of ${this.#dimensions}: another model seems to be behind it now. Restart the engine to have everything embedded anew.`,
        { retryable: false },
      );
    return vectors;
  }
}

/** Without half a character at the end, or anywhere. */
function cut(text: string, characters: number): string {
  return text.slice(0, characters).toWellFormed();
}
