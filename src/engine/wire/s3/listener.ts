import { randomBytes } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, validateHeaderValue } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Log } from '../../log.ts';
import type { Objects } from '../../services/objects/object-store.ts';
import { ObjectError } from '../../services/objects/objects.ts';
import { headerValues, queryPairs, splitTarget } from '../canonical.ts';
import { refuseForeign } from '../foreign.ts';
import type { S3Authenticate } from './authenticate.ts';
import { readBody } from './body.ts';
import type { S3Answer, S3Call } from './call.ts';
import { s3Error } from './errors.ts';
import { findOperation } from './operations.ts';
import { xmlDocument } from './xml.ts';

export interface S3Options {
  objects: Objects;
  authenticate: S3Authenticate;
  /** The Host headers let in, e.g. `127.0.0.1:4000`; asked for each request. */
  hosts(request: IncomingMessage): readonly string[];
  /** How long a body may stand still, in milliseconds; half a minute unless told otherwise. */
  idleMs?: number;
  log: Log;
}

/**
 * A request listener for `node:http` that speaks the part of S3 with which objects are uploaded and fetched. Buckets are
 * in the path (`/bucket/key`), never in the host name. Every answer carries `x-amz-request-id`.
 *
 * Requests from browsers and for a Host that is not listed are refused. Bodies go to the disk as they come and count only
 * when they end as they were signed and stated. Any other operation of S3 is answered 501 `NotImplemented` with its name.
 */
export function createS3Listener(
  options: S3Options,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    answer(options, request, response).catch((error) => {
      options.log.error('An answer of S3 could not be made', { error });
      response.destroy();
    });
  };
}

async function answer(options: S3Options, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  const onError = (error: unknown) => options.log.error('A request to S3 failed', { requestId, error });
  response.on('error', (error) => options.log.debug('An answer could not be sent', { requestId, error }));
  request.on('error', () => {});
  response.setHeader('x-amz-request-id', requestId);
  try {
    refuseForeign(headerValues(request.rawHeaders), options.hosts(request));
    const { scope, payload } = options.authenticate(request);
    const parts = readRequest(request);
    const run = await findOperation(request.method ?? '', parts);
    checkOwner(parts.values.get('x-amz-expected-bucket-owner'), scope.account);
    const { objects, idleMs } = options;
    await send(
      response,
      await run({
        ...parts,
        objects,
        scope,
        body: ({ maxBytes, values = parts.values } = {}) =>
          readBody(request, payload, values, { maxBytes, idleMs }),
      }),
    );
  } catch (error) {
    sendError(request, response, s3Error(error, onError), requestId);
  }
}

/** @throws ObjectError 400 `InvalidURI` where the path is not percent-encoded UTF-8. */
function readRequest(request: IncomingMessage): Pick<S3Call, 'bucket' | 'key' | 'query' | 'values'> {
  const { path, query: rawQuery } = splitTarget(request.url ?? '');
  const [, rawBucket = '', rawKey = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  const query = new Map(queryPairs(rawQuery));
  const standIns = [...query]
    .map(([name, value]): [string, string] => [name.toLowerCase(), value])
    .filter(([name]) => name.startsWith('x-amz-'));
  const headers = [...headerValues(request.rawHeaders)].map(([name, values]): [string, string] => [
    name,
    values.join(','),
  ]);
  try {
    const [bucket, key] = [decodeURIComponent(rawBucket), decodeURIComponent(rawKey)];
    return { bucket, key, query, values: new Map([...standIns, ...headers]) };
  } catch {
    throw new ObjectError('InvalidURI', 400, 'The path is not percent-encoded UTF-8.');
  }
}

function checkOwner(expected: string | undefined, account: string): void {
  if (expected === undefined || expected === account) return;
  throw new ObjectError('AccessDenied', 403, `The bucket belongs to ${account}, not to ${expected}.`);
}

async function send(response: ServerResponse, { status = 200, headers = {}, body }: S3Answer): Promise<void> {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderValue(name, value);
    } catch {
      throw new ObjectError('InvalidArgument', 400, `The value for ${name} cannot be sent as a header.`);
    }
  }
  if (typeof body === 'string') return sendDocument(response, status, body, headers);
  response.writeHead(status, headers);
  if (body === undefined) {
    response.end();
    return;
  }
  // A client that has gone, or content that cannot be read, ends the connection.
  await pipeline(body, response).catch(() => response.destroy());
}

function sendDocument(
  response: ServerResponse,
  status: number,
  document: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(document),
  });
  response.end(document);
}

/** A refused body is still read and dropped, so that the client gets to see the answer; a stalled one is not waited for. */
function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  { code, status, message }: ObjectError,
  requestId: string,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { path } = splitTarget(request.url ?? '');
  const document = xmlDocument(
    'Error',
    { Code: code, Message: message, Resource: path, RequestId: requestId },
    false,
  );
  sendDocument(response, status, document, code === 'RequestTimeout' ? { connection: 'close' } : {});
}
