import { closeSync, openSync, readdirSync, readFileSync, readSync, statfsSync } from 'node:fs';

const KiB = 1024;

/** What an inode of a file system in memory takes of the kernel's own memory, in bytes. */
const INODE = 2 * KiB;
/** The most that can wait in the buffers of one local socket. */
const SOCKET_BUFFERS = 416 * KiB;
/** What a mapping takes of it, in bytes. */
const MAPPING = 256;
/** What is read of the lists of mappings of all processes together, in bytes; one of Python and pandas has 70,000. */
const MAX_MAPS = 24 * KiB ** 2;
/** The kernel gives no more of such a list at once. */
const LIST_CHUNK = 4 * KiB;

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** The beginning of a file; empty where it cannot be read. */
function readUpTo(path: string, bytes: number): string {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const chunks: Buffer[] = [];
    for (let left = bytes; left > 0; ) {
      const chunk = Buffer.allocUnsafe(Math.min(left, LIST_CHUNK));
      const size = readSync(file, chunk);
      if (size === 0) break;
      chunks.push(chunk.subarray(0, size));
      left -= size;
    }
    return Buffer.concat(chunks).toString('latin1');
  } catch {
    return '';
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, number) => total + number, 0);

/** A process and everything below it; processes that end meanwhile are left out. */
export function descendants(root: number): number[] {
  const found: number[] = [];
  const waiting = [root];
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    found.push(pid);
    waiting.push(...children(pid));
  }
  return found;
}

function children(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readOrEmpty(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

const kilobytes = (text: string, fields: RegExp) =>
  KiB * sum(Array.from(text.matchAll(fields), ([, amount]) => Number(amount)));

/** Anonymous memory and page tables of processes, in RAM or swapped out, in bytes. Counts again what a fork shares. */
export function residentMemory(pids: readonly number[]): number {
  const fields = /^(?:RssAnon|VmPTE|VmSwap):\s+(\d+) kB/gm;
  return sum(pids.map((pid) => kilobytes(readOrEmpty(`/proc/${pid}/status`), fields)));
}

/** The same with pages that processes share counted once. Takes long, so it is for confirming. */
export function proportionalMemory(pids: readonly number[]): number {
  const own = (pid: number) => {
    const rollup = readOrEmpty(`/proc/${pid}/smaps_rollup`);
    if (!rollup) return residentMemory([pid]);
    const pageTables = kilobytes(readOrEmpty(`/proc/${pid}/status`), /^VmPTE:\s+(\d+) kB/gm);
    return pageTables + kilobytes(rollup, /^(?:Pss_Anon|SwapPss):\s+(\d+) kB/gm);
  };
  return sum(pids.map(own));
}

/**
 * What mappings hold: anonymous memory that is shared, which stays when it is resident in none, so its whole size counts,
 * once; and what the kernel keeps for each mapping. Infinity where there are more than can be looked through in time.
 */
export function mappedMemory(pids: readonly number[]): number {
  const sizes = new Map<string, number>();
  const shared =
    /^([0-9a-f]+)-([0-9a-f]+) .... ([0-9a-f]+) (\S+ \d+) +(?:\/dev\/zero|\/SYSV|\/memfd:).*\(deleted\)$/gm;
  let mappings = 0;
  let room = MAX_MAPS;
  for (const pid of pids) {
    const maps = readUpTo(`/proc/${pid}/maps`, room);
    room -= maps.length;
    if (room === 0) return Number.POSITIVE_INFINITY;
    for (let end = maps.indexOf('\n'); end >= 0; end = maps.indexOf('\n', end + 1)) mappings++;
    for (const [, start, end, offset, object] of maps.matchAll(shared)) {
      const reach = hex(offset) + hex(end) - hex(start);
      sizes.set(object as string, Math.max(reach, sizes.get(object as string) ?? 0));
    }
  }
  return MAPPING * mappings + sum(sizes.values());
}

/** What the kernel keeps for the sockets of the network namespace that a process is in. */
export function socketMemory(pid: number): number {
  const [, used] = /^sockets: used (\d+)/m.exec(readOrEmpty(`/proc/${pid}/net/sockstat`)) ?? [];
  const queued = ['tcp', 'tcp6'].flatMap((kind) =>
    Array.from(
      readOrEmpty(`/proc/${pid}/net/${kind}`).matchAll(/ ([0-9A-F]{8}):([0-9A-F]{8}) \d\d:/g),
      ([, sending, received]) => hex(sending) + hex(received),
    ),
  );
  return Number(used ?? 0) * SOCKET_BUFFERS + sum(queued);
}

/** What the kernel keeps for the names and inodes of file systems in memory, as a process sees them. */
export function inodeMemory(pid: number, folders: readonly string[]): number {
  const inodes = (folder: string) => {
    try {
      const { files, ffree } = statfsSync(`/proc/${pid}/root${folder}`);
      return files - ffree;
    } catch {
      return 0;
    }
  };
  return INODE * sum(folders.map(inodes));
}

const hex = (text: string | undefined) => Number.parseInt(text as string, 16);
