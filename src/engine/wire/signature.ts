import { timingSafeEqual } from 'node:crypto';
import type { Scope } from '../service.ts';
import { type HeaderValues, type SignedRequest, sha256Hex, signatureOf } from './canonical.ts';
import {
  type Claim,
  incomplete,
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
    const claim = readSignature(message);
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
    if (statedHash === undefined)
      return { scope, proven: false, checkBody: (body) => verify(sha256Hex(body)) };
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
      proven: true,
      checkBody() {},
    };
  };
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
