import { createHmac, timingSafeEqual } from 'node:crypto';
import { InvalidTokenError, type PageTokens } from './store.ts';

const SEAL_BYTES = 16;

/** Paging tokens: a position, and a seal that only this database makes. */
export class SealedTokens implements PageTokens {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  make(listing: readonly string[], position: Uint8Array): string {
    return Buffer.concat([position, this.#seal(listing, position)]).toString('base64url');
  }

  read(listing: readonly string[], token: string): Buffer {
    const bytes = Buffer.from(token, 'base64url');
    const position = bytes.subarray(0, -SEAL_BYTES);
    const seal = bytes.subarray(-SEAL_BYTES);
    const wellFormed = seal.length === SEAL_BYTES && bytes.toString('base64url') === token;
    if (!wellFormed || !timingSafeEqual(seal, this.#seal(listing, position))) {
      throw new InvalidTokenError('The nextToken was not made by this listing. Start again without one.');
    }
    return position;
  }

  #seal(listing: readonly string[], position: Uint8Array): Buffer {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify(listing))
      .update(position)
      .digest()
      .subarray(0, SEAL_BYTES);
  }
}
