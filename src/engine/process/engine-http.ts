import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { readBody } from '../wire/body.ts';
import { headerValues } from '../wire/canonical.ts';
import { WireError } from '../wire/errors.ts';
import { refuseForeign } from '../wire/foreign.ts';
import { sendError } from '../wire/response.ts';
import {
  handshakePath,
  type Introduction,
  proofHeader,
  type ShutdownAnswer,
  shutdownPath,
} from './handshake.ts';
import type { Keys } from './keys.ts';

/** What the engine's own routes work with. */
export interface EngineRoutesOptions {
  keys: Keys;
  /** The Host headers let in. */
  hosts(request: IncomingMessage): readonly string[];
  /** Whether a request comes from a sandbox, which the engine's own routes are not for. */
  isInner(request: IncomingMessage): boolean;
  introduce(): Introduction;
  /** Whether nobody uses the engine, apart from the request that asks. */
  idle(): boolean;
  stop(): void;
}

type Route = (request: IncomingMessage, response: ServerResponse, options: EngineRoutesOptions) => unknown;

const MAX_BODY_BYTES = 1024;

const routes: ReadonlyMap<string, Route> = new Map([
  [`GET ${handshakePath}`, handshake],
  [`POST ${shutdownPath}`, shutdown],
]);

/** Answers the handshake and the request for shutdown, and hands everything else to `next`. */
export function withEngineRoutes(options: EngineRoutesOptions, next: RequestListener): RequestListener {
  return async (request, response) => {
    const [path] = (request.url ?? '').split('?', 1);
    const route = routes.get(`${request.method} ${path}`);
    if (!route || options.isInner(request)) return next(request, response);
    try {
      refuseForeign(request, headerValues(request.rawHeaders), options.hosts(request));
      await route(request, response, options);
    } catch (error) {
      sendError(response, undefined, error, () => {});
    }
  };
}

/** The proof covers the caller's nonce, the port and every byte of the answer: nobody can pass it on as his own. */
function handshake(
  request: IncomingMessage,
  response: ServerResponse,
  { keys, introduce }: EngineRoutesOptions,
) {
  const nonce = /\?nonce=([0-9a-f]{64})$/.exec(request.url ?? '')?.[1];
  if (!nonce) throw new WireError('ValidationException', 400, 'The nonce must be 32 bytes in hexadecimal.');
  const body = JSON.stringify(introduce());
  answer(response, 200, body, keys.prove('handshake', nonce, String(request.socket.localPort), body));
}

async function shutdown(request: IncomingMessage, response: ServerResponse, options: EngineRoutesOptions) {
  const { keys, introduce, idle, stop } = options;
  const { generation, live } = introduce();
  const body = String(await readBody(request, MAX_BODY_BYTES));
  if (!keys.verify(String(request.headers[proofHeader] ?? ''), 'shutdown', generation, body)) {
    throw new WireError(
      'AccessDeniedException',
      403,
      'Only who can read the master key may stop the engine.',
    );
  }
  const { ifIdle } = JSON.parse(body) as { ifIdle: boolean };
  const stopping = !ifIdle || idle();
  answer(response, stopping ? 200 : 409, JSON.stringify({ stopping, live } satisfies ShutdownAnswer));
  if (stopping) stop();
}

function answer(response: ServerResponse, status: number, body: string, proof?: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(proof && { [proofHeader]: proof }),
  });
  response.end(body);
}
