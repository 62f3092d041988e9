import { timingSafeEqual } from 'node:crypto';
import type { Scope } from '../service.ts';
import {
  type HeaderValues,
  headerValues,
  type QueryPairs,
  queryPairs,
  type SignedRequest,
  sha256Hex,
  signatureOf,
  splitTarget,
} from './canonical.ts';
import { shown, unreadable, WireError } from './errors.ts';

/** A caller let in by its request head; its body is checked once it has been read. */
export interface Admission {
  scope: Scope;
  /** @throws WireError 403 `InvalidSignatureException` where this is not the body that was signed. */
  checkBody(body: Uint8Array): void;
}

/** @throws WireError 403 saying what is wrong with the signature. */
export type Authenticate = (request: SignedRequest) => Admission;

export interface SigV4Options {
  /** The secret of an access key id of 12 digits, or undefined where there is no such account. */
  secretFor(accessKeyId: string): string | undefined;
  /** Service names a credential scope may carry; both AgentCore planes sign as `bedrock-agentcore`. */
  services?: readonly string[];
  /** Milliseconds since the epoch. */
  now?(): number;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const UNSIGNED = 'UNSIGNED-PAYLOAD';
const MAX_SKEW_MS = 5 * 60_000;
const MAX_EXPIRY_SECONDS = 7 * 24 * 3600;

/**
 * Verifies AWS Signature Version 4, in the Authorization header or as a presigned query. The access key id is the
 * account, the region comes from the credential scope. `host` and every `x-amz-*` header must be signed; the clocks may
 * differ by five minutes; a presigned request lives as long as it says, at most seven days.
 *
 * A body is covered by its hash, stated in `x-amz-content-sha256` or not; `UNSIGNED-PAYLOAD` leaves it out.
 */
export function sigV4({
  secretFor,
  services = ['bedrock-agentcore'],
  now = Date.now,
}: SigV4Options): Authenticate {
  return (request) => {
    const message = readMessage(request);
    const claim = message.presigned ? readPresigned(message) : readAuthorization(message);
    const { accessKeyId, region, service } = claim.credential;
    const secret = /^\d{12}$/.test(accessKeyId) ? secretFor(accessKeyId) : undefined;
    if (secret === undefined) {
      throw refusal(
        'UnrecognizedClientException',
        `The access key id ${shown(accessKeyId)} is not known here. Use the keys that "agentcore-mcp env" prints, and unset AWS_PROFILE.`,
      );
    }
    if (!services.includes(service)) {
      throw refusal(
        'InvalidSignatureException',
        `The credential is scoped to the service ${shown(service)}; expected ${services.join(' or ')}.`,
      );
    }
    checkTime(claim, now());
    checkSignedHeaders(claim, message.headers);

    const verify = (bodyHash: string) => {
      const expected = signatureOf({
        method: message.method,
        path: message.path,
        query: message.query.filter(([name]) => name !== 'X-Amz-Signature'),
        headers: message.headers,
        signedHeaders: claim.signedHeaders,
        bodyHash,
        date: claim.date,
        scope: claim.credential.scope,
        secret,
      });
      if (!timingSafeEqual(Buffer.from(expected), Buffer.from(claim.signature))) {
        throw refusal(
          'InvalidSignatureException',
          'The signature does not match the request. Check the secret key ("agentcore-mcp env" prints it), and that nothing changed the request on its way.',
        );
      }
    };
    const scope = { account: accessKeyId, region };
    const { statedHash } = claim;
    if (statedHash === undefined) return { scope, checkBody: (body) => verify(sha256Hex(body)) };
    verify(statedHash);
    return {
      scope,
      checkBody(body) {
        if (statedHash !== UNSIGNED && sha256Hex(body) !== statedHash) {
          throw refusal(
            'InvalidSignatureException',
            'The body is not the one that was signed: its SHA-256 differs.',
          );
        }
      },
    };
  };
}

/**
 * Lets every caller in; for test rigs. The account is the access key id where that has 12 digits, the region that of
 * the credential scope; what the request does not say is taken from `defaults`.
 */
export function noAuth(defaults: Scope): Authenticate {
  return (request) => {
    const { headers, query } = readMessage(request);
    const stated =
      headers.get('authorization')?.[0]?.match(/Credential=([^,\s]+)/)?.[1] ??
      parameter(query, 'X-Amz-Credential') ??
      '';
    const [accessKeyId = '', , region = ''] = stated.split('/');
    return {
      scope: {
        account: /^\d{12}$/.test(accessKeyId) ? accessKeyId : defaults.account,
        region: REGION.test(region) ? region : defaults.region,
      },
      checkBody() {},
    };
  };
}

const REGION = /^[a-z]{2,}(-[a-z0-9]+)+$/;

interface Message {
  method: string;
  path: string;
  query: QueryPairs;
  headers: HeaderValues;
  presigned: boolean;
}

/** What a request says about its signature. */
interface Claim {
  credential: { accessKeyId: string; region: string; service: string; scope: string };
  signedHeaders: readonly string[];
  signature: string;
  /** `YYYYMMDDTHHMMSSZ` */
  date: string;
  /** Seconds a presigned request lives. */
  expires?: number;
  /** The body's hash where the request states one. */
  statedHash?: string;
}

function readMessage(request: SignedRequest): Message {
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

function readAuthorization({ headers }: Message): Claim {
  const authorization = single(headers.get('authorization'), 'authorization');
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
  if (stated === undefined || stated === UNSIGNED || /^[0-9a-f]{64}$/.test(stated)) return stated;
  throw incomplete(`x-amz-content-sha256 must be a SHA-256 in hexadecimal or ${UNSIGNED}`);
}

function checkTime({ date, expires }: Claim, now: number): void {
  const signed = Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  const lifetime = expires === undefined ? MAX_SKEW_MS : expires * 1000;
  if (now - lifetime <= signed && signed <= now + MAX_SKEW_MS) return;
  const clock = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  throw refusal(
    'InvalidSignatureException',
    expires === undefined || signed > now
      ? `Signature expired or not yet valid: signed at ${date}, it is ${clock} here, and clocks may differ by 5 minutes. Set the clock right.`
      : `Signature expired: presigned at ${date} for ${expires} seconds, and it is ${clock} here.`,
  );
}

function checkSignedHeaders({ signedHeaders }: Claim, headers: HeaderValues): void {
  const needed = [...headers.keys()].filter((name) => name.startsWith('x-amz-'));
  for (const name of ['host', ...needed]) {
    if (!signedHeaders.includes(name)) throw incomplete(`the header ${shown(name)} must be signed`);
  }
}

function parameter(query: QueryPairs, name: string): string | undefined {
  return query.find(([key]) => key === name)?.[1];
}

function single(values: readonly string[] | undefined, name: string): string | undefined {
  if (values && values.length > 1) throw incomplete(`${name} is given more than once`);
  return values?.[0];
}

function incomplete(reason: string): WireError {
  return refusal('IncompleteSignatureException', `The request is not properly signed: ${reason}.`);
}

function refusal(code: string, message: string): WireError {
  return new WireError(code, 403, message);
}
