import type { ObjectInfo } from './objects.ts';
import { infoOf, type ObjectRows } from './rows.ts';

/** What of a bucket to list. */
export interface ListRequest {
  prefix?: string;
  /** Keys that have it after the prefix are rolled up to their common prefix. */
  delimiter?: string;
  /** Only what comes after this key. */
  startAfter?: string;
  /** Of an earlier page; overrules `startAfter`. */
  from?: Buffer;
  /** 1 to 1,000. */
  maxKeys: number;
}

/** One page, keys and prefixes in the order of their UTF-8 bytes. */
export interface Listing {
  objects: ObjectInfo[];
  commonPrefixes: string[];
  /** Where the next page starts; absent on the last one. */
  next?: Buffer;
  /** The last key or common prefix of the page. */
  last?: string;
}

const BATCH = 1000;

/** Lists a bucket as S3 does; a common prefix counts like a key. */
export function listObjects(
  rows: ObjectRows,
  bucket: { account: string; name: string },
  { prefix = '', delimiter = '', startAfter, from, maxKeys }: ListRequest,
): Listing {
  const listing: Listing = { objects: [], commonPrefixes: [] };
  let position = laterOf(Buffer.from(prefix), from ?? (startAfter ? after(startAfter) : Buffer.alloc(0)));
  for (;;) {
    const batch = rows.objects(bucket.account, bucket.name, position, BATCH);
    for (const row of batch) {
      const key = row.key.toString();
      if (row.key.compare(position) < 0) continue;
      if (!key.startsWith(prefix)) return listing;
      if (listing.objects.length + listing.commonPrefixes.length === maxKeys) {
        return { ...listing, next: position };
      }
      const common = commonPrefixOf(key, prefix, delimiter);
      if (common === undefined) {
        listing.objects.push(infoOf(bucket.name, key, row));
        position = after(key);
      } else {
        listing.commonPrefixes.push(common);
        position = afterAllOf(common);
      }
      listing.last = common ?? key;
    }
    if (batch.length < BATCH) return listing;
  }
}

/** What a key is rolled up to, if it is. */
export function commonPrefixOf(key: string, prefix: string, delimiter: string): string | undefined {
  const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

/** The first possible key after this one. */
export function after(key: string): Buffer {
  return Buffer.concat([Buffer.from(key), Buffer.alloc(1)]);
}

/** The first possible key after all that start like this. UTF-8 has no byte 255, so the last byte can be counted up. */
export function afterAllOf(prefix: string): Buffer {
  const bytes = Buffer.from(prefix);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) + 1;
  return bytes;
}

function laterOf(a: Buffer, b: Buffer): Buffer {
  return a.compare(b) < 0 ? b : a;
}
