/** The database cannot be used; the message says why and what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

const SQLITE_BUSY = 5;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_READONLY = 8;
const SQLITE_NOTADB = 26;

const remedies: Readonly<Record<number, string>> = {
  [SQLITE_BUSY]: 'Another program keeps it locked; close that program.',
  [SQLITE_READONLY]:
    'It is read-only for this user; correct its permissions or choose another data directory.',
  [SQLITE_IOERR]: 'The disk failed to read or write; check the disk and the free space on it.',
  [SQLITE_CORRUPT]: 'It is damaged; restore a copy, or move the file away to start empty.',
  [SQLITE_FULL]:
    'There is no room left for it; free space on its disk and try again. Nothing confirmed earlier is lost.',
  [SQLITE_CANTOPEN]: 'It cannot be opened; check that its folder exists and belongs to this user.',
  [SQLITE_NOTADB]: 'It is no SQLite database; move the file away to start empty.',
};

/** The primary result code of an error of SQLite. */
function resultCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}

export function isBusy(error: unknown): boolean {
  return resultCode(error) === SQLITE_BUSY;
}

/** Runs `work`; where the database itself is the problem, says so in words. Other errors pass. */
export function explaining<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_INVALID_STATE')
      throw new StoreError('The engine was reset or has ended during the call.', { cause: error });
    const remedy = remedies[resultCode(error) ?? 0];
    if (!remedy) throw error;
    throw new StoreError(`The database ${file}: ${(error as Error).message}. ${remedy}`, { cause: error });
  }
}
