import { randomUUID } from 'node:crypto';
import type { Duplex, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../store/store.ts';
import { WireError } from '../wire/errors.ts';
import { HttpServer } from '../wire/http-server.ts';
import { sendError } from '../wire/response.ts';
import type { Wire } from '../wire/server.ts';
import { refuseSocket } from '../wire/sockets.ts';
import { listen, portOf } from './listen.ts';

const KEEP_ALIVE_MS = 65_000;
const HEADERS_MS = 10_000;
const POLL_MS = 20;

/** The engine's HTTP server, on 127.0.0.1 only; knows whether anybody is using it. */
export class LoopbackServer {
  readonly #server = new HttpServer({
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: HEADERS_MS,
    // Any other upgrade is passed over, as HTTP allows.
    shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
  });
  readonly #adopted = new WeakSet<Duplex>();
  #openRequests = 0;
  #lastUse = performance.now();

  /** Requests that are not answered completely yet, and WebSockets. */
  get openRequests(): number {
    return this.#openRequests;
  }

  /** Milliseconds since a request was last open. */
  get idleMs(): number {
    return this.#openRequests > 0 ? 0 : performance.now() - this.#lastUse;
  }

  /** As {@link listen}. */
  async listen(store: Store, wanted?: number): Promise<number> {
    await listen(this.#server, store, 'port', wanted);
    return this.port;
  }

  /** Hands requests and WebSockets to `listeners`; to be called right after {@link listen}. */
  serve(listeners: Wire): void {
    this.#server.on('request', (request, response) => {
      this.#track(response);
      if (this.#server.listening) listeners.request(request, response);
      else sendError(response, undefined, stopping(), () => {});
    });
    this.#server.on('upgrade', (request, socket, head) => {
      this.#track(socket);
      if (this.#server.listening) listeners.upgrade(request, socket, head);
      else refuseSocket(request, socket, stopping(), { requestId: randomUUID() });
    });
  }

  /** Where it listens; 0 while it does not. */
  get port(): number {
    return portOf(this.#server);
  }

  /** Whether a URL leads here. */
  isAt(url: string): boolean {
    const { hostname, port } = new URL(url);
    return port === String(this.port) && ['127.0.0.1', 'localhost'].includes(hostname);
  }

  /** Takes a connection that came some other way, from inside a sandbox, as one of its own. */
  adopt(socket: Duplex): void {
    this.#adopted.add(socket);
    this.take(socket);
  }

  /** Speaks on a connection that was made elsewhere as on its own. */
  take(socket: Duplex): void {
    if (!this.#server.listening) return void socket.destroy();
    this.#server.emit('connection', socket);
  }

  isAdopted(socket: Duplex): boolean {
    return this.#adopted.has(socket);
  }

  /** Takes no new connections, and answers new requests on the open ones with 503. */
  refuse(): void {
    if (this.#server.listening) this.#server.close();
  }

  /** Lets open requests end for at most `graceMs`, then closes every connection. */
  async drain(graceMs: number): Promise<void> {
    const deadline = performance.now() + graceMs;
    while (this.#openRequests > 0 && performance.now() < deadline) await sleep(POLL_MS);
    this.#server.closeAllConnections();
  }

  #track(exchange: Writable): void {
    this.#openRequests++;
    exchange.once('close', () => {
      this.#openRequests--;
      this.#lastUse = performance.now();
    });
  }
}

const stopping = () =>
  new WireError('ServiceUnavailableException', 503, 'The engine is stopping. Try again.');
