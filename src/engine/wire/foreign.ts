import type { HeaderValues } from './canonical.ts';
import { shown, WireError } from './errors.ts';

/**
 * Keeps out web pages: those that say so, and those that reach us by a name of their own (DNS rebinding).
 *
 * @param hosts The Host headers let in.
 * @param ownOrigin Lets in an Origin that is the engine itself, as some WebSocket clients send it that are no browsers.
 * @throws WireError 403.
 */
export function refuseForeign(headers: HeaderValues, hosts: readonly string[], ownOrigin = false): void {
  const origins = headers.get('origin') ?? [];
  const known = ownOrigin ? hosts.map((host) => `http://${host}`) : [];
  if (!origins.every((origin) => known.includes(origin.toLowerCase())) || headers.has('sec-fetch-site')) {
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
