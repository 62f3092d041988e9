import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../log.ts';
import type { Call, Handlers, OperationName } from '../service.ts';
import { Allowance, readBody } from './body.ts';
import { type HeaderValues, headerValues, queryPairs, splitTarget } from './canonical.ts';
import { shown, unreadable, WireError } from './errors.ts';
import { type Operation, operations } from './operations.ts';
import { readInput } from './request.ts';
import { sendError, sendOutput } from './response.ts';
import { type Route, Router } from './router.ts';
import type { Authenticate } from './signature.ts';
import { TIMEOUT_HEADER } from './timeout-header.ts';

export interface WireOptions {
  /** What the engine really answers. */
  handlers: Handlers;
  authenticate: Authenticate;
  /** The Host headers let in, e.g. `127.0.0.1:4000`; asked for each request. */
  hosts(): readonly string[];
  /** Larger bodies are refused with 413. */
  maxBodyBytes: number;
  log: Log;
}

/** How many bodies of the largest size may be held at once whose sender is not known yet. */
const UNPROVEN_BODIES = 2;

type AnyHandler = (input: unknown, call: Call) => Promise<Readonly<Record<string, unknown>> | undefined>;

/**
 * A request listener for `node:http` that speaks AgentCore's protocol (restJson1) for both planes: it authenticates,
 * finds the operation, reads and checks the input, calls the handler and sends its answer. Every answer carries
 * `x-amzn-requestid`.
 *
 * Requests from browsers (Origin or Sec-Fetch-Site) and for a Host that is not listed are refused with 403, whatever
 * their signature. An operation without a handler is answered 501 `NotImplementedException`, which SDKs do not retry;
 * an error that is not modelled 500 `InternalServerException`, with the details in the log only. They are logged also
 * where the client has gone.
 */
export function createWire(
  options: WireOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const router = new Router(operations.values());
  const unproven = new Allowance(UNPROVEN_BODIES * options.maxBodyBytes);
  return (request, response) => {
    answer({ ...options, router, unproven }, request, response).catch((error) => {
      options.log.error('An answer could not be made', { error });
      response.destroy();
    });
  };
}

interface Wire extends WireOptions {
  router: Router;
  /** For bodies without which a signature cannot be checked. */
  unproven: Allowance;
}

async function answer(options: Wire, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = randomUUID();
  const client = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) client.abort();
  });
  response.on('error', (error) => options.log.debug('An answer could not be sent', { requestId, error }));
  response.setHeader('x-amzn-requestid', requestId);

  let operation: Operation | undefined;
  const onError = (error: unknown) => {
    const gone = client.signal.aborted;
    if (gone && comesOfGoing(error)) return;
    const what = gone ? 'A request failed whose client had gone' : 'A request failed';
    options.log[gone ? 'warn' : 'error'](what, { requestId, operation: operation?.name, error });
  };
  try {
    const headers = headerValues(request.rawHeaders);
    refuseForeign(headers, options.hosts());
    const admission = options.authenticate(request);
    const route = findRoute(options.router, request);
    operation = route.operation;
    const handler = handlerFor(options.handlers, operation);
    const timeoutMs = readTimeout(headers);
    const body = await readBody(request, options.maxBodyBytes, {
      allowance: admission.proven ? undefined : options.unproven,
    });
    admission.checkBody(body);
    const { query } = splitTarget(request.url ?? '');
    const input = readInput(route, { query: queryPairs(query), headers, body });
    const call: Call = {
      ...admission.scope,
      requestId,
      signal: client.signal,
      ...(timeoutMs && { timeoutMs }),
    };
    await sendOutput(response, operation, (await handler(input, call)) ?? {}, onError);
  } catch (error) {
    sendError(response, operation?.plane ?? 'data', error, onError);
  }
}

const codesOfGoing = ['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED', 'ECONNRESET', 'EPIPE'];

/** Whether an error says no more than that the client has gone. */
function comesOfGoing(error: unknown): boolean {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  return name === 'AbortError' || codesOfGoing.includes(String(code));
}

/** Keeps out web pages: those that say so, and those that reach us by a name of their own (DNS rebinding). */
export function refuseForeign(headers: HeaderValues, hosts: readonly string[]): void {
  if (headers.has('origin') || headers.has('sec-fetch-site')) {
    throw new WireError('AccessDeniedException', 403, 'Requests from web pages are not let in.');
  }
  const [host = '', ...more] = headers.get('host') ?? [];
  if (more.length > 0 || !hosts.includes(host.toLowerCase())) {
    throw new WireError(
      'AccessDeniedException',
      403,
      `The Host header ${shown(host)} is not let in here; use ${hosts.join(' or ')}.`,
    );
  }
}

function findRoute(router: Router, { method = '', url = '' }: IncomingMessage): Route {
  const { path } = splitTarget(url);
  let route: Route | undefined;
  try {
    route = router.find(method, path);
  } catch {
    throw unreadable(`The path ${shown(path)} is not percent-encoded UTF-8.`);
  }
  if (!route) {
    throw new WireError(
      'UnknownOperationException',
      404,
      `No AgentCore operation is at ${method} ${shown(path)}.`,
    );
  }
  return route;
}

function handlerFor(handlers: Handlers, { name }: Operation): AnyHandler {
  const handler = handlers[name as OperationName];
  if (!handler) {
    throw new WireError(
      'NotImplementedException',
      501,
      `${name} is not part of the local engine yet; AWS answers it.`,
    );
  }
  return handler as unknown as AnyHandler;
}

function readTimeout(headers: HeaderValues): number | undefined {
  const text = headers.get(TIMEOUT_HEADER)?.join();
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw unreadable(
    `The header ${TIMEOUT_HEADER} must be a positive whole number of milliseconds, is ${shown(text)}.`,
  );
}
