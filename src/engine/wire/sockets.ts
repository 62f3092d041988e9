import { randomUUID } from 'node:crypto';
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Call, Service } from '../service.ts';
import { admit, admitted, firstValues } from './admission.ts';
import { agentcore } from './apis.ts';
import { type HeaderValues, headerValues, splitTarget } from './canonical.ts';
import { holdSocket, type Knock } from './channel.ts';
import { apiOf } from './dispatch.ts';
import { shown, unreadable, WireError } from './errors.ts';
import { ofOwnPage, ofSocketClient, originOf, refuseForeign } from './foreign.ts';
import { sendError } from './response.ts';
import { Router } from './router.ts';
import type { Tickets } from './tickets.ts';
import { answerHead, splice, upgradeThrough } from './tunnel.ts';
import type { WireOptions } from './wire-options.ts';

interface SocketPlace {
  method: string;
  uri: string;
  open: NonNullable<Service['sockets']>[string];
}

/**
 * What opens WebSockets: it lets the client in, has a service say where it leads, and joins the two connections, or hands
 * the open WebSocket to the service.
 */
export function createSocketDoor(
  options: WireOptions & { tickets: Tickets },
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const places = Object.entries(options.sockets ?? {}).map(([uri, open]) => ({ method: 'GET', uri, open }));
  const router = new Router<SocketPlace>(places);
  return (request, socket, head) => {
    const requestId = randomUUID();
    const client = new AbortController();
    socket.once('close', () => client.abort());
    socket.on('error', (error) => options.log.debug('A WebSocket broke', { requestId, error }));
    open({ ...options, router }, { request, socket, head, requestId, signal: client.signal }).catch(
      (error) => {
        const onError = (error: unknown) => options.log.error('A WebSocket failed', { requestId, error });
        refuseSocket(request, socket, error, { requestId, onError });
      },
    );
  };
}

/** What a browser offers for want of headers: the token in the name of a subprotocol, and a mark that gets accepted. */
const TOKEN_PROTOCOL = 'base64UrlBearerAuthorization';
const PROTOCOL_HEADER = 'sec-websocket-protocol';
const HANDSHAKE_HEADERS = ['sec-websocket-key', 'sec-websocket-version', 'sec-websocket-extensions'];
const TICKET = 'agentcore-ticket';

interface Visit extends Knock {
  signal: AbortSignal;
}

type Options = WireOptions & { tickets: Tickets; router: Router<SocketPlace> };

async function open(options: Options, visit: Visit): Promise<void> {
  const { request, requestId, signal } = visit;
  const headers = headerValues(request.rawHeaders);
  const { path, query } = splitTarget(request.url ?? '');
  const { token, protocols } = readProtocols(headers);
  const ticket = headers.has('authorization') || token !== undefined ? undefined : firstValues(query)[TICKET];
  refuseForeign(request, headers, options.hosts(request), ticket === undefined ? ofSocketClient : ofOwnPage);
  const name = apiOf({ method: 'GET', path, headers }, query, { hasS3: options.s3 !== undefined });
  const route = name === 'agentcore' ? options.router.findReadable(request.method ?? '', path) : undefined;
  const asked = route && { operation: route.place.uri, labels: route.labels };
  const admission =
    ticket === undefined
      ? await admit(options, request, headers, asked, token)
      : admitted(options.tickets.redeem(ticket, path));
  admission.checkBody(new Uint8Array());
  if (!route) throw new WireError('UnknownOperationException', 404, `No WebSocket is at GET ${shown(path)}.`);
  checkHandshake(headers);

  const call: Call = {
    ...admission.scope,
    requestId,
    signal,
    headers,
    origin: originOf(request, headers),
    ...(admission.bearer && { bearer: admission.bearer }),
  };
  const leads = await route.place.open({
    labels: route.labels,
    query: firstValues(query),
    call,
    ticket: () => options.tickets.issue(path, admission.scope),
  });
  if ('hold' in leads) return holdSocket(visit, leads, options.log);
  const upgrade = await upgradeThrough(leads, handshakeOf(headers, protocols), signal);
  const acceptToken = token !== undefined && upgrade.headers[PROTOCOL_HEADER] === undefined;
  const answer = answerHead({
    ...upgrade.headers,
    ...(acceptToken && { [PROTOCOL_HEADER]: TOKEN_PROTOCOL }),
    'x-amzn-requestid': requestId,
    ...leads.answerHeaders,
  });
  join(visit, leads.stream, answer);
}

function join({ socket, head }: Visit, stream: Duplex, answer: string): void {
  if (socket.destroyed) return void stream.destroy();
  socket.write(answer);
  if (head.length > 0) socket.unshift(head);
  splice(socket, stream);
}

/** The token among the subprotocols offered, and the subprotocols meant for the agent. */
function readProtocols(headers: HeaderValues): { token?: string | undefined; protocols: readonly string[] } {
  const offered = (headers.get(PROTOCOL_HEADER) ?? [])
    .flatMap((value) => value.split(','))
    .map((name) => name.trim());
  const isToken = (name: string) => name.startsWith(`${TOKEN_PROTOCOL}.`);
  const encoded = offered.find(isToken)?.slice(TOKEN_PROTOCOL.length + 1);
  return {
    token: encoded === undefined ? undefined : Buffer.from(encoded, 'base64url').toString(),
    protocols: offered.filter((name) => !isToken(name) && name !== TOKEN_PROTOCOL),
  };
}

function checkHandshake(headers: HeaderValues): void {
  const isWebSocket = headers.get('upgrade')?.[0]?.toLowerCase() === 'websocket';
  if (isWebSocket && headers.has('sec-websocket-key') && headers.has('sec-websocket-version')) return;
  throw unreadable(
    'This path speaks WebSocket: the request needs Upgrade: websocket, Sec-WebSocket-Key and Sec-WebSocket-Version.',
  );
}

/** The client's side of the WebSocket handshake, for the agent. */
function handshakeOf(headers: HeaderValues, protocols: readonly string[]): Record<string, string> {
  const kept = HANDSHAKE_HEADERS.flatMap((name) => {
    const values = headers.get(name);
    return values ? [[name, values.join(', ')]] : [];
  });
  return {
    ...Object.fromEntries(kept),
    ...(protocols.length > 0 && { [PROTOCOL_HEADER]: protocols.join(', ') }),
  };
}

/** Answers a request for a WebSocket with an error, over the bare connection, and ends it. */
export function refuseSocket(
  request: IncomingMessage,
  socket: Duplex,
  error: unknown,
  { requestId, onError = () => {} }: { requestId: string; onError?: (error: unknown) => void },
): void {
  if (socket.destroyed) return;
  try {
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as Socket);
    response.once('finish', () => socket.end(() => socket.destroy()));
    response.setHeader('x-amzn-requestid', requestId);
    sendError(response, agentcore, error, onError);
  } catch (failure) {
    onError(failure);
    socket.destroy();
  }
}
