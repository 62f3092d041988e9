import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { keptPrivately, type PrivateText } from '../../platform/private-file.ts';
import { createSeal, type Seal } from '../store/seal.ts';

/** The account that a caller without a choice of its own works in. */
export const defaultAccount = '000000000000';
/** The region that a caller without a choice of its own works in. */
export const defaultRegion = 'us-east-1';

/** An AWS key pair as the SDKs take it; the access key id is the account number. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

/** Everything that follows from the master key of a data directory. */
export interface Keys {
  /**
   * The secret access key of an account: 40 characters, always the same for one data directory.
   * @throws RangeError when `account` is not a number of 12 digits.
   */
  secretFor(account: string): string;
  credentials(account?: string): Credentials;
  /** Proves that whoever says `parts` can read the master key. */
  prove(purpose: Purpose, ...parts: string[]): string;
  verify(proof: string, purpose: Purpose, ...parts: string[]): boolean;
  /** For what nobody else may read. */
  seal: Seal;
}

/** What a proof is for, so that one never passes as another. */
export type Purpose = 'handshake' | 'shutdown' | 'http' | 'settings';

const KEY_BYTES = 32;
const SECRET_LENGTH = 40;

const keptKey: PrivateText = {
  what: `key of ${KEY_BYTES} bytes in hexadecimal`,
  make: () => randomBytes(KEY_BYTES).toString('hex'),
  isWhole: (text) => Buffer.from(text, 'hex').length === KEY_BYTES,
};

/**
 * The keys of a data directory. The first caller makes the master key, in a file only its owner can read; callers
 * racing for that get the same one.
 * @throws Error when the file belongs to another user, or holds no key.
 */
export function openKeys(dataDir: string): Keys {
  return deriveKeys(createSecretKey(keptPrivately(join(dataDir, 'master.key'), keptKey), 'hex'));
}

function deriveKeys(masterKey: KeyObject): Keys {
  const mac = (purpose: string, parts: string[]) =>
    createHmac('sha256', masterKey).update(JSON.stringify([purpose, ...parts]));

  const secretFor = (account: string) => {
    if (!/^\d{12}$/.test(account)) {
      throw new RangeError(`"${account}" is no account: an account number has exactly 12 digits`);
    }
    return mac('account', [account]).digest('base64url').slice(0, SECRET_LENGTH);
  };

  return {
    secretFor,
    seal: createSeal(createSecretKey(mac('seal', []).digest())),
    credentials: (account = defaultAccount) => ({
      accessKeyId: account,
      secretAccessKey: secretFor(account),
    }),
    prove: (purpose, ...parts) => mac(purpose, parts).digest('hex'),
    verify: (proof, purpose, ...parts) => {
      const expected = mac(purpose, parts).digest();
      const given = Buffer.from(proof, 'hex');
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}
