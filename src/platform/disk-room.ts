import { statfs } from 'node:fs/promises';

/** What is left alone of a disk, in bytes: a full one stops everything else on the machine, too. */
export const RESERVE_BYTES = 512 * 1024 ** 2;

/** Whether the disk of a folder has no more room than its reserve. */
export async function isDiskLow(folder: string, reserveBytes = RESERVE_BYTES): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize < reserveBytes;
}
