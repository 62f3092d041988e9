import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What of a request a signature covers, as it came over the socket. */
export type SignedRequest = Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'>;

/** Values by lower-case name, in the order they came; a name may come more than once. */
export type HeaderValues = ReadonlyMap<string, readonly string[]>;

/** Percent-decoded names and values, in the order they came. */
export type QueryPairs = readonly (readonly [name: string, value: string])[];

export function headerValues(rawHeaders: readonly string[]): HeaderValues {
  const headers = new Map<string, string[]>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    const values = headers.get(name);
    if (values) values.push(rawHeaders[i + 1] ?? '');
    else headers.set(name, [rawHeaders[i + 1] ?? '']);
  }
  return headers;
}

/** Splits a raw request target into its path and its query, both still percent-encoded. */
export function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf('?');
  return mark < 0
    ? { path: target, query: '' }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

/** @throws URIError where the percent-encoding is broken or is not UTF-8. */
export function queryPairs(query: string): QueryPairs {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals < 0
        ? [decodeURIComponent(pair), '']
        : [decodeURIComponent(pair.slice(0, equals)), decodeURIComponent(pair.slice(equals + 1))];
    });
}

export function sha256Hex(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * How a path is written in the canonical request: `folded` for every service but S3 (segments encoded twice, dot segments
 * and repeated slashes folded away), `plain` for S3 (encoded once, nothing folded).
 */
export type PathRule = 'folded' | 'plain';

/**
 * The SigV4 signature of a request, as hex.
 * @throws URIError where a `plain` path is not percent-encoded UTF-8.
 */
export function signatureOf(request: {
  method: string;
  path: string;
  pathRule: PathRule;
  query: QueryPairs;
  headers: HeaderValues;
  signedHeaders: readonly string[];
  bodyHash: string;
  /** `YYYYMMDDTHHMMSSZ` */
  date: string;
  /** `YYYYMMDD/region/service/aws4_request` */
  scope: string;
  key: KeyObject;
}): string {
  const canonicalRequest = [
    request.method,
    request.pathRule === 'plain' ? plainPath(request.path) : foldedPath(request.path),
    canonicalQuery(request.query),
    ...request.signedHeaders.map((name) => `${name}:${canonicalHeader(request.headers.get(name))}`),
    '',
    request.signedHeaders.join(';'),
    request.bodyHash,
  ].join('\n');
  const stringToSign = ['AWS4-HMAC-SHA256', request.date, request.scope, sha256Hex(canonicalRequest)].join(
    '\n',
  );
  return hmac(request.key, stringToSign).toString('hex');
}

const signingKeys = new Map<string, KeyObject>();
const MAX_SIGNING_KEYS = 256;

/** The key that signs within a credential scope, `YYYYMMDD/region/service/aws4_request`. Made once for all its requests. */
export function signingKey(secret: string, scope: string): KeyObject {
  const name = `${secret} ${scope}`;
  const known = signingKeys.get(name);
  if (known) return known;
  const key = scope
    .split('/')
    .reduce<KeyObject>(
      (above, part) => createSecretKey(hmac(above, part)),
      createSecretKey(`AWS4${secret}`, 'utf8'),
    );
  if (signingKeys.size >= MAX_SIGNING_KEYS) signingKeys.clear();
  signingKeys.set(name, key);
  return key;
}

/** Not by a key of bytes, which Node takes five times as long to look at. */
export function hmac(key: KeyObject, content: string): Buffer {
  return createHmac('sha256', key).update(content).digest();
}

function plainPath(path: string): string {
  return path
    .split('/')
    .map((segment) => encode(decodeURIComponent(segment)))
    .join('/');
}

function foldedPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encode(segment));
  }
  const trailing = segments.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${segments.join('/')}${trailing}`;
}

function canonicalQuery(query: QueryPairs): string {
  return query
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([nameA, valueA], [nameB, valueB]) => order(nameA, nameB) || order(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function canonicalHeader(values: readonly string[] = []): string {
  return values.map((value) => value.trim().replace(/\s+/g, ' ')).join(',');
}

/** Percent-encodes all but RFC 3986's unreserved characters. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
