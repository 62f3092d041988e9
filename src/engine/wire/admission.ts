import type { IncomingMessage } from 'node:http';
import type { Bearer, BearerRequest, Scope, Service } from '../service.ts';
import { type HeaderValues, queryPairs, splitTarget } from './canonical.ts';
import { unreadable } from './errors.ts';
import { originOf } from './foreign.ts';
import type { Admission, Authenticate } from './signature.ts';

/** How callers prove who they are. */
export interface Gate {
  authenticate: Authenticate;
  /** Who lets in bearers of a token, by the operation they ask for. */
  bearer?: Service['bearer'] | undefined;
}

/** A caller let in, with what his token says where he came with one. */
export interface Admitted extends Admission {
  bearer?: Bearer;
}

/** Who has proved otherwise, and completely, whose state he sees. */
export function admitted(scope: Scope): Admitted {
  return { scope, proven: true, checkBody() {} };
}

/** What a bearer asks for; undefined where nothing is at that place. */
export type Asked = { operation: string; labels: Readonly<Record<string, string>> } | undefined;

/**
 * Lets a caller in by his signature, or by his token where what he asks for takes tokens. A request with neither is
 * offered there too, with an empty token, so that the answer can say where tokens are to be had; it is never let in.
 *
 * @param token From the header Authorization unless told otherwise.
 * @throws WireError 403, BearerRefusal, or the modelled exception of who was asked.
 */
export async function admit(
  { authenticate, bearer = {} }: Gate,
  request: IncomingMessage,
  headers: HeaderValues,
  asked: Asked,
  token = bearerToken(headers),
): Promise<Admitted> {
  const takers = bearer as Readonly<Record<string, (request: BearerRequest) => ReturnType<Taker>>>;
  const taker = asked && Object.hasOwn(takers, asked.operation) ? takers[asked.operation] : undefined;
  if (!asked || !taker) return authenticate(request);
  const { query } = splitTarget(request.url ?? '');
  const isSigned = headers.has('authorization') || isPresigned(query);
  if (token === undefined && isSigned) return authenticate(request);
  const origin = originOf(request, headers);
  const ask = (token: string) => taker({ ...asked, query: firstValues(query), headers, origin, token });
  if (token !== undefined) {
    const { scope, bearer } = await ask(token);
    return { ...admitted(scope), bearer };
  }
  try {
    return authenticate(request);
  } catch (error) {
    await ask('');
    throw error;
  }
}

type Taker = NonNullable<NonNullable<Service['bearer']>['InvokeAgentRuntime']>;

function bearerToken(headers: HeaderValues): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(headers.get('authorization')?.[0] ?? '')?.[1];
}

/** Whether a query claims to carry the signature of its request. */
export function isPresigned(query: string): boolean {
  return query.includes('X-Amz-Signature=');
}

/** The first value of each name. */
export function firstValues(query: string): Record<string, string> {
  try {
    return Object.fromEntries(queryPairs(query).toReversed());
  } catch {
    throw unreadable('The query string is not percent-encoded UTF-8.');
  }
}
