import {
  type HeaderValues,
  headerValues,
  type QueryPairs,
  queryPairs,
  type SignedRequest,
  splitTarget,
} from './canonical.ts';
import { unreadable, WireError } from './errors.ts';

const ALGORITHM = 'AWS4-HMAC-SHA256';
const MAX_EXPIRY_SECONDS = 7 * 24 * 3600;
export const UNSIGNED = 'UNSIGNED-PAYLOAD';
/** A body in signed or unsigned chunks, as S3 takes it. */
const STREAMING = /^STREAMING-[A-Z0-9-]{1,60}$/;
export const REGION = /^[a-z]{2,8}(-[a-z0-9]{1,16}){1,4}$/;

/** A request taken apart. */
export interface Message {
  method: string;
  path: string;
  query: QueryPairs;
  headers: HeaderValues;
  presigned: boolean;
}

/** What a request says about its signature. */
export interface Claim {
  credential: { accessKeyId: string; region: string; service: string; scope: string };
  signedHeaders: readonly string[];
  signature: string;
  /** `YYYYMMDDTHHMMSSZ` */
  date: string;
  /** Seconds a presigned request lives. */
  expires?: number;
  /** The body's hash, or how else the body is covered, where the request says so. */
  statedHash?: string;
}

export function readMessage(request: SignedRequest): Message {
  const { path, query } = splitTarget(request.url ?? '');
  const headers = headerValues(request.rawHeaders);
  let pairs: QueryPairs;
  try {
    pairs = queryPairs(query);
  } catch {
    throw unreadable('The query string is not percent-encoded UTF-8.');
  }
  return {
    method: request.method ?? '',
    path,
    headers,
    query: pairs,
    presigned: !headers.has('authorization') && parameter(pairs, 'X-Amz-Signature') !== undefined,
  };
}

/** @throws WireError 403 where the request is not signed, or says so in a way that cannot be understood. */
export function readSignature(message: Message): Claim {
  return message.presigned ? readPresigned(message) : readAuthorization(message);
}

function readAuthorization({ headers, query }: Message): Claim {
  const authorization = single(headers.get('authorization'), 'authorization');
  if (authorization === undefined && parameter(query, 'AWSAccessKeyId') !== undefined) {
    throw incomplete(
      "it is presigned in Signature Version 2; ask for version 4 (boto3: Config(signature_version='s3v4'))",
    );
  }
  if (authorization === undefined) {
    throw refusal(
      'MissingAuthenticationTokenException',
      'The request is not signed. Use an AWS SDK with the keys that "agentcore-mcp env" prints.',
    );
  }
  const [algorithm = '', ...rest] = authorization.trim().split(/\s+/);
  if (algorithm !== ALGORITHM) throw incomplete(`the Authorization header must start with ${ALGORITHM}`);
  const fields = new Map(
    rest
      .join('')
      .split(',')
      .map((field) => [field.slice(0, field.indexOf('=')), field.slice(field.indexOf('=') + 1)]),
  );
  return {
    ...readClaim({
      credential: fields.get('Credential'),
      signedHeaders: fields.get('SignedHeaders'),
      signature: fields.get('Signature'),
      date: single(headers.get('x-amz-date'), 'x-amz-date'),
    }),
    statedHash: readHash(single(headers.get('x-amz-content-sha256'), 'x-amz-content-sha256')),
  };
}

function readPresigned({ query, headers }: Message): Claim {
  const once = (name: string) =>
    single(
      query.filter(([key]) => key === name).map(([, value]) => value),
      name,
    );
  if (once('X-Amz-Algorithm') !== ALGORITHM) throw incomplete(`X-Amz-Algorithm must be ${ALGORITHM}`);
  const expires = once('X-Amz-Expires') ?? '';
  if (!/^\d{1,6}$/.test(expires) || Number(expires) < 1 || Number(expires) > MAX_EXPIRY_SECONDS) {
    throw incomplete(`X-Amz-Expires must be a number of seconds from 1 to ${MAX_EXPIRY_SECONDS}`);
  }
  return {
    ...readClaim({
      credential: once('X-Amz-Credential'),
      signedHeaders: once('X-Amz-SignedHeaders'),
      signature: once('X-Amz-Signature'),
      date: once('X-Amz-Date'),
    }),
    expires: Number(expires),
    statedHash: readHash(
      once('X-Amz-Content-Sha256') ?? single(headers.get('x-amz-content-sha256'), 'x-amz-content-sha256'),
    ),
  };
}

function readClaim(stated: {
  credential?: string;
  signedHeaders?: string;
  signature?: string;
  date?: string;
}): Claim {
  const { credential, signedHeaders, signature = '', date = '' } = stated;
  const [accessKeyId = '', day, region = '', service = '', end, ...more] = credential?.split('/') ?? [];
  if (!credential || !day || end !== 'aws4_request' || more.length > 0 || !REGION.test(region)) {
    throw incomplete('the credential must read <access key id>/<YYYYMMDD>/<region>/<service>/aws4_request');
  }
  if (!signedHeaders) throw incomplete('SignedHeaders is missing');
  if (!/^[0-9a-f]{64}$/.test(signature)) throw incomplete('the signature must be 64 hexadecimal digits');
  if (!/^\d{8}T\d{6}Z$/.test(date)) throw incomplete('X-Amz-Date must read YYYYMMDDTHHMMSSZ');
  if (!date.startsWith(day)) throw incomplete('the credential scope is of another day than X-Amz-Date');
  return {
    credential: { accessKeyId, region, service, scope: credential.slice(accessKeyId.length + 1) },
    signedHeaders: signedHeaders.split(';'),
    signature,
    date,
  };
}

function readHash(stated: string | undefined): string | undefined {
  if (
    stated === undefined ||
    stated === UNSIGNED ||
    /^[0-9a-f]{64}$/.test(stated) ||
    STREAMING.test(stated)
  ) {
    return stated;
  }
  throw incomplete(`x-amz-content-sha256 must be a SHA-256 in hexadecimal or ${UNSIGNED}`);
}

export function parameter(query: QueryPairs, name: string): string | undefined {
  return query.find(([key]) => key === name)?.[1];
}

function single(values: readonly string[] | undefined, name: string): string | undefined {
  if (values && values.length > 1) throw incomplete(`${name} is given more than once`);
  return values?.[0];
}

export function incomplete(reason: string): WireError {
  return refusal('IncompleteSignatureException', `The request is not properly signed: ${reason}.`);
}

/** A request signed too long ago, or in the future. */
export class ClockRefusal extends WireError {
  /** Whether a presigned request has outlived its time; otherwise the clocks differ. */
  readonly outlived: boolean;

  constructor(outlived: boolean, message: string) {
    super('InvalidSignatureException', 403, message);
    this.outlived = outlived;
  }
}

export function refusal(code: string, message: string): WireError {
  return new WireError(code, 403, message);
}
