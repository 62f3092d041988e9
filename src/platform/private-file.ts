import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** What is kept in a private file. */
export interface PrivateText {
  /** In words, for errors: `key of 32 bytes in hexadecimal`. */
  what: string;
  make(): string;
  /** Whether a text, without the white space around it, is such a thing. */
  isWhole(text: string): boolean;
}

const REMEDY = 'Remove it, and a new one is made; or choose another data directory.';

/**
 * The text of a file that only its owner can read, without the white space around it. The first caller makes it;
 * callers racing for that, also in different processes, get the same one. The folder must be there, and others must not
 * be able to write to it.
 * @throws Error when the file belongs to another user, is not a regular file, or does not hold what it should.
 */
export function keptPrivately(file: string, kept: PrivateText): string {
  const text = read(file, kept) ?? make(file, kept);
  if (text !== undefined) return text;
  throw new Error(`${file} disappeared while it was being made. Is something else cleaning up there?`);
}

function read(file: string, { what, isWhole }: PrivateText): string | undefined {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (!stat) return undefined;
  if (process.getuid && stat.uid !== process.getuid()) {
    throw new Error(
      `${file} belongs to another user (uid ${stat.uid}), who knows the ${what} in it. ${REMEDY}`,
    );
  }
  if (!stat.isFile()) throw new Error(`${file} is not a regular file. ${REMEDY}`);
  if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) chmodSync(file, 0o600);
  const text = readFileSync(file, 'utf8').trim();
  if (!isWhole(text)) throw new Error(`${file} holds no ${what}. ${REMEDY}`);
  return text;
}

/** Written aside and linked into place, so that nobody ever reads half of it and the first one wins. */
function make(file: string, kept: PrivateText): string | undefined {
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(aside, `${kept.make()}\n`, { mode: 0o600, flag: 'wx', flush: true });
    linkSync(aside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
  return read(file, kept);
}
