import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Log } from '../../log.ts';
import type { Objects } from '../../services/objects/object-store.ts';
import { ObjectError } from '../../services/objects/objects.ts';
import { IDLE_MS } from '../body.ts';
import { headerValues, queryPairs, splitTarget } from '../canonical.ts';
import { refuseForeign } from '../foreign.ts';
import { checkHeaders } from './attributes.ts';
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

const CLIENT_GONE = 'ERR_STREAM_PREMATURE_CLOSE';

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

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  requestId: string;
  idleMs: number | undefined;
}

async function answer(options: S3Options, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { objects, idleMs } = options;
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  const onError = (error: unknown) => options.log.error('A request to S3 failed', { requestId, error });
  response.on('error', (error) => options.log.debug('An answer could not be sent', { requestId, error }));
  request.on('error', () => {});
  response.setHeader('x-amz-request-id', requestId);
  try {
    refuseForeign(request, headerValues(request.rawHeaders), options.hosts(request));
    const { scope, payload } = options.authenticate(request);
    const parts = readRequest(request);
    const run = await findOperation(request.method ?? '', parts);
    checkOwner(parts.values.get('x-amz-expected-bucket-owner'), scope.account);
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
    await sendError({ request, response, requestId, idleMs }, s3Error(error, onError));
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
  checkHeaders(headers);
  if (body === undefined || typeof body === 'string') {
    response.writeHead(status, body === undefined ? headers : { ...headers, ...headOf(body) });
    response.end(body);
    return;
  }
  response.writeHead(status, headers);
  try {
    await pipeline(body, response);
  } catch (error) {
    response.destroy();
    if ((error as NodeJS.ErrnoException).code !== CLIENT_GONE) throw error;
  }
}

/**
 * Sends an error. A refused body is still read and dropped before the connection may close, so that the client gets to see
 * the answer; a stalled one is not waited for.
 */
async function sendError(
  { request, response, requestId, idleMs }: Exchange,
  { code, status, message }: ObjectError,
): Promise<void> {
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
  const stalled = code === 'RequestTimeout';
  response.writeHead(status, { ...headOf(document), ...(stalled && { connection: 'close' }) });
  response.write(document);
  if (!stalled) await drained(request, idleMs);
  response.end();
}

function headOf(document: string): Record<string, string | number> {
  return { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(document) };
}

/** Resolves when all of a request has come, or nothing more comes for a while. */
async function drained(request: IncomingMessage, idleMs = IDLE_MS): Promise<void> {
  if (request.readableEnded || request.destroyed) return;
  await new Promise<void>((resolve) => {
    const idle = setTimeout(resolve, idleMs);
    const done = () => {
      clearTimeout(idle);
      resolve();
    };
    request
      .on('data', () => idle.refresh())
      .once('end', done)
      .once('close', done);
  });
}
