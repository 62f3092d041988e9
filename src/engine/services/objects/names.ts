import { ObjectError } from './objects.ts';

const MAX_KEY_BYTES = 1024;
const reservedPrefixes = ['xn--', 'sthree-', 'amzn-s3-demo-'];
const reservedSuffixes = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3'];

/**
 * S3's rules for general purpose buckets: 3 to 63 lower-case letters, digits, dots and hyphens, with a letter or digit at
 * both ends, no two dots in a row, not like an IP address, none of the reserved beginnings and ends.
 * @throws ObjectError 400 `InvalidBucketName`.
 */
export function checkBucketName(name: string): void {
  const wellFormed =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes('..') &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
    !reservedPrefixes.some((prefix) => name.startsWith(prefix)) &&
    !reservedSuffixes.some((suffix) => name.endsWith(suffix));
  if (wellFormed) return;
  throw new ObjectError(
    'InvalidBucketName',
    400,
    `The bucket name ${JSON.stringify(name.slice(0, 64))} is not valid. It takes 3 to 63 lower-case letters, digits, dots and hyphens.`,
  );
}

/** @throws ObjectError 400 where the key is empty or has more than 1,024 bytes in UTF-8. */
export function checkKey(key: string): void {
  if (key === '') throw new ObjectError('InvalidArgument', 400, 'The key of an object cannot be empty.');
  const bytes = Buffer.byteLength(key);
  if (bytes <= MAX_KEY_BYTES) return;
  throw new ObjectError(
    'KeyTooLongError',
    400,
    `The key has ${bytes} bytes; at most ${MAX_KEY_BYTES} are allowed.`,
  );
}
