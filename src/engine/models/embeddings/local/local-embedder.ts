import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Log } from '../../../log.ts';
import { batches } from '../batches.ts';
import { type Embedder, EmbeddingError } from '../embedder.ts';
import type { LocalModel } from './local-model.ts';

/** What the thread is told. */
export interface Order {
  id: number;
  texts: readonly string[];
}

/** What it answers. */
export type Answer = { id: number } & ({ vectors: Float32Array[] } | { error: string });

/** For tests: what is otherwise fixed. */
export interface LocalOptions {
  /** After so long without work the thread ends, and its 300 MB are free. */
  idleMs?: number;
  /** How long the thread may be at work without an answer, its start included. */
  patienceMs?: number;
}

/** Some 800 words. The time that a text takes grows faster than its length. */
const MAX_CHARACTERS = 4_000;
/** A batch takes some tenths of a second, and who comes next waits no longer. */
const BATCH = { texts: 16, characters: 8_000 };
const IDLE_MS = 10 * 60_000;
const PATIENCE_MS = 60_000;

/**
 * A model in a thread that starts with the first text and ends when nobody has had one for a while. Of a text the first
 * 4,000 characters count. Calls take turns, batch by batch, so that a short one need not wait for a long one.
 */
export class LocalEmbedder implements Embedder {
  readonly id: string;
  readonly name: string;
  readonly unrelated: LocalModel['unrelated'];
  readonly #model: LocalModel;
  readonly #log: Log;
  readonly #options: Required<LocalOptions>;
  /** What the thread has not answered yet, also where nobody wants to know any more. */
  readonly #waiting = new Map<number, PromiseWithResolvers<Float32Array[]>>();
  #worker: Worker | undefined;
  /** Until the thread must have answered, or is not needed any more. */
  #timer: NodeJS.Timeout | undefined;
  #lastId = 0;
  #closed = false;

  constructor(
    model: LocalModel,
    log: Log,
    { idleMs = IDLE_MS, patienceMs = PATIENCE_MS }: LocalOptions = {},
  ) {
    this.id = model.id;
    this.name = model.name;
    this.unrelated = model.unrelated;
    this.#model = model;
    this.#log = log;
    this.#options = { idleMs, patienceMs };
  }

  knows(language: string): boolean {
    return this.#model.languages.includes(language);
  }

  async embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> {
    const vectors: Float32Array[] = [];
    for (const batch of batches(
      texts.map((text) => text.slice(0, MAX_CHARACTERS)),
      BATCH,
    )) {
      signal?.throwIfAborted();
      vectors.push(...(await this.#ask(batch, signal)));
    }
    return vectors;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#end('the engine is closing');
  }

  async #ask(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> {
    if (this.#closed)
      throw new EmbeddingError('Nothing is embedded any more: the engine is closing.', { retryable: false });
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<Float32Array[]>();
    const giveUp = () => answer.reject(signal?.reason);
    signal?.addEventListener('abort', giveUp, { once: true });
    this.#worker ??= this.#start();
    this.#worker.postMessage({ id, texts } satisfies Order);
    this.#waiting.set(id, answer);
    if (this.#waiting.size === 1) this.#attend();
    try {
      return await answer.promise;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /** While it works the process stays, though not for ever; without work the thread stays only for a while. */
  #attend(): void {
    const { idleMs, patienceMs } = this.#options;
    clearTimeout(this.#timer);
    if (this.#waiting.size > 0) {
      this.#worker?.ref();
      this.#timer = setTimeout(() => this.#end('it did not answer in time'), patienceMs);
    } else {
      this.#worker?.unref();
      this.#timer = setTimeout(() => this.#end('nobody needs it'), idleMs).unref();
    }
  }

  #start(): Worker {
    const file = new URL(`./model-thread${extname(import.meta.url)}`, import.meta.url);
    // What TensorFlow may print is not for the streams of this process; to read it here would keep the process alive.
    const worker = new Worker(file, {
      ...{ execArgv: [], stdout: true, stderr: true },
      workerData: this.#model,
    });
    worker.on('message', (answer: Answer) => this.#answered(answer));
    let reason = 'its thread has ended';
    worker.on('error', (error) => {
      reason = String(error);
    });
    worker.on('exit', () => {
      if (this.#worker === worker) this.#gone(reason);
    });
    return worker;
  }

  #answered(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    this.#attend();
    if ('vectors' in answer) waiting?.resolve(answer.vectors);
    else waiting?.reject(failed(answer.error, { retryable: false }));
  }

  async #end(reason: string): Promise<void> {
    const worker = this.#worker;
    this.#gone(reason);
    await worker?.terminate();
  }

  /** The next text starts another thread. */
  #gone(reason: string): void {
    clearTimeout(this.#timer);
    if (this.#worker) this.#log.debug(`The thread of the embedding model ends: ${reason}`);
    this.#worker = undefined;
    for (const waiting of this.#waiting.values()) waiting.reject(failed(reason, { retryable: true }));
    this.#waiting.clear();
  }
}

function failed(reason: string, { retryable }: { retryable: boolean }): EmbeddingError {
  return new EmbeddingError(
    `The embedding model of this package failed: ${reason}. Another one can be named with --embedding-url or --embedding-bedrock.`,
    { retryable },
  );
}
