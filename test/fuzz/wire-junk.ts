// What malformed requests are made of.

/** Bytes that mean something to a parser of HTTP, JSON or URLs. */
// biome-ignore format: one row is enough for several.
export const tokens = [
  '\r\n', '\r\n\r\n', '\n', '\0', '%', '%00', '%2F', '%ff', '..', '/', '//', '?', '&', '=', ':', ' ', '\t', ',', ';',
  '{', '}', '[', ']', '"', '\\', '\\u0000', '\\ud800', 'null', '1e999', '-0', '__proto__', 'HTTP/1.1', 'HTTP/9.9',
  'GET ', 'CONNECT ', 'PRI * HTTP/2.0', 'Transfer-Encoding: chunked\r\n', 'Content-Length: 5\r\n', 'Content-Length: -1\r\n',
  'Host: evil\r\n', 'Expect: 100-continue\r\n', 'Upgrade: websocket\r\nConnection: upgrade\r\n', 'X: \u00ff\r\n',
  'Signature=', 'Credential=', 'AWS4-HMAC-SHA256', '\u{1f600}', 'ffffffff\r\n', '99999999999999999999',
];

/** Path segments no client sends. */
// biome-ignore format: one row is enough for several.
export const pathJunk = ['', '.', '..', '%', '%zz', '%ff', '%c0%af', '%00', '%2e%2e', '%ed%a0%80', '{x}', '__proto__', '*',
  'constructor', 'a'.repeat(4000), '%F0%9F%98%80', '\u00e9', "';--", '<x>', '%0d%0aX:y'];

/** Parts of a query that no client sends. */
// biome-ignore format: one row is enough for several.
export const queryJunk = ['&', '=', '&&=&', '?', 'maxResults=NaN', 'maxResults=-1', 'maxResults=1e9', 'maxResults=%20',
  'maxResults=99999999999999999999', 'nextToken=', 'nextToken=%00', 'clientToken=x', '__proto__=1', 'a=%zz', '%', 'tagKeys=',
  'X-Amz-Signature=0', 'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=1', 'q='.repeat(1000)];

/** Headers that no client sends, or that ask for what the wire does not do. */
// biome-ignore format: one row is enough for several.
export const headerJunk: [string, string][] = [
  ['content-type', 'text/plain'], ['content-type', ''], ['content-type', 'application/json;;;='], ['accept', '\u00ff'],
  ['content-encoding', 'gzip'], ['x-agentcore-mcp-timeout-ms', '-1'], ['x-agentcore-mcp-timeout-ms', '1e3'],
  ['origin', 'null'], ['sec-fetch-site', 'none'], ['expect', '100-continue'], ['expect', 'miracles'],
  ['transfer-encoding', 'chunked'], ['transfer-encoding', 'gzip, chunked'], ['content-length', '0'],
  ['content-length', '999999999999'], ['x-amz-content-sha256', 'UNSIGNED-PAYLOAD'], ['x-amz-content-sha256', 'no hash'],
  ['x-amz-content-sha256', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'], ['host', ''], ['host', 'localhost, evil'],
  ['upgrade', 'h2c'], ['range', 'bytes=0-'], ['x-http-method-override', 'DELETE'], ['x', 'y'.repeat(20_000)],
];

/** Values that fit hardly anywhere. */
// biome-ignore format: one row is enough for several.
export const jsonJunk: unknown[] = [null, true, '', 'x', '\u0000', '\ud800', '\u{1f600}'.repeat(3000), 'a'.repeat(300_000), 0, -1, 1.5,
  1e300, -1e300, 2 ** 53, [], {}, [[]], [null], { '': null }, { a: { b: {} } }, JSON.parse('{"__proto__":{"x":1}}'),
  { constructor: {} }, { toString: 1 }, '2026-02-30T99:00:00Z', '====', nested(200)];

/** Whole bodies. */
// biome-ignore format: one row is enough for several.
export const bodyJunk = ['', 'null', '[]', '"', '{', '{}x', '{"a":}', '\u0000', '{"a":1}'.repeat(2), '[1', 'NaN', '{"\\ud800":1}',
  '['.repeat(100_000), `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`, '1'.repeat(100_000)];

function nested(depth: number): unknown {
  return depth === 0 ? 'x' : depth % 2 ? [nested(depth - 1)] : { a: nested(depth - 1) };
}
