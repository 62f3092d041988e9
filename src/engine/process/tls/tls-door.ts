import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Log } from '../../log.ts';
import type { Store } from '../../store/store.ts';
import { listen, portOf } from '../listen.ts';
import { Authority, type Trust } from './authority.ts';

export interface TlsDoorParts {
  dataDir: string;
  log: Log;
  /** Takes a connection once it is encrypted. */
  onConnection(connection: TLSSocket): void;
}

const HANDSHAKE_MS = 10_000;
/** A server's certificate lives 90 times as long. */
const RENEW_MS = 24 * 3600 * 1000;

/** The engine's TLS listener, on 127.0.0.1: what comes in there is spoken as on the plain one. */
export class TlsDoor {
  readonly trust: Trust;
  readonly #server: Server;
  readonly #shaking = new Set<Socket>();
  #renewal: NodeJS.Timeout | undefined;

  /** @throws Error when the authority of the data directory cannot be used. */
  constructor({ dataDir, log, onConnection }: TlsDoorParts) {
    const authority = new Authority(dataDir);
    this.trust = authority.trust();
    const options = { minVersion: 'TLSv1.2', ALPNProtocols: ['h2', 'http/1.1'] } as const;
    this.#server = createServer({ ...options, ...authority.identify(), handshakeTimeout: HANDSHAKE_MS });
    this.#server.on('connection', (socket) => {
      this.#shaking.add(socket);
      socket.once('close', () => this.#shaking.delete(socket));
    });
    this.#server.on('secureConnection', onConnection);
    this.#server.on('tlsClientError', (error) => log.debug('A TLS connection was not made', { error }));
    const renew = () => {
      try {
        this.#server.setSecureContext({ ...options, ...authority.identify() });
      } catch (error) {
        log.warn('The certificate of the TLS listener could not be renewed', { error });
      }
    };
    this.#renewal = setInterval(renew, RENEW_MS).unref();
  }

  /** As {@link listen}. */
  async listen(store: Store, wanted?: number): Promise<void> {
    await listen(this.#server, store, 'tlsPort', wanted);
  }

  get port(): number {
    return portOf(this.#server);
  }

  /** Takes no new connections. */
  refuse(): void {
    clearInterval(this.#renewal);
    if (this.#server.listening) this.#server.close();
  }

  /** Closes every connection. */
  close(): void {
    this.refuse();
    for (const socket of this.#shaking) socket.destroy();
  }
}
