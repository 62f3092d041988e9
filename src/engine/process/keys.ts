import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, linkSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

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
}

/** What a proof is for, so that one never passes as another. */
export type Purpose = 'handshake' | 'shutdown';

const KEY_BYTES = 32;
const SECRET_LENGTH = 40;

/**
 * The keys of a data directory. The first caller makes the master key, in a file only its owner can read; callers
 * racing for that get the same one.
 * @throws Error when the file belongs to another user, or holds no key.
 */
export function openKeys(dataDir: string): Keys {
  const file = join(dataDir, 'master.key');
  return deriveKeys(readMasterKey(file) ?? makeMasterKey(file));
}

function deriveKeys(masterKey: Buffer): Keys {
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

function readMasterKey(file: string): Buffer | undefined {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (!stat) return undefined;
  if (process.getuid && stat.uid !== process.getuid()) {
    throw new Error(
      `${file} belongs to another user (uid ${stat.uid}), who could forge every signature. ${REMEDY}`,
    );
  }
  if (!stat.isFile()) throw new Error(`${file} is not a regular file. ${REMEDY}`);
  if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) chmodSync(file, 0o600);
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'hex');
  if (key.length !== KEY_BYTES) {
    throw new Error(`${file} holds no key of ${KEY_BYTES} bytes in hexadecimal. ${REMEDY}`);
  }
  return key;
}

const REMEDY = 'Remove it, and a new one is made; or choose another data directory.';

/** Written aside and linked into place, so that nobody ever reads half a key and the first one wins. */
function makeMasterKey(file: string): Buffer {
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  writeFileSync(aside, `${randomBytes(KEY_BYTES).toString('hex')}\n`, {
    mode: 0o600,
    flag: 'wx',
    flush: true,
  });
  try {
    linkSync(aside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
  const key = readMasterKey(file);
  if (!key)
    throw new Error(`${file} disappeared while it was being made. Is something else cleaning up there?`);
  return key;
}
