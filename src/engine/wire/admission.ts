import type { IncomingMessage } from 'node:http';
import type { Bearer, BearerRequest, Service } from '../service.ts';
import { type HeaderValues, queryPairs, splitTarget } from './canonical.ts';
import { unreadable } from './errors.ts';
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
  const isSigned = headers.has('authorization') || query.includes('X-Amz-Signature=');
  if (token === undefined && isSigned) return authenticate(request);
  const ask = (token: string) => taker({ ...asked, query: firstValues(query), headers, token });
  if (token !== undefined) return { ...(await ask(token)), proven: true, checkBody() {} };
  try {
    return authenticate(request);
  } catch (error) {
    await ask('');
    throw error;
  }
}

type Taker = NonNullable<NonNullable<Service['bearer']>['socket']>;

function bearerToken(headers: HeaderValues): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(headers.get('authorization')?.[0] ?? '')?.[1];
}

/** The first value of each name. */
export function firstValues(query: string): Record<string, string> {
  try {
    return Object.fromEntries(queryPairs(query).toReversed());
  } catch {
    throw unreadable('The query string is not percent-encoded UTF-8.');
  }
}
