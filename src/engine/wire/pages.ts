import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Call, Page, Scope, Service } from '../service.ts';
import { firstValues } from './admission.ts';
import { splitTarget } from './canonical.ts';
import { Router } from './router.ts';
import type { Authenticate } from './signature.ts';
import type { Tickets } from './tickets.ts';

export interface PagePlace {
  method: string;
  uri: string;
  open: NonNullable<Service['pages']>[string];
}

export function createPages(pages: Service['pages'] = {}): Router<PagePlace> {
  return new Router(Object.entries(pages).map(([uri, open]) => ({ method: 'GET', uri, open })));
}

/** What is known of a call before anybody is let in. */
export type CallFacts = Omit<Call, keyof Scope>;

/** Answers a request for a page with it. @throws WireError 403, or what its service throws. */
export async function openPage(
  { authenticate, tickets }: { authenticate: Authenticate; tickets: Tickets },
  { place, labels }: NonNullable<ReturnType<Router<PagePlace>['find']>>,
  { request, response, about }: { request: IncomingMessage; response: ServerResponse; about: CallFacts },
): Promise<void> {
  const { scope, checkBody } = authenticate(request);
  checkBody(new Uint8Array());
  const { path, query } = splitTarget(request.url ?? '');
  const page = await place.open({
    labels,
    query: firstValues(query),
    call: { ...scope, ...about },
    ticket: () => tickets.issue(path, scope),
  });
  sendPage(response, page, about.origin);
}

/**
 * Sends a page that can run and show only what it brought along itself, talks to nobody but this server, is shown in no
 * other page's frame, kept nowhere, and does not tell its address, which lets in.
 *
 * @param origin Where the page came from, as its reader sees it.
 */
function sendPage(response: ServerResponse, page: Page, origin: string): void {
  const nonce = randomBytes(18).toString('base64');
  const body = Buffer.from(page(nonce));
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': body.byteLength,
    'content-security-policy': policy({
      'default-src': `'none'`,
      'script-src': `'nonce-${nonce}'`,
      'style-src': `'nonce-${nonce}'`,
      'img-src': 'data:',
      'connect-src': `'self' ${origin.replace(/^http/, 'ws')}`,
      'base-uri': `'none'`,
      'form-action': `'none'`,
      'frame-ancestors': `'none'`,
    }),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  });
  response.end(body);
}

function policy(directives: Readonly<Record<string, string>>): string {
  return Object.entries(directives)
    .map((directive) => directive.join(' '))
    .join('; ');
}
