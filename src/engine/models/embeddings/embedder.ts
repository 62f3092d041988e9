/** Where meanings come from, as vectors. */
export type EmbeddingSettings =
  /** A model on this machine: the multilingual one where setup has fetched it, otherwise the English one of this package. */
  | { provider: 'local'; model?: 'english' | 'multilingual' }
  /** Any OpenAI-compatible server with `/embeddings`, e.g. Ollama at `http://127.0.0.1:11434/v1`. */
  | { provider: 'openai'; url: string; model: string; apiKey?: string }
  /** A text embedding model of Bedrock (Titan or Cohere), with the credentials of this process's environment or profile. */
  | { provider: 'bedrock'; model?: string; region?: string; profile?: string; url?: string };

/** Whether a text is to be found, or asks for others. Some models tell the two apart. */
export type Purpose = 'record' | 'query';

/** Turns texts into vectors whose inner product says how near their meanings are. */
export interface Embedder {
  /** Kept with each vector: vectors of different ids cannot be compared. */
  readonly id: string;
  /** For people, e.g. `bge-m3 at http://127.0.0.1:11434/v1`. */
  readonly name: string;
  /** The cosines of texts that have nothing to do with each other; undefined where nobody knows, as with a model of the user's own. */
  readonly unrelated?: { mean: number; deviation: number };
  /**
   * Whether it knows a language, as ISO 639-1 names it; undefined where nobody knows, as with a model of the user's own.
   */
  knows(language: string): boolean | undefined;
  /**
   * One vector of length 1 per text, in order; of as many numbers each. Never holds the event loop. Texts may be empty, and
   * of long ones only the beginning counts.
   * @param purpose Default: `record`.
   * @throws EmbeddingError
   */
  embed(texts: readonly string[], signal?: AbortSignal, purpose?: Purpose): Promise<Float32Array[]>;
  close(): Promise<void>;
}

/** Texts could not be embedded; the message says why and what to do. */
export class EmbeddingError extends Error {
  override readonly name = 'EmbeddingError';
  /** Whether it may go well another time. */
  readonly retryable: boolean;

  constructor(message: string, { retryable, cause }: { retryable: boolean; cause?: unknown }) {
    super(message, { cause });
    this.retryable = retryable;
  }
}
