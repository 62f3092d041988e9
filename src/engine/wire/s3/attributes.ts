import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { WriteCondition } from '../../services/objects/object-store.ts';
import { ObjectError, type ObjectInfo } from '../../services/objects/objects.ts';
import { shown } from '../errors.ts';
import type { Values } from './body.ts';

type Attributes = Pick<ObjectInfo, 'contentType' | 'metadata' | 'headers'>;

const META = 'x-amz-meta-';
/** All names and values of one object's metadata together. */
const MAX_METADATA_BYTES = 2048;
const keptHeaders = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
];

/**
 * What a request says about the object it sends.
 * @throws ObjectError 400 `MetadataTooLarge`, or `InvalidArgument`.
 */
export function readAttributes(values: Values): Attributes {
  const metadata = Object.fromEntries(
    [...values]
      .filter(([name]) => name.startsWith(META))
      .map(([name, value]) => [name.slice(META.length), value]),
  );
  const bytes = Object.entries(metadata)
    .flat()
    .reduce((sum, text) => sum + text.length, 0);
  if (bytes > MAX_METADATA_BYTES) {
    throw new ObjectError(
      'MetadataTooLarge',
      400,
      `The metadata has ${bytes} bytes; at most ${MAX_METADATA_BYTES} are allowed.`,
    );
  }
  const headers = Object.fromEntries(
    keptHeaders
      .map((name): [string, string | undefined] => [name, withoutFraming(name, values.get(name))])
      .filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
  const attributes = { contentType: values.get('content-type') || 'binary/octet-stream', metadata, headers };
  checkHeaders({ 'content-type': attributes.contentType, ...headers, ...metadata });
  return attributes;
}

/**
 * Parameters that stand for headers can hold what no header can.
 * @throws ObjectError 400 `InvalidArgument`.
 */
export function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      throw new ObjectError('InvalidArgument', 400, `${shown(name)} with its value cannot be a header.`);
    }
  }
}

/** `aws-chunked` belongs to the way of sending, not to the object. */
function withoutFraming(name: string, value: string | undefined): string | undefined {
  if (name !== 'content-encoding') return value;
  return value
    ?.split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== 'aws-chunked')
    .join(',');
}

/** @throws ObjectError 501 for a condition that is not known here. */
export function readWriteCondition(values: Values): WriteCondition {
  const noneMatch = values.get('if-none-match');
  if (noneMatch !== undefined && noneMatch !== '*') {
    throw new ObjectError('NotImplemented', 501, 'An object can be written with If-None-Match: * only.');
  }
  const match = values.get('if-match');
  return { absent: noneMatch === '*', ...(match !== undefined && { etag: quoted(match) }) };
}

export function quoted(etag: string): string {
  return `"${etag.replaceAll('"', '')}"`;
}

/** The headers that describe an object, with those that the query overrides. */
export function describingHeaders(
  { contentType, metadata, headers = {}, etag, lastModified }: ObjectInfo,
  query: ReadonlyMap<string, string>,
): Record<string, string> {
  const described: Record<string, string> = {
    ...headers,
    'content-type': contentType,
    etag,
    'last-modified': lastModified.toUTCString(),
    'accept-ranges': 'bytes',
  };
  for (const [name, value] of Object.entries(metadata)) described[META + name] = value;
  for (const name of ['content-type', ...keptHeaders]) {
    const value = query.get(`response-${name}`);
    if (value !== undefined) described[name] = value;
  }
  return described;
}

/** In headers as S3 has them. */
export function checksumHeaders(checksums: ObjectInfo['checksums'] = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(checksums).map(([name, value]) => [`x-amz-checksum-${name}`, value]),
  );
}
