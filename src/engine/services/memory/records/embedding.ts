import type { Log } from '../../../log.ts';
import { type Embedder, EmbeddingError } from '../../../models/embeddings/embedder.ts';
import { orAborted } from '../../../or-aborted.ts';
import type { Place } from './paths.ts';
import type { RecordRows, Unembedded } from './rows.ts';

const BATCH = 32;
/** Long texts make smaller batches, so that nobody waits long for a turn. */
const BATCH_LETTERS = 32_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;

interface EmbeddingParts {
  rows: RecordRows;
  embedder: Embedder;
  log: Log;
}

/** Gives every record its vector, in the background, a batch at a time. */
export class Embedding {
  readonly #rows: RecordRows;
  readonly #embedder: Embedder;
  readonly #log: Log;
  readonly #ended = new AbortController();
  /** Texts that the embedder refuses while it takes others. */
  readonly #refused = new Set<number>();
  #turn: Promise<unknown> = Promise.resolve();
  #running: Promise<void> | undefined;
  #pause = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ rows, embedder, log }: EmbeddingParts) {
    this.#rows = rows;
    this.#embedder = embedder;
    this.#log = log;
  }

  /** Goes on where an engine before this one ended, or used another embedder. */
  start(): void {
    const { records, embedded } = this.#rows.progress(this.#embedder.id);
    if (embedded === records) return;
    this.#log.info('Records are given vectors in the background', {
      by: this.#embedder.name,
      records,
      embedded,
    });
    this.wake();
  }

  /** There may be something to do. */
  wake(): void {
    if (this.#running || this.#timer || this.#ended.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#running = this.#run().finally(() => {
        this.#running = undefined;
        if (this.#pause > 0 || this.#next().length > 0) this.wake();
      });
    }, this.#pause).unref();
  }

  /**
   * Resolves when every record of a place has its vector, but for those that are refused. What has begun goes on when `signal`
   * aborts. @throws EmbeddingError, and what `signal` has.
   */
  async complete(at: { memory: number; place: Place; fresh: boolean }, signal: AbortSignal): Promise<void> {
    const next = () => this.#rows.unembeddedAt(at, this.#embedder.id, BATCH, this.#refused);
    while (next().length > 0) {
      signal.throwIfAborted();
      await orAborted(signal, this.#batch(next));
    }
  }

  async close(): Promise<void> {
    this.#ended.abort(new Error('The engine was reset or has ended.'));
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended;
    try {
      while (!signal.aborted && this.#next().length > 0) await this.#batch(() => this.#next());
      this.#pause = 0;
    } catch (error) {
      if (signal.aborted) return;
      if (this.#pause === 0)
        this.#log.warn('Records cannot be given vectors; they are found by their words until then', {
          error,
        });
      this.#pause = Math.min(Math.max(this.#pause * 2, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
    }
  }

  #next(): Unembedded[] {
    return this.#rows.unembedded(this.#embedder.id, BATCH, this.#refused);
  }

  /** One after another, so that no text is embedded twice. */
  async #batch(next: () => Unembedded[]): Promise<void> {
    const turn = this.#turn.then(() => this.#embed(ofLetters(next(), BATCH_LETTERS)));
    this.#turn = turn.catch(() => {});
    await turn;
  }

  async #embed(texts: readonly Unembedded[]): Promise<void> {
    if (texts.length === 0) return;
    const { signal } = this.#ended;
    signal.throwIfAborted();
    try {
      const asked = texts.map(({ text }) => text);
      const vectors = await orAborted(signal, this.#embedder.embed(asked, signal));
      this.#rows.embed(
        this.#embedder.id,
        texts.map((text, i) => ({ ...text, vector: vectors[i] as Float32Array })),
      );
    } catch (error) {
      const isRefusal = error instanceof EmbeddingError && !error.retryable;
      if (!isRefusal || texts.length === 1) throw error;
      await this.#embedEach(texts, error);
    }
  }

  /** Finds the texts of a refused batch that are to blame. @throws EmbeddingError where it is none of them. */
  async #embedEach(texts: readonly Unembedded[], error: EmbeddingError): Promise<void> {
    const refused: number[] = [];
    for (const text of texts) {
      try {
        await this.#embed([text]);
      } catch (own) {
        if (!(own instanceof EmbeddingError) || own.retryable) throw own;
        refused.push(text.seq);
      }
    }
    if (refused.length === texts.length) throw error;
    for (const seq of refused) this.#refused.add(seq);
    this.#log.warn('Texts were refused by the embedder; they are found by their words only', {
      count: refused.length,
      error,
    });
  }
}

/** The first texts, up to so many letters; one at least. */
function ofLetters(texts: readonly Unembedded[], most: number): Unembedded[] {
  let letters = 0;
  return texts.filter(({ text }, i) => {
    letters += text.length;
    return i === 0 || letters <= most;
  });
}
