import type { Scope } from '../../service.ts';
import { ObjectError } from '../../services/objects/objects.ts';
import type { SignedRequest } from '../canonical.ts';
import { readMessage, UNSIGNED } from '../claim.ts';
import { readHead, type SigV4Options, statedScope } from '../signature.ts';
import { ChunkChain } from './chunk-chain.ts';

/** How a body is sent, and by what it is covered. */
export type Payload =
  | {
      encoding: 'plain';
      /** In hexadecimal, where the content is covered. */
      sha256?: string;
    }
  | {
      encoding: 'chunks';
      /** Whether headers come after the last chunk. */
      trailer: boolean;
      /** Where the chunks are signed. */
      chain?: ChunkChain;
    };

/** A caller let in. The request's head is proved; its body is yet to be read by the rules of the payload. */
export interface S3Admission {
  scope: Scope;
  payload: Payload;
}

/** @throws WireError or ObjectError saying what is wrong with the signature. */
export type S3Authenticate = (request: SignedRequest) => S3Admission;

const CHUNKS = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
const TRAILER = '-TRAILER';
const UNSIGNED_CHUNKS = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';

/**
 * Verifies AWS Signature Version 4 for S3, in the Authorization header or as a presigned query. The head says how the body
 * is covered: by its hash, by a chain of signed chunks, or not at all.
 */
export function s3SigV4(options: Omit<SigV4Options, 'services'>): S3Authenticate {
  return (request) => {
    const { scope, claim, message, key, verify } = readHead(
      request,
      { ...options, services: ['s3'] },
      'plain',
    );
    const stated = claim.statedHash ?? (message.presigned ? UNSIGNED : undefined);
    if (stated === undefined) {
      throw new ObjectError(
        'InvalidRequest',
        400,
        'Missing required header for this request: x-amz-content-sha256',
      );
    }
    try {
      verify(stated);
    } catch (error) {
      if (!(error instanceof URIError)) throw error;
      throw new ObjectError('InvalidURI', 400, 'The path is not percent-encoded UTF-8.');
    }
    const chain = new ChunkChain({
      key,
      seed: claim.signature,
      date: claim.date,
      scope: claim.credential.scope,
    });
    return { scope, payload: payloadOf(stated, chain) };
  };
}

/** Lets every caller in; for test rigs. Bodies are still decoded, and compared with hashes that are stated. */
export function s3NoAuth(defaults: Scope): S3Authenticate {
  return (request) => {
    const message = readMessage(request);
    const stated = message.headers.get('x-amz-content-sha256')?.[0] ?? UNSIGNED;
    return { scope: statedScope(message, defaults), payload: payloadOf(stated) };
  };
}

function payloadOf(stated: string, chain?: ChunkChain): Payload {
  if (stated === UNSIGNED) return { encoding: 'plain' };
  if (stated === UNSIGNED_CHUNKS) return { encoding: 'chunks', trailer: true };
  if (stated === CHUNKS || stated === CHUNKS + TRAILER) {
    return { encoding: 'chunks', trailer: stated.endsWith(TRAILER), ...(chain && { chain }) };
  }
  if (/^[0-9a-f]{64}$/.test(stated)) return { encoding: 'plain', sha256: stated };
  throw new ObjectError('NotImplemented', 501, `A body sent as ${stated} is not read here.`);
}
