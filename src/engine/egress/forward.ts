import { type IncomingMessage, type ServerResponse, request as startRequest } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { endToEnd } from './headers.ts';
import { Refusal } from './targets.ts';
import { proxyHeaders, type Upstream } from './upstream.ts';

/** The path and query of an absolute URL as it was written, which `URL` would tidy. */
function pathOf(url: string): string {
  const rest = url.replace(/^[a-z]+:\/\/[^/?#]*/i, '').replace(/#.*$/s, '');
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/**
 * Sends a request on over a connection to its server and the answer back, both as they come. The connection serves this
 * request only. A proxy is asked with the whole URL.
 * @returns when the answer has begun.
 * @throws Refusal 502 when the server does not answer in HTTP.
 */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { host }: URL,
  socket: Socket,
  via?: Upstream,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const headers = ['Host', host, ...endToEnd(request.rawHeaders, ['host']), 'Connection', 'close'];
  if (via) headers.push(...Object.entries(proxyHeaders(via)).flat());
  if (request.headers['transfer-encoding'] !== undefined) headers.push('Transfer-Encoding', 'chunked');
  const outgoing = startRequest({
    createConnection: () => socket,
    method: request.method,
    path: via ? request.url : pathOf(request.url ?? ''),
    headers,
    setHost: false,
  });
  const fail = (why: string) => reject(new Refusal(502, `${host} did not answer in HTTP (${why}).`));
  outgoing.once('upgrade', () => fail('it switched protocols, which nobody had asked for'));
  outgoing.once('response', (answer) => {
    try {
      response.sendDate = false;
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer.rawHeaders));
      response.flushHeaders();
    } catch {
      answer.destroy();
      return fail('its status line cannot be handed on');
    }
    resolve();
    // A server that goes away in the middle cuts the client's connection too: that is all HTTP can say by then.
    pipeline(answer, response, () => {});
  });
  // Once the answer has begun this does nothing: a server may well answer and close before it has read everything.
  outgoing.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
  response.once('close', () => socket.destroy());
  request.pipe(outgoing);
  return promise;
}
