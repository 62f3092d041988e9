import { createHash } from 'node:crypto';
import { ObjectError } from '../../services/objects/objects.ts';
import type { Payload } from './authenticate.ts';
import type { Values } from './body.ts';
import { newChecksum } from './checksums.ts';

/** Something to be found right about a body. */
export interface Check {
  update(chunk: Uint8Array): void;
  /**
   * @param trailer Headers after the body.
   * @throws ObjectError 400 where the body is another one.
   */
  verify(trailer: ReadonlyMap<string, string>): void;
}

const PREFIX = 'x-amz-checksum-';
/** Headers that begin like this and state no checksum. */
const notChecksums = ['algorithm', 'type', 'mode'];

/** That the body has the hash that was signed. */
export function payloadCheck(payload: Payload): Check[] {
  if (payload.encoding !== 'plain' || payload.sha256 === undefined) return [];
  const { sha256 } = payload;
  const hash = createHash('sha256');
  return [
    {
      update: (chunk) => void hash.update(chunk),
      verify() {
        if (hash.digest('hex') === sha256) return;
        throw new ObjectError(
          'XAmzContentSHA256Mismatch',
          400,
          "The provided 'x-amz-content-sha256' header does not match what was computed.",
        );
      },
    },
  ];
}

/**
 * That the body has the checksums its sender states, before or after it.
 * @param found Takes those that are right, by algorithm.
 * @throws ObjectError 400 `InvalidDigest`, 501 for an algorithm that is not known here.
 */
export function statedChecks(values: Values, found: Record<string, string>): Check[] {
  return [
    ...md5Check(values.get('content-md5')),
    ...statedChecksums(values).map(([name, value]) => checksumCheck(name, found, () => value)),
    ...promisedChecksums(values).map((name) =>
      checksumCheck(name, found, (trailer) => trailer.get(PREFIX + name)),
    ),
  ];
}

/** Checksums stated in the head, by algorithm, in base64. */
export function statedChecksums(values: Values): [name: string, value: string][] {
  return [...values]
    .filter(([header]) => header.startsWith(PREFIX))
    .map(([header, value]): [string, string] => [header.slice(PREFIX.length), value])
    .filter(([name]) => !notChecksums.includes(name));
}

/** The algorithms of checksums that are to come after the body. */
function promisedChecksums(values: Values): string[] {
  return (values.get('x-amz-trailer') ?? '')
    .split(',')
    .map((header) => header.trim().toLowerCase())
    .filter((header) => header.startsWith(PREFIX))
    .map((header) => header.slice(PREFIX.length));
}

function md5Check(stated: string | undefined): Check[] {
  if (stated === undefined) return [];
  if (!/^[A-Za-z0-9+/]{22}==$/.test(stated)) {
    throw new ObjectError('InvalidDigest', 400, 'The Content-MD5 you specified was invalid.');
  }
  return [checksumCheck('md5', {}, () => stated)];
}

/** That the content has this checksum. */
export function checksumCheck(
  name: string,
  found: Record<string, string>,
  stated: (trailer: ReadonlyMap<string, string>) => string | undefined,
): Check {
  const checksum = newChecksum(name);
  if (!checksum) {
    throw new ObjectError('NotImplemented', 501, `The checksum ${PREFIX}${name} is not computed here.`);
  }
  return {
    update: (chunk) => checksum.update(chunk),
    verify(trailer) {
      const value = stated(trailer);
      if (value === undefined) {
        throw new ObjectError(
          'MalformedTrailerError',
          400,
          `The trailer has no ${PREFIX}${name} as announced.`,
        );
      }
      if (checksum.digest() !== value) {
        throw new ObjectError(
          'BadDigest',
          400,
          `The ${name.toUpperCase()} you specified did not match the calculated checksum.`,
        );
      }
      found[name] = value;
    },
  };
}
