import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Reader, type ReaderOptions } from './reader.ts';
import type { Answer, Order } from './search.ts';

// The thread of search.ts.
const port = parentPort as MessagePort;
const reader = new Reader(workerData as ReaderOptions);

port.on('message', ({ id, search, list }: Order) => {
  try {
    port.postMessage({
      id,
      found: search ? reader.search(search) : list && reader.list(list),
    } satisfies Answer);
  } catch (error) {
    port.postMessage({ id, failure: String(error) } satisfies Answer);
  }
});
