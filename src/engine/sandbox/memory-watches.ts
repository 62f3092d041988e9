import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Alarms, Attention, Watched } from './watchdog.ts';

/** What the thread is told of one sandbox. */
export type Order =
  | { id: number; do: 'watch'; watched: Watched }
  | { id: number; do: 'attend'; attention: Attention }
  | { id: number; do: 'stop' };

/** Whom the alarms are for. */
export interface Guard extends Alarms {
  /** Called when the watch itself has failed: what nobody watches may not run. */
  onLost(reason: string): void;
}

/** What the thread says of one. */
export interface Alarm {
  id: number;
  alarm: keyof Alarms;
}

/** The watch over one sandbox. */
export interface MemoryWatch {
  /** Looks as often as a call or a program needs, until the function returned is called. */
  attend(to: 'call' | 'program'): () => void;
  stop(): void;
}

/** What is over so soon can take little memory, and is not worth telling the thread. */
const BRIEF_MS = 15;

/** Watches the memory of sandboxes in a thread of its own, so that looking never keeps a caller waiting. */
export class MemoryWatches {
  readonly #guards = new Map<number, Guard>();
  #worker: Worker | undefined;
  #lastId = 0;

  start(watched: Watched, guard: Guard): MemoryWatch {
    const id = ++this.#lastId;
    this.#guards.set(id, guard);
    this.#send({ id, do: 'watch', watched });
    const running = { call: 0, program: 0 };
    let current: Attention = 'unused';
    const adapt = () => {
      const attention = running.call > 0 ? 'call' : running.program > 0 ? 'program' : 'idle';
      if (attention !== current) this.#send({ id, do: 'attend', attention });
      current = attention;
    };
    return {
      attend(to) {
        // What is over at once may leave something running.
        if (current === 'unused') adapt();
        const change = (by: number) => {
          running[to] += by;
          adapt();
        };
        let entered = false;
        const timer = setTimeout(() => {
          entered = true;
          change(1);
        }, BRIEF_MS);
        return () => {
          clearTimeout(timer);
          if (entered) change(-1);
        };
      },
      stop: () => {
        if (this.#guards.delete(id)) this.#send({ id, do: 'stop' });
      },
    };
  }

  async close(): Promise<void> {
    this.#guards.clear();
    await this.#worker?.terminate();
  }

  #send(order: Order): void {
    if (order.do === 'watch') this.#worker ??= this.#startWorker();
    this.#worker?.postMessage(order);
  }

  #startWorker(): Worker {
    const file = new URL(`./watchdog-thread${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(file, { execArgv: [] });
    let reason = 'the thread has ended';
    worker.unref();
    worker.on('message', ({ id, alarm }: Alarm) => this.#guards.get(id)?.[alarm]());
    worker.on('error', (error) => {
      reason = String(error);
    });
    worker.on('exit', () => {
      this.#worker = undefined;
      for (const guard of this.#guards.values()) guard.onLost(reason);
    });
    return worker;
  }
}
