import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type Duplex, pipeline } from 'node:stream';
import type { Log } from '../log.ts';
import { orAborted } from '../or-aborted.ts';
import { connectTo } from './connect.ts';
import { forward } from './forward.ts';
import { type RuleOptions, readRules } from './rules.ts';
import {
  checkAsWritten,
  chooseTarget,
  type Destination,
  destinationOf,
  Refusal,
  type Resolve,
  resolveByMachine,
} from './targets.ts';
import { type ChooseUpstream, tunnel, type Upstream } from './upstream.ts';

export { parseAllowHosts } from './allow-hosts.ts';
export { whyUnreachable } from './reach.ts';
export { loopbackHosts } from './rules.ts';

const MAX_CONNECTIONS = 256;
const CONNECT_MS = 10_000;
/** How long a connection may carry nothing, in either direction. */
const IDLE_MS = 15 * 60 * 1000;
const MAX_LOGGED_HOSTS = 1_000;
const KEPT_REFUSALS = 50;

export interface EgressOptions extends RuleOptions {
  log: Log;
  /** Default: the machine's own resolver. */
  resolve?: Resolve;
  /** Default: every host is reached directly. What a proxy leads to is resolved there; the proxy itself must be open. */
  upstream?: ChooseUpstream;
  connectMs?: number;
  idleMs?: number;
}

/** The way out of one sandbox: an HTTP proxy that leads to public addresses and to what the user has opened. */
export interface Egress {
  /** Speaks HTTP proxy over a connection that came out of the sandbox; should be half-open as sockets of servers are. */
  serve(socket: Duplex): void;
  /** Ends every connection at once. */
  close(): void;
  /** The last 50, the newest last. */
  refusals(): readonly EgressRefusal[];
}

/** Something that was not let out. */
export interface EgressRefusal {
  host: string;
  port: number;
  /** A sentence that says what would open it, if anything. */
  reason: string;
  /** Milliseconds since the epoch. */
  at: number;
}

/**
 * A proxy for `CONNECT host:port` and for `GET http://...`. A name is resolved here and once, and the connection goes
 * to an address that was checked, so no second answer of a name server can lead elsewhere.
 * @throws Error when an entry of a list of hosts is wrong.
 */
export function createEgress(options: EgressOptions): Egress {
  const { log, resolve = resolveByMachine, connectMs = CONNECT_MS, idleMs = IDLE_MS } = options;
  const rules = readRules(options);
  const refusals: EgressRefusal[] = [];
  const clients = new Set<Duplex>();
  const answering = new Set<Duplex>();
  const logged = new Set<string>();

  /** A connection to where a client wants to go; none is made once the client has gone. */
  async function reach(destination: Destination, client: Duplex, via?: Upstream): Promise<Socket> {
    const { host, port } = destination;
    const controller = new AbortController();
    const late = new Refusal(504, `${host}:${port} did not answer within ${connectMs / 1000} seconds.`);
    const timer = setTimeout(() => controller.abort(late), connectMs);
    const onGone = () => controller.abort(new Refusal(503, 'The client has gone.'));
    client.once('close', onGone);
    try {
      if (via) await checkAsWritten(destination, rules);
      const target = await orAborted(controller.signal, chooseTarget(via ?? destination, rules, resolve));
      const socket = await connectTo(target, controller.signal);
      socket.on('error', () => {});
      socket.setTimeout(idleMs, () => socket.destroy());
      return socket;
    } catch (error) {
      if (error instanceof Refusal && error.status === 403) keep(destination, error.message);
      throw error;
    } finally {
      clearTimeout(timer);
      client.off('close', onGone);
    }
  }

  function keep({ host, port }: Destination, reason: string): void {
    refusals.push({ host, port, reason, at: Date.now() });
    if (refusals.length > KEPT_REFUSALS) refusals.shift();
    if (logged.has(host) || logged.size >= MAX_LOGGED_HOSTS) return;
    logged.add(host);
    log.info('A sandbox was refused a host', { host });
  }

  async function onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    answering.add(request.socket);
    response.once('close', () => answering.delete(request.socket));
    try {
      const url = absoluteUrl(request.url ?? '');
      const destination = destinationOf(url, 80);
      const via = options.upstream?.(destination.host);
      const socket = await reach(destination, request.socket, via);
      if (response.destroyed) return void socket.destroy();
      await forward(request, response, url, socket, via);
    } catch (error) {
      answerRefusal(response, asRefusal(error, log));
    }
  }

  async function onConnect(request: IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
    client.on('error', () => {});
    // Two pipelines listen to it more often than Node takes for sound.
    client.setMaxListeners(20);
    if (head.length > 0) client.unshift(head);
    try {
      const destination = tunnelDestination(request.url ?? '');
      const via = options.upstream?.(destination.host);
      const direct = await reach(destination, client, via);
      const socket = via ? await tunnel(direct, destination, via, connectMs) : direct;
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      pipeline(client, socket, () => {});
      pipeline(socket, client, () => {});
    } catch (error) {
      client.end(rawRefusal(asRefusal(error, log)));
      client.resume();
    }
  }

  const server = createServer({ requestTimeout: 0, keepAliveTimeout: idleMs });
  server.timeout = idleMs;
  server.on('request', onRequest);
  server.on('connect', onConnect);
  server.on('clientError', (_, client) => {
    if (client.writable && !answering.has(client))
      client.end(rawRefusal(new Refusal(400, 'That is no HTTP request.')));
    else client.destroy();
  });

  return {
    serve(client) {
      client.on('error', () => {});
      if (clients.size >= MAX_CONNECTIONS) {
        client.end(rawRefusal(new Refusal(503, `A sandbox has at most ${MAX_CONNECTIONS} connections out.`)));
        client.resume();
        return;
      }
      clients.add(client);
      client.once('close', () => clients.delete(client));
      server.emit('connection', client);
    },
    close() {
      for (const client of clients) client.destroy(new Error('The way out was closed.'));
    },
    refusals: () => [...refusals],
  };
}

/** @throws Refusal 400 when a proxy cannot be asked so. */
function absoluteUrl(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === 'http:') return url;
  throw new Refusal(
    400,
    'This is a proxy: ask for http://host/path, or CONNECT host:port for anything else.',
  );
}

/** @throws Refusal 400 when it is not host:port. */
function tunnelDestination(authority: string): Destination {
  const [, host, port] = /^(\[[\da-f:.]+\]|[^\s:/?#@\\[\]]+):(\d{1,5})$/i.exec(authority) ?? [];
  const url = host === undefined ? null : URL.parse(`http://${host}:${port}`);
  if (!url) throw new Refusal(400, 'CONNECT needs host:port.');
  return destinationOf(url, 80);
}

function asRefusal(error: unknown, log: Log): Refusal {
  if (error instanceof Refusal) return error;
  log.warn('The way out of a sandbox failed', { error });
  return new Refusal(502, 'The request cannot be sent on.');
}

function answerRefusal(response: ServerResponse, { status, message }: Refusal): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  response.writeHead(status, reasonOf(message), { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${message}\n`);
}

function rawRefusal({ status, message }: Refusal): string {
  const body = `${message}\n`;
  return [
    `HTTP/1.1 ${status} ${reasonOf(message) || STATUS_CODES[status]}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

/** Clients throw away the body of a refused CONNECT and show the reason in the status line, so it is told there too. */
function reasonOf(message: string): string {
  return message.replaceAll(/[^\x20-\x7e]/g, '?');
}
