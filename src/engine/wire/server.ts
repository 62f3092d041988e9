import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ApiHandlers, Call } from '../service.ts';
import { type Asked, admit, isPresigned } from './admission.ts';
import { type Api, agentcore, apiForms, loadApi, type RequestHead } from './apis.ts';
import { Allowance, readBody } from './body.ts';
import { type HeaderValues, headerValues, queryPairs, splitTarget } from './canonical.ts';
import { apiOf } from './dispatch.ts';
import { createDocuments, type Documents } from './documents.ts';
import { shown, unreadable, WireError } from './errors.ts';
import { ofNavigation, ofProgram, originOf, refuseForeign } from './foreign.ts';
import { type CallFacts, createPages, openPage, type PagePlace } from './pages.ts';
import { readInput } from './request.ts';
import { type ErrorForm, sendError, sendOutput } from './response.ts';
import type { Route, Router } from './router.ts';
import type { Model, Operation } from './schemas.ts';
import { createSocketDoor } from './sockets.ts';
import { Tickets } from './tickets.ts';
import { TIMEOUT_HEADER } from './timeout-header.ts';
import type { WireOptions } from './wire-options.ts';

/** What speaks AWS's protocols on an HTTP server of Node. */
export interface Wire {
  /** For the event `request`. */
  request: RequestListener;
  /** For the event `upgrade`. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** How many bodies of the largest size may be held at once whose sender is not known yet. */
const UNPROVEN_BODIES = 2;

type AnyHandler = (input: unknown, call: Call) => Promise<Readonly<Record<string, unknown>> | undefined>;

/**
 * Speaks the protocols of AgentCore (both planes) and Bedrock Runtime (restJson1) and of CloudWatch Logs (JSON 1.1). The
 * service of the credential scope says which API is asked. A request is authenticated, its operation is found, the input
 * is read and checked, the handler is called and its answer sent. Every answer carries `x-amzn-requestid`.
 *
 * Requests from browsers (Origin or Sec-Fetch-Site) and for a Host that is not listed are refused with 403, whatever
 * their signature; but a browser may open the presigned link of a page, and that page its WebSocket. An operation without a handler is answered 501 `NotImplementedException`, which SDKs do not retry;
 * an error that is not modelled 500 `InternalServerException`, with the details in the log only. They are logged also
 * where the client has gone.
 */
export function createWire(options: WireOptions): Wire {
  const unproven = new Allowance(UNPROVEN_BODIES * options.maxBodyBytes);
  const readDocument = createDocuments(options.documents);
  const pagePlaces = createPages(options.pages);
  const tickets = options.tickets ?? new Tickets();
  return {
    request(request, response) {
      answer({ ...options, unproven, readDocument, pagePlaces, tickets }, request, response).catch(
        (error) => {
          options.log.error('An answer could not be made', { error });
          response.destroy();
        },
      );
    },
    upgrade: createSocketDoor({ ...options, tickets }),
  };
}

interface Parts extends WireOptions {
  /** For bodies without which a signature cannot be checked. */
  unproven: Allowance;
  readDocument: Documents;
  pagePlaces: Router<PagePlace>;
  tickets: Tickets;
}

async function answer(options: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = randomUUID();
  const client = new AbortController();
  response.once('close', () => {
    if (!isComplete(request, response)) client.abort();
  });
  response.on('error', (error) => options.log.debug('An answer could not be sent', { requestId, error }));
  response.setHeader('x-amzn-requestid', requestId);

  let form: ErrorForm | undefined;
  let operation: Operation<Model> | undefined;
  const onError = (error: unknown) => {
    const gone = client.signal.aborted;
    if (gone && comesOfGoing(error)) return;
    const what = gone ? 'A request failed whose client had gone' : 'A request failed';
    options.log[gone ? 'warn' : 'error'](what, { requestId, operation: operation?.name, error });
  };
  try {
    const headers = headerValues(request.rawHeaders);
    const { path, query } = splitTarget(request.url ?? '');
    const head = { method: request.method ?? '', path, query, headers };
    const page = options.pagePlaces.findReadable(head.method, path);
    const manner = page && isPresigned(query) ? ofNavigation : ofProgram;
    refuseForeign(request, headers, options.hosts(request), manner);
    form = agentcore;
    if (await options.readDocument(request, head, response)) return;
    const name = apiOf(head, query, { hasS3: options.s3 !== undefined });
    if (name === 's3') return void options.s3?.(request, response);

    form = name === 'agentcore' ? agentcore : apiForms[name];
    const about: CallFacts = {
      requestId,
      signal: client.signal,
      headers,
      origin: originOf(request, headers),
      ...(options.isInner?.(request) && { inner: true }),
    };
    if (page) return await openPage(options, page, { request, response, about });
    const admission = await admit(
      options,
      request,
      headers,
      name === 'agentcore' ? askedOf(head) : undefined,
    );
    const api = await loadApi(name);
    form = api;
    const route = findRoute(api, head);
    operation = route.operation;
    const handler = handlerFor(options.handlers, api, operation);
    const timeoutMs = readTimeout(headers);
    const body = await readBody(request, options.maxBodyBytes, {
      allowance: admission.proven ? undefined : options.unproven,
    });
    admission.checkBody(body);
    const input = readInput(route, { query: queryPairs(query), headers, body });
    const call: Call = {
      ...admission.scope,
      ...about,
      ...(timeoutMs && { timeoutMs }),
      ...(admission.bearer && { bearer: admission.bearer }),
      setHeader: (name, value) => void response.setHeader(name, value),
    };
    await sendOutput(response, api, operation, (await handler(input, call)) ?? {}, onError);
  } catch (error) {
    sendError(response, form, error, onError);
  }
}

/** Whether an answer whose connection has closed was sent in full; over HTTP/2 only its end is known. */
function isComplete({ httpVersionMajor }: IncomingMessage, response: ServerResponse): boolean {
  return response.writableEnded && (httpVersionMajor > 1 || response.writableFinished);
}

const codesOfGoing = ['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED', 'ECONNRESET', 'EPIPE'];

/** Whether an error says no more than that the client has gone. */
function comesOfGoing(error: unknown): boolean {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  return name === 'AbortError' || codesOfGoing.includes(String(code));
}

/** What who is not let in yet asks of AgentCore, which alone knows bearers. */
function askedOf(head: RequestHead): Asked {
  try {
    const route = agentcore.find(head);
    return route && { operation: route.operation.name, labels: route.labels };
  } catch {
    return undefined;
  }
}

function findRoute(api: Api, head: RequestHead): Route {
  const { method, path, headers } = head;
  let route: Route | undefined;
  try {
    route = api.find(head);
  } catch {
    throw unreadable(`The path ${shown(path)} is not percent-encoded UTF-8.`);
  }
  if (!route) {
    const target = headers.get('x-amz-target')?.[0];
    const what = api.protocol === 'awsJson1.1' && target ? ` called ${shown(target)}` : '';
    throw new WireError(
      'UnknownOperationException',
      404,
      `No ${api.title} operation${what} is at ${method} ${shown(path)}.`,
    );
  }
  return route;
}

function handlerFor(handlers: ApiHandlers, api: Api, { name }: Operation<Model>): AnyHandler {
  const all = handlers[api.name] as Readonly<Record<string, AnyHandler>> | undefined;
  const handler = all && Object.hasOwn(all, name) ? all[name] : undefined;
  if (!handler) {
    throw new WireError(
      'NotImplementedException',
      501,
      `${name} is not part of the local engine yet; AWS answers it.`,
    );
  }
  return handler;
}

function readTimeout(headers: HeaderValues): number | undefined {
  const text = headers.get(TIMEOUT_HEADER)?.join();
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw unreadable(
    `The header ${TIMEOUT_HEADER} must be a positive whole number of milliseconds, is ${shown(text)}.`,
  );
}
