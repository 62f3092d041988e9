import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { HeaderValues } from './canonical.ts';
import { shown, WireError } from './errors.ts';

/** Whether a request may come from where its headers say, `own` being the origins that are the engine itself. */
type Manner = (headers: HeaderValues, own: readonly string[]) => boolean;

const said = (headers: HeaderValues, name: string) => headers.get(name)?.join();
const isOwn = (headers: HeaderValues, own: readonly string[]) =>
  own.includes(said(headers, 'origin')?.toLowerCase() ?? '');

/** Programs say nothing of web pages. */
export const ofProgram: Manner = (headers) => !headers.has('origin') && !headers.has('sec-fetch-site');

/** Some that open WebSockets say the engine's own origin. */
export const ofSocketClient: Manner = (headers, own) =>
  ofProgram(headers, own) || (isOwn(headers, own) && !headers.has('sec-fetch-site'));

/** A program, or a browser in which somebody opens a link in a tab of its own. */
export const ofNavigation: Manner = (headers, own) =>
  ofProgram(headers, own) ||
  (!headers.has('origin') &&
    said(headers, 'sec-fetch-mode') === 'navigate' &&
    said(headers, 'sec-fetch-dest') === 'document');

/** A page of the engine's own. */
export const ofOwnPage: Manner = (headers, own) =>
  isOwn(headers, own) && [undefined, 'same-origin'].includes(said(headers, 'sec-fetch-site'));

/** Where a request came to, as its client says: `http://127.0.0.1:4000`. */
export function originOf(request: IncomingMessage, headers: HeaderValues): string {
  return `${schemeOf(request)}://${headers.get('host')?.[0]}`;
}

/**
 * Keeps out web pages: those that say so, and those that reach us by a name of their own (DNS rebinding).
 *
 * @param hosts The Host headers let in.
 * @param manner How it may come.
 * @throws WireError 403.
 */
export function refuseForeign(
  request: IncomingMessage,
  headers: HeaderValues,
  hosts: readonly string[],
  manner: Manner = ofProgram,
): void {
  const own = hosts.map((host) => `${schemeOf(request)}://${host}`);
  if (!manner(headers, own)) {
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

function schemeOf(request: IncomingMessage): 'http' | 'https' {
  return isEncrypted(request) ? 'https' : 'http';
}

/** Whether a request came over TLS. */
export function isEncrypted({ socket }: IncomingMessage): boolean {
  return (socket as Partial<TLSSocket>).encrypted === true;
}
