import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { sameSecret } from '../../platform/same-secret.ts';
import { type FaultRule, FaultRuleError } from '../faults/index.ts';
import { readBody } from '../wire/body.ts';
import { headerValues } from '../wire/canonical.ts';
import { WireError } from '../wire/errors.ts';
import { refuseForeign } from '../wire/foreign.ts';
import type { Controls } from './controls.ts';

/** Below it tests move the clock of an engine, make its calls fail and empty it. */
export const controlPath = '/_engine/control';

export interface ControlRoutesOptions {
  /** Who bears it may come in; undefined where nobody may, as the engine has a user's data. */
  token: string | undefined;
  controls: Controls;
  /** The Host headers let in. */
  hosts(request: IncomingMessage): readonly string[];
  /** Whether a request comes from a sandbox. */
  isInner(request: IncomingMessage): boolean;
}

/** Answers a request with JSON; undefined for nothing. */
type Route = (controls: Controls, body: unknown) => Promise<object | undefined>;

const MAX_BODY_BYTES = 256 * 1024;

const routes: Readonly<Record<string, Readonly<Record<string, Route>>>> = {
  '/reset': { POST: (controls) => controls.reset().then(() => undefined) },
  '/clock': {
    GET: async (controls) => time(controls),
    async POST(controls, body) {
      await controls.clock.advance(advanceOf(body));
      return time(controls);
    },
  },
  '/faults': {
    GET: async ({ faults }) => faults.list(),
    async PUT({ faults }, body) {
      await faults.set(body as FaultRule[]);
      return faults.list();
    },
    async DELETE({ faults }) {
      faults.clear();
      return undefined;
    },
  },
};

/** Answers what is below {@link controlPath}, and hands everything else to `next`. */
export function withControlRoutes(options: ControlRoutesOptions, next: RequestListener): RequestListener {
  return async (request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1);
    if (!`${path}/`.startsWith(`${controlPath}/`) || options.isInner(request)) return next(request, response);
    try {
      send(response, await answer(options, request, path.slice(controlPath.length)));
    } catch (error) {
      sendError(response, error);
    }
  };
}

async function answer(options: ControlRoutesOptions, request: IncomingMessage, path: string) {
  const { token, controls, hosts } = options;
  refuseForeign(request, headerValues(request.rawHeaders), hosts(request));
  if (token === undefined)
    throw refusal(404, 'Only an engine without a data directory has this (engine --ephemeral).');
  if (!bears(request, token))
    throw refusal(401, 'Send the controlToken of the ready line as Authorization: Bearer <token>.');
  const methods = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (!methods)
    throw refusal(404, `There is ${Object.keys(routes).join(', ')} below ${controlPath}, and nothing else.`);
  const method = request.method ?? '';
  const route = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (!route) throw refusal(405, `${path} takes ${Object.keys(methods).join(', ')}, and not ${method}.`);
  return route(controls, parse(String(await readBody(request, MAX_BODY_BYTES))));
}

function bears(request: IncomingMessage, token: string): boolean {
  const [, given = ''] = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  return sameSecret(given, token);
}

function parse(body: string): unknown {
  try {
    return body === '' ? undefined : JSON.parse(body);
  } catch {
    throw refusal(400, 'The body is no JSON.');
  }
}

function advanceOf(body: unknown): number {
  const { advanceMs } = Object(body);
  if (typeof advanceMs === 'number') return advanceMs;
  throw refusal(400, 'The body must be {"advanceMs": <milliseconds>}.');
}

function time({ clock }: Controls) {
  return { now: new Date(clock.now()).toISOString(), offsetMs: clock.offsetMs };
}

function refusal(status: number, message: string): WireError {
  return new WireError('ControlException', status, message);
}

function send(response: ServerResponse, answer: object | undefined, status = answer ? 200 : 204): void {
  const body = answer && Buffer.from(JSON.stringify(answer));
  response.writeHead(status, {
    ...(body && { 'content-type': 'application/json', 'content-length': body.byteLength }),
  });
  response.end(body);
}

function sendError(response: ServerResponse, error: unknown): void {
  send(response, { message: error instanceof Error ? error.message : String(error) }, statusOf(error));
}

function statusOf(error: unknown): number {
  if (error instanceof WireError) return error.status;
  return error instanceof FaultRuleError || error instanceof RangeError ? 400 : 500;
}
