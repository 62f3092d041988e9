import type { IncomingMessage, ServerResponse } from 'node:http';
import { validateHostHeader } from '@modelcontextprotocol/server';
import { sameSecret } from '../platform/same-secret.ts';

/** Why a request is not served: an HTTP status and a sentence. */
export interface Refusal {
  status: number;
  message: string;
  headers?: Record<string, string>;
}

export interface GuardOptions {
  /** The address listened on. */
  host: string;
  /** Further names clients may call this server by; `*` is any. */
  allowedHosts: readonly string[];
  /** Web pages that may call it, e.g. `https://example.com`. */
  allowedOrigins: readonly string[];
  /** The bearer token clients must send. */
  token: string | undefined;
}

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];
const unspecified = ['0.0.0.0', '::', '[::]'];

/** Whether only programs on this machine reach an address. Names other than `localhost` may resolve to anything. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** An address as it stands in a URL. */
export function inUrl(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/**
 * Whether the `Host` is one of ours and the `Origin`, if there is one, may call us. Both together keep web pages out
 * that reach this machine under a name of their own.
 */
export function checkSource({ headers }: IncomingMessage, options: GuardOptions): Refusal | undefined {
  const { host, origin } = headers;
  const names = hostNames(options);
  const named = names.includes('*') ? { ok: true as const } : validateHostHeader(host, names);
  if (!named.ok)
    return {
      status: 403,
      message: `${named.message}. The server's user can allow a host with --allowed-hosts.`,
    };
  if (origin === undefined || isAllowedOrigin(origin, options)) return undefined;
  return {
    status: 403,
    message: `Invalid Origin: ${origin.slice(0, 200)}. The server's user can allow an origin with --allowed-origins.`,
  };
}

function hostNames({ host, allowedHosts }: GuardOptions): string[] {
  const bound = unspecified.includes(host) ? [] : [inUrl(host).toLowerCase()];
  return [...loopbackNames, ...bound, ...allowedHosts.map((name) => name.toLowerCase())];
}

/** Pages of this machine may ask, though without CORS headers no browser shows them an answer. */
function isAllowedOrigin(origin: string, { allowedOrigins }: GuardOptions): boolean {
  if (allowedOrigins.includes(origin)) return true;
  try {
    const { protocol, hostname } = new URL(origin);
    return /^https?:$/.test(protocol) && loopbackNames.includes(hostname);
  } catch {
    return false;
  }
}

/** @returns why the caller is not let in. */
export function checkToken({ headers }: IncomingMessage, { token }: GuardOptions): Refusal | undefined {
  if (token === undefined) return undefined;
  const [, given] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (given !== undefined && sameSecret(given, token)) return undefined;
  const problem = given === undefined ? '' : ', error="invalid_token"';
  return {
    status: 401,
    message:
      given === undefined
        ? 'A bearer token is needed: send Authorization: Bearer <token>.'
        : 'The bearer token is wrong.',
    headers: { 'www-authenticate': `Bearer realm="agentcore-mcp"${problem}` },
  };
}

const corsHeaders = [
  'Content-Type',
  'Accept',
  'Authorization',
  'MCP-Protocol-Version',
  'Mcp-Method',
  'Mcp-Name',
  'Mcp-Session-Id',
].join(', ');

/** Lets the allowed web pages read answers; sets nothing for anybody else. @returns whether the page is allowed. */
export function allowCors(
  { headers }: IncomingMessage,
  response: ServerResponse,
  { allowedOrigins }: GuardOptions,
): boolean {
  if (allowedOrigins.length > 0) response.setHeader('vary', 'Origin');
  const { origin } = headers;
  if (origin === undefined || !allowedOrigins.includes(origin)) return false;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-methods', 'GET, POST, DELETE');
  response.setHeader('access-control-allow-headers', corsHeaders);
  response.setHeader(
    'access-control-expose-headers',
    'WWW-Authenticate, MCP-Protocol-Version, Mcp-Session-Id',
  );
  return true;
}
