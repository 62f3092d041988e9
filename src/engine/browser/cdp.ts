import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/** How long a command may take, in milliseconds. */
const COMMAND_MS = 30_000;
const HANDSHAKE_MS = 10_000;

/** An event of the DevTools protocol. */
export interface CdpEvent {
  method: string;
  params: Record<string, unknown>;
  /** Of the target that it came from; none for the browser itself. */
  sessionId?: string;
}

/** A command that the browser refused, or that got no answer. */
export class CdpError extends Error {
  override readonly name = 'CdpError';
}

/** A client of the DevTools protocol, at the level of the browser; targets are attached to with `flatten`. */
export interface Cdp {
  /** @throws CdpError where the browser refuses, does not answer within 30 s, or has gone. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are as many as there are commands.
  send(method: string, params?: object, sessionId?: string): Promise<any>;
  /** @returns what ends the listening. */
  on(listener: (event: CdpEvent) => void): () => void;
  /** Resolves once the connection has ended, for whatever reason. Never rejects. */
  readonly ended: Promise<void>;
  close(): void;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

/**
 * Opens the DevTools WebSocket at `path` of the server that `stream` leads to.
 * @throws CdpError when it does not open within ten seconds.
 */
export async function openCdp(stream: Duplex, path: string): Promise<Cdp> {
  const { WebSocket } = await import('ws');
  const socket = new WebSocket(`ws://127.0.0.1${path}`, {
    createConnection: () => stream as never,
    handshakeTimeout: HANDSHAKE_MS,
    perMessageDeflate: false,
    maxPayload: 0,
  });
  const opened = Promise.withResolvers<void>();
  socket.once('open', opened.resolve);
  socket.on('error', (error) => opened.reject(new CdpError(`DevTools cannot be reached: ${error.message}`)));
  socket.once('close', () => opened.reject(new CdpError('DevTools cannot be reached: it hung up')));
  await opened.promise;
  return new SocketCdp(socket);
}

class SocketCdp implements Cdp {
  readonly ended: Promise<void>;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(event: CdpEvent) => void>();
  #lastId = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.ended = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('message', (data) => this.#take(JSON.parse(String(data))));
    void this.ended.then(() => {
      for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(gone());
    });
  }

  send(method: string, params: object = {}, sessionId?: string): Promise<unknown> {
    if (this.#socket.readyState !== this.#socket.OPEN) return Promise.reject(gone());
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const overdue = () => this.#settle(id)?.reject(new CdpError(`${method} got no answer in time.`));
      const timer = setTimeout(overdue, COMMAND_MS).unref();
      this.#waiting.set(id, { resolve, reject, timer });
      this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
  }

  on(listener: (event: CdpEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#socket.terminate();
  }

  #take(message: { id?: number; result?: unknown; error?: { message: string } } & Partial<CdpEvent>): void {
    const { id, method, params = {}, sessionId } = message;
    if (id !== undefined) {
      const waiting = this.#settle(id);
      if (message.error) waiting?.reject(new CdpError(message.error.message));
      else waiting?.resolve(message.result);
    } else if (method) {
      const event = { method, params, ...(sessionId && { sessionId }) };
      for (const listener of this.#listeners) listener(event);
    }
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiting?.timer);
    return waiting;
  }
}

const gone = () => new CdpError('The browser has gone.');
