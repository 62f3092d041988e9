import { type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Scope } from '../service.ts';
import {
  type HeaderValues,
  type PathRule,
  type SignedRequest,
  sha256Hex,
  signatureOf,
  signingKey,
} from './canonical.ts';
import {
  type Claim,
  ClockRefusal,
  incomplete,
  type Message,
  parameter,
  REGION,
  readMessage,
  readSignature,
  refusal,
  UNSIGNED,
} from './claim.ts';
import { shown } from './errors.ts';

/** A caller let in by its request head; its body is checked once it has been read. */
export interface Admission {
  scope: Scope;
  /** Whether the head alone has proved who calls; otherwise the signature covers a hash that only the body gives. */
  proven: boolean;
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

const MAX_SKEW_MS = 5 * 60_000;
const AUTHORITY = ':authority';

/** A request whose signature can be checked once the hash of its body is known. */
export interface Head {
  scope: Scope;
  claim: Claim;
  message: Message;
  /** The key it is signed with. */
  key: KeyObject;
  /** @throws WireError 403 `InvalidSignatureException` where this is not what was signed. */
  verify(bodyHash: string): void;
}

/**
 * Checks all of a request's signature but the signature itself. The access key id is the account, the region comes from
 * the credential scope. `host` and every `x-amz-*` header must be signed; the clocks may differ by five minutes; a
 * presigned request lives as long as it says, at most seven days.
 * @throws WireError 403
 */
export function readHead(
  request: SignedRequest,
  { secretFor, services = ['bedrock-agentcore'], now = Date.now }: SigV4Options,
  pathRule: PathRule,
): Head {
  const message = readMessage(request);
  const claim = readSignature(message);
  const { accessKeyId, region, service, scope } = claim.credential;
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
  const key = signingKey(secret, scope);
  return {
    scope: { account: accessKeyId, region },
    claim,
    message,
    key,
    verify(bodyHash) {
      const expected = signatureOf({
        method: message.method,
        path: message.path,
        pathRule,
        query: message.query.filter(([name]) => name !== 'X-Amz-Signature'),
        headers: message.headers,
        signedHeaders: claim.signedHeaders,
        bodyHash,
        date: claim.date,
        scope,
        key,
      });
      if (!timingSafeEqual(Buffer.from(expected), Buffer.from(claim.signature))) {
        throw refusal(
          'InvalidSignatureException',
          'The signature does not match the request. Check the secret key ("agentcore-mcp env" prints it), and that nothing changed the request on its way.',
        );
      }
    },
  };
}

/**
 * Verifies AWS Signature Version 4, in the Authorization header or as a presigned query, for every service but S3.
 *
 * A body is covered by its hash, stated in `x-amz-content-sha256` or not; `UNSIGNED-PAYLOAD` leaves it out.
 */
export function sigV4(options: SigV4Options): Authenticate {
  return (request) => {
    const { scope, claim, verify } = readHead(request, options, 'folded');
    const { statedHash } = claim;
    if (statedHash === undefined)
      return { scope, proven: false, checkBody: (body) => verify(sha256Hex(body)) };
    if (statedHash.startsWith('STREAMING')) throw incomplete('only S3 takes a body in signed chunks');
    verify(statedHash);
    return {
      scope,
      proven: true,
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
  return (request) => ({ scope: statedScope(readMessage(request), defaults), proven: true, checkBody() {} });
}

/** Account and region as a request says them, without any proof. */
export function statedScope({ headers, query }: Message, defaults: Scope): Scope {
  const stated =
    headers.get('authorization')?.[0]?.match(/Credential=([^,\s]+)/)?.[1] ??
    parameter(query, 'X-Amz-Credential') ??
    '';
  const [accessKeyId = '', , region = ''] = stated.split('/');
  return {
    account: /^\d{12}$/.test(accessKeyId) ? accessKeyId : defaults.account,
    region: REGION.test(region) ? region : defaults.region,
  };
}

function checkTime({ date, expires }: Claim, now: number): void {
  const signed = Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  const lifetime = expires === undefined ? MAX_SKEW_MS : expires * 1000;
  if (now - lifetime <= signed && signed <= now + MAX_SKEW_MS) return;
  const clock = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  const outlived = expires !== undefined && signed <= now;
  throw new ClockRefusal(
    outlived,
    !outlived
      ? `Signature expired or not yet valid: signed at ${date}, it is ${clock} here, and clocks may differ by 5 minutes. Set the clock right.`
      : `Signature expired: presigned at ${date} for ${expires} seconds, and it is ${clock} here.`,
  );
}

function checkSignedHeaders({ signedHeaders }: Claim, headers: HeaderValues): void {
  const needed = [...headers.keys()].filter((name) => name.startsWith('x-amz-'));
  // Over HTTP/2, AWS's JavaScript clients sign the pseudo-header instead.
  const host = signedHeaders.includes(AUTHORITY) ? AUTHORITY : 'host';
  for (const name of [host, ...needed]) {
    if (!signedHeaders.includes(name)) throw incomplete(`the header ${shown(name)} must be signed`);
  }
}
