import { inflateRawSync } from 'node:zlib';

const END = 0x06054b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const DEFLATED = 8;

/** The files of a zip that is in memory and known to be whole, each unpacked when it is asked for: far faster than as streams. */
export function filesOf(zip: Buffer): Map<string, () => Buffer> {
  const end = zip.length - END_BYTES;
  if (end < 0 || zip.readUInt32LE(end) !== END) throw new Error('It is no zip, or not a whole one.');
  const files = new Map<string, () => Buffer>();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const entry = zip.subarray(at);
    const nameBytes = entry.readUInt16LE(28);
    const name = entry.toString('utf8', ENTRY_BYTES, ENTRY_BYTES + nameBytes);
    files.set(name, () => unpacked(zip, entry));
    at += ENTRY_BYTES + nameBytes + entry.readUInt16LE(30) + entry.readUInt16LE(32);
  }
  return files;
}

function unpacked(zip: Buffer, entry: Buffer): Buffer {
  const local = zip.subarray(entry.readUInt32LE(42));
  const start = LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28);
  const packed = local.subarray(start, start + entry.readUInt32LE(20));
  return entry.readUInt16LE(10) === DEFLATED
    ? inflateRawSync(packed, { chunkSize: Math.max(entry.readUInt32LE(24), 64) })
    : packed;
}
