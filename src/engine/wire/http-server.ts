import { Server, type ServerOptions } from 'node:http';
import type { Http2Server, Http2ServerRequest, ServerHttp2Session } from 'node:http2';
import type { Duplex } from 'node:stream';

/** What every HTTP/2 connection begins with, and no HTTP/1 connection. */
const PREFACE = Buffer.from('PRI ');
/** How long a connection may say nothing, in milliseconds. */
const SILENCE_MS = 10_000;

/**
 * A server of `node:http` that speaks HTTP/2, too, to clients that begin with it: AWS's JavaScript client of Bedrock
 * Runtime does so on every connection. Both come as the event `request`. Connections may also be handed to it as the
 * event `connection`; `request.socket` is the very connection.
 */
export class HttpServer extends Server {
  readonly #connections = new Set<Duplex>();
  /** Made for the first connection that needs it, so that the engine starts without: it takes some 20 ms to load. */
  #http2: Promise<Http2Server> | undefined;
  readonly #sessions = new WeakMap<object, Duplex>();

  constructor(options: ServerOptions = {}) {
    super(options);
    const [overHttp1] = this.listeners('connection');
    this.removeAllListeners('connection');
    this.on('connection', (connection: Duplex) => {
      this.#connections.add(connection);
      connection.once('close', () => this.#connections.delete(connection));
      beginning(connection, (isHttp2) => {
        if (isHttp2) void this.#overHttp2(connection);
        else overHttp1?.call(this, connection);
      });
    });
  }

  /** Closes every connection, whatever is spoken on it. */
  override closeAllConnections(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  async #overHttp2(connection: Duplex): Promise<void> {
    // Unlike over HTTP/1, a client that sends no more has gone.
    connection.once('end', () => connection.destroy()).on('error', () => {});
    this.#http2 ??= this.#makeHttp2();
    const http2 = await this.#http2;
    if (connection.destroyed) return;
    http2.once('session', (session: ServerHttp2Session) => this.#sessions.set(session, connection));
    http2.emit('connection', connection);
  }

  async #makeHttp2(): Promise<Http2Server> {
    const { createServer } = await import('node:http2');
    return createServer((request, response) => {
      const connection = this.#sessions.get(request.stream.session ?? {});
      if (connection) this.emit('request', likeHttp1(request, connection), response);
      else response.stream.destroy();
    });
  }
}

/** Looks at the first bytes of a connection and puts them back. A connection without any is given up. */
function beginning(connection: Duplex, onKnown: (isHttp2: boolean) => void): void {
  let seen = Buffer.alloc(0);
  const giveUp = () => connection.destroy();
  const silence = setTimeout(giveUp, SILENCE_MS).unref();
  const look = () => {
    for (let chunk = connection.read(); chunk !== null; chunk = connection.read()) {
      seen = Buffer.concat([seen, chunk]);
    }
    const length = Math.min(seen.length, PREFACE.length);
    const mayBeHttp2 = seen.subarray(0, length).equals(PREFACE.subarray(0, length));
    if (mayBeHttp2 && length < PREFACE.length) return;
    finish();
    connection.unshift(seen);
    onKnown(mayBeHttp2);
  };
  const finish = () => {
    clearTimeout(silence);
    connection.off('readable', look).off('end', giveUp).off('error', giveUp).off('close', finish);
  };
  connection.on('readable', look).on('end', giveUp).on('error', giveUp).on('close', finish);
  // Who read from it before has left nothing to announce.
  if (connection.readableLength > 0) look();
}

/** The request with its connection and a header Host as over HTTP/1. The pseudo-headers stay: one may be signed. */
function likeHttp1(request: Http2ServerRequest, connection: Duplex): Http2ServerRequest {
  const { rawHeaders, headers, authority } = request;
  return Object.defineProperties(request, {
    rawHeaders: { value: headers.host === undefined ? [...rawHeaders, 'host', authority] : rawHeaders },
    socket: { value: connection },
  });
}
