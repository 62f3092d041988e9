import { Agent, type ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';

/** Opens a connection to the agent's port. */
export type Connect = () => Promise<Duplex>;

/** Shorter than what any common server waits, so that a request is never sent into a connection being closed. */
const FREE_MS = 1_000;
/** Of answers; Node's own limit is 16 KiB. */
export const MAX_HEADER_BYTES = 64 * 1024;

/** Keeps connections for the next request, of whatever kind of stream they are. */
export class Connections extends Agent {
  readonly #connect: Connect;
  readonly #free = new WeakMap<Duplex, NodeJS.Timeout>();

  constructor(connect: Connect) {
    super({ keepAlive: true });
    this.#connect = connect;
  }

  override createConnection(
    _options: unknown,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | undefined {
    this.#connect().then(
      (stream) => {
        stream.once('end', () => stream.end());
        stream.once('close', () => clearTimeout(this.#free.get(stream)));
        callback?.(null, stream);
      },
      (error) => callback?.(error, undefined as never),
    );
    return undefined;
  }

  override keepSocketAlive(stream: Duplex): boolean {
    this.#free.set(stream, setTimeout(() => stream.destroy(), FREE_MS).unref());
    return true;
  }

  override reuseSocket(stream: Duplex, request: ClientRequest): void {
    clearTimeout(this.#free.get(stream));
    super.reuseSocket(Object.assign(stream, { ref: () => stream }), request);
  }
}
