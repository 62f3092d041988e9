import { type KeyObject, timingSafeEqual } from 'node:crypto';
import { ObjectError } from '../../services/objects/objects.ts';
import { hmac, sha256Hex } from '../canonical.ts';

/** What the signatures of chunks start from. */
export interface ChainStart {
  key: KeyObject;
  /** The signature of the request's head. */
  seed: string;
  /** `YYYYMMDDTHHMMSSZ` */
  date: string;
  /** The credential scope. */
  scope: string;
}

const EMPTY_HASH = sha256Hex('');

/** The signatures of a body's chunks, each of which covers the one before. */
export class ChunkChain {
  readonly #start: ChainStart;
  #previous: string;

  constructor(start: ChainStart) {
    this.#start = start;
    this.#previous = start.seed;
  }

  /**
   * @param hash The SHA-256 of the chunk's data, in hexadecimal.
   * @throws ObjectError 403 `SignatureDoesNotMatch`.
   */
  checkChunk(hash: string, signature: string): void {
    this.#check('AWS4-HMAC-SHA256-PAYLOAD', [EMPTY_HASH, hash], signature);
  }

  /** @param trailer Its headers as `name:value` and a line feed each. */
  checkTrailer(trailer: string, signature: string): void {
    this.#check('AWS4-HMAC-SHA256-TRAILER', [sha256Hex(trailer)], signature);
  }

  #check(algorithm: string, hashes: readonly string[], signature: string): void {
    const { key, date, scope } = this.#start;
    const expected = hmac(key, [algorithm, date, scope, this.#previous, ...hashes].join('\n')).toString(
      'hex',
    );
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !timingSafeEqual(given, Buffer.from(expected))) {
      throw new ObjectError(
        'SignatureDoesNotMatch',
        403,
        'A chunk of the body is not the one that was signed.',
      );
    }
    this.#previous = expected;
  }
}
