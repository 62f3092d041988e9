import type { Log } from '../../../log.ts';
import { type Embedder, EmbeddingError } from '../../../models/embeddings/embedder.ts';
import { languageOf } from '../../../models/embeddings/language.ts';
import type { MemoryKey } from '../memory.ts';
import type { Reliance } from './ranking.ts';
import type { Found, SearchOrder } from './reader.ts';
import type { RecordStore } from './record-store.ts';
import { wordsOf } from './words.ts';

/** How long its own vector may take; a model may first have to be loaded. */
const QUESTION_MS = 30_000;
/** How long a question waits for the vectors of records that have just been written; they are found by their words until then. */
const FRESH_MS = 2_000;

type Where = Omit<SearchOrder, 'memory' | 'words' | 'vector' | 'reliance'> & { key: MemoryKey };

interface RetrievalParts {
  records: RecordStore;
  embedder: Embedder;
  log: Log;
}

/** What a question was understood to mean. */
interface Meaning {
  vector?: Float32Array;
  reliance: Reliance;
  /** For whoever asked: why meaning could not be relied on. */
  note?: string;
}

/** Finds records that answer a question, by meaning and by words. */
export class Retrieval {
  readonly #records: RecordStore;
  readonly #embedder: Embedder;
  readonly #log: Log;

  constructor({ records, embedder, log }: RetrievalParts) {
    this.#records = records;
    this.#embedder = embedder;
    this.#log = log;
  }

  /** The best, best first. @throws Error when it takes too long, and what `signal` has. */
  async retrieve(
    question: string,
    where: Where,
    signal: AbortSignal,
  ): Promise<{ found: Found[]; note?: string }> {
    const patience = new AbortController();
    const fresh = this.#records
      .complete(where.key, where.place, { fresh: true }, AbortSignal.any([signal, patience.signal]))
      .catch(() => {});
    const { vector, reliance, note } = await this.#meaningOf(question, signal);
    const timer = setTimeout(() => patience.abort(), vector ? FRESH_MS : 0);
    await fresh;
    clearTimeout(timer);
    const words = wordsOf(question);
    const found = await this.#records.search({ ...where, words, vector, reliance }, signal);
    return { found, note: note ?? this.#noteOfUnembedded(where) };
  }

  #noteOfUnembedded({ key, place }: Where): string | undefined {
    const count = this.#records.unembedded(key, place);
    if (count === 0) return undefined;
    return ascii(
      `Of the records here ${count} can be found by words only: ${this.#embedder.name} has not embedded them yet.`,
    );
  }

  async #meaningOf(question: string, signal: AbortSignal): Promise<Meaning> {
    const late = AbortSignal.timeout(QUESTION_MS);
    try {
      const [vector] = await this.#embedder.embed([question], AbortSignal.any([signal, late]), 'query');
      const language = languageOf(question);
      const isForeign = language !== undefined && this.#embedder.knows(language) === false;
      return isForeign
        ? { vector, reliance: 'words', note: foreign(language, this.#embedder.name) }
        : { vector, reliance: 'meaning' };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof EmbeddingError) && !late.aborted) throw error;
      this.#log.warn('A question could not be embedded; records were looked for by its words', { error });
      const reason = late.aborted
        ? `${this.#embedder.name} did not answer within ${QUESTION_MS / 1000} s.`
        : (error as Error).message;
      return {
        reliance: 'words-only',
        note: ascii(`Records were found by words only, not by meaning: ${reason}`),
      };
    }
  }
}

function foreign(language: string, embedder: string): string {
  const name = new Intl.DisplayNames('en', { type: 'language' }).of(language) ?? language;
  return ascii(
    `Records were found by words more than by meaning, because the embedding model, ${embedder}, does not know ${name}; one that does can be named with --embedding-url.`,
  );
}

/** In one line, as headers must be. */
const ascii = (text: string) => text.replaceAll(/\s+/g, ' ').replaceAll(/[^\x20-\x7e]/g, '?');
