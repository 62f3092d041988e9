import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, type McpServerFactory } from '@modelcontextprotocol/server';
import type { Context } from '../context.ts';
import { UsageError } from '../options.ts';
import { buildServer } from '../server.ts';
import { readMessage } from './body.ts';
import {
  allowCors,
  checkSource,
  checkToken,
  type GuardOptions,
  inUrl,
  isLoopback,
  type Refusal,
} from './guards.ts';
import { LegacySessions, type SessionLimits } from './legacy-sessions.ts';

/** What clients may cost. */
export interface HttpLimits extends SessionLimits {
  /** Longest request body, in bytes; holds a few files that a client sends as arguments. */
  maxBodyBytes: number;
  /** From the request to the end of the answer, in milliseconds, whatever happens in between. */
  exchangeMs: number;
  /** For the stream of a session on which it hears what it did not ask for, in milliseconds; clients open it anew. */
  streamMs: number;
  /** For the headers of a request to arrive, in milliseconds. */
  headersMs: number;
  /** For the whole request to arrive, in milliseconds. */
  requestMs: number;
  /** Messages answered at the same time; further ones get 503. */
  maxExchanges: number;
  maxConnections: number;
}

const defaultLimits: HttpLimits = {
  maxBodyBytes: 32 * 1024 * 1024,
  exchangeMs: 20 * 60_000,
  streamMs: 6 * 60 * 60_000,
  headersMs: 10_000,
  requestMs: 120_000,
  maxExchanges: 128,
  maxConnections: 512,
  maxSessions: 256,
  idleSessionMs: 30 * 60_000,
};

export interface HttpOptions {
  /** Address to bind; only this machine's own without a token. */
  host: string;
  /** 0 takes a free one. */
  port: number;
  token?: string | undefined;
  allowedHosts?: readonly string[];
  allowedOrigins?: readonly string[];
  limits?: Partial<HttpLimits>;
  /** Further headers of the answer of a server on this port to `GET /healthz?nonce=<64 hexadecimal digits>`. */
  prove?(nonce: string, port: number): Readonly<Record<string, string>>;
  /** Told about what went wrong outside of any answer. */
  onError?(error: Error): void;
}

export interface HttpServer {
  /** Where clients connect, e.g. `http://127.0.0.1:8620/mcp`. */
  url: string;
  /** Ends every exchange and stops listening. */
  close(): Promise<void>;
}

/**
 * Serves MCP over HTTP: the tools of a context at `/mcp`, and `GET /healthz`.
 * @throws UsageError for an address that others reach when there is no token, or that cannot be bound.
 */
export async function serveHttp(context: Context, options: HttpOptions): Promise<HttpServer> {
  const exchangeMs = Math.max(defaultLimits.exchangeMs, (context.config.waitSeconds + 60) * 1000);
  const limits = { exchangeMs, ...options.limits };
  const server = await listen(() => buildServer(context), { ...options, limits });
  return {
    url: server.url,
    async close() {
      await server.close();
      await context.close(CLOSE_MS);
    },
  };
}

const CLOSE_MS = 2000;
const RPC_REFUSED = -32000;

/**
 * Serves any MCP server over HTTP, one instance from the factory for each request, or for each session of a client up to
 * 2025-11-25.
 */
export async function listen(factory: McpServerFactory, options: HttpOptions): Promise<HttpServer> {
  const { host, port, token, allowedHosts = [], allowedOrigins = [], onError } = options;
  if (token === undefined && !isLoopback(host))
    throw new UsageError(`Without a bearer token only this machine may connect; ${host} is open to others.`);
  const limits = { ...defaultLimits, ...options.limits };
  const guard: GuardOptions = { host, token, allowedHosts, allowedOrigins };
  const mcp = createMcpHandler(factory, { onerror: onError, maxRequestBodySize: limits.maxBodyBytes });
  const sessions = new LegacySessions(factory, limits);
  let exchanges = 0;

  function answer(request: IncomingMessage, response: ServerResponse, message?: object): Promise<void> {
    const fetch = async (web: Request) =>
      (await sessions.answer(web, message)) ?? mcp.fetch(web, { parsedBody: message });
    const adapter = { onerror: onError, maxRequestBodySize: limits.maxBodyBytes };
    return toNodeHandler({ fetch }, adapter)(withoutBody(request), response);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = checkSource(request, guard);
    if (refusal) return refuse(response, refusal);
    const mayRead = allowCors(request, response, guard);
    const path = request.url?.split('?', 1)[0];
    if (path === '/healthz') return health(request, response, options);
    if (path !== '/mcp') return refuse(response, { status: 404, message: 'Not found. MCP is at /mcp.' });
    if (request.method === 'OPTIONS' && mayRead) return void response.writeHead(204).end();
    const stranger = checkToken(request, guard);
    if (stranger) return refuse(response, stranger);
    if (isOfSession(request)) {
      limitTime(response, limits.streamMs);
      return answer(request, response);
    }
    if (request.method !== 'POST') return refuse(response, methodNotAllowed('POST'));
    if (exchanges >= limits.maxExchanges) return refuse(response, busy);
    exchanges++;
    response.once('close', () => {
      exchanges--;
    });
    limitTime(response, limits.exchangeMs);
    const read = await readMessage(request, limits.maxBodyBytes);
    if ('refused' in read) return refuse(response, read.refused, read.code);
    await answer(request, response, read.message);
  }

  /** Opens the stream of a session, or ends it. */
  function isOfSession({ method, headers }: IncomingMessage): boolean {
    return (method === 'GET' || method === 'DELETE') && sessions.has(headers['mcp-session-id']);
  }

  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: Math.min(1000, limits.headersMs),
      keepAliveTimeout: 5000,
    },
    (request, response) => {
      serve(request, response).catch((error: Error) => {
        onError?.(error);
        response.destroy();
      });
    },
  );
  server.maxConnections = limits.maxConnections;
  await bind(server, host, port);
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${inUrl(host)}:${bound}/mcp`,
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      await Promise.all([sessions.close(), mcp.close()]);
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A request whose body was read already, or is of no interest. */
function withoutBody({ method, url, headers }: IncomingMessage) {
  return { method, url, headers, async *[Symbol.asyncIterator]() {} };
}

function limitTime(response: ServerResponse, ms: number): void {
  const deadline = setTimeout(() => response.destroy(), ms);
  response.once('close', () => clearTimeout(deadline));
}

function bind(server: ReturnType<typeof createServer>, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) => {
      const reason = code === 'EADDRINUSE' ? 'it is in use; choose another with --port' : code;
      reject(new UsageError(`Cannot listen on ${host} port ${port}: ${reason}.`));
    });
    server.listen(port, host.replace(/^\[|\]$/g, ''), resolve);
  });
}

function health(request: IncomingMessage, response: ServerResponse, { prove }: HttpOptions): void {
  const { method, url = '', socket } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    refuse(response, methodNotAllowed('GET'));
    return;
  }
  const nonce = /\?nonce=([0-9a-f]{64})$/.exec(url)?.[1];
  const proof = nonce && prove?.(nonce, socket.localPort ?? 0);
  response.writeHead(200, { 'content-type': 'application/json', ...(proof || {}) }).end('{"status":"ok"}');
}

const busy: Refusal = {
  status: 503,
  message: 'Too many requests are being answered. Try again shortly.',
  headers: { 'retry-after': '1' },
};

function methodNotAllowed(allow: string): Refusal {
  return { status: 405, message: 'Method not allowed.', headers: { allow } };
}

function refuse(response: ServerResponse, { status, message, headers }: Refusal, code = RPC_REFUSED): void {
  const body = JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: null });
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
}
