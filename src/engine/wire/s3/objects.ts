import type { ByteRange } from '../../services/objects/content.ts';
import { ObjectError, type ObjectInfo } from '../../services/objects/objects.ts';
import {
  checksumHeaders,
  describingHeaders,
  quoted,
  readAttributes,
  readWriteCondition,
} from './attributes.ts';
import { readText, type Values } from './body.ts';
import type { S3Answer, S3Call } from './call.ts';
import { child, type Element, malformed, readXml, xmlDocument } from './xml.ts';

const MAX_DELETED = 1000;
const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;

export async function putObject({ objects, scope, bucket, key, values, body }: S3Call): Promise<S3Answer> {
  const options = { ...readAttributes(values), condition: readWriteCondition(values) };
  objects.checkWritable(scope, bucket, key, options.condition);
  const { content, checksums } = body();
  const { etag } = await objects.put(scope, bucket, key, content, { ...options, checksums });
  return { headers: { etag, ...checksumHeaders(checksums) } };
}

export async function copyObject({ objects, scope, bucket, key, values }: S3Call): Promise<S3Answer> {
  const from = readSource(values.get('x-amz-copy-source') ?? '');
  const replace = values.get('x-amz-metadata-directive') === 'REPLACE';
  if (!replace && from.bucket === bucket && from.key === key) {
    throw new ObjectError(
      'InvalidRequest',
      400,
      'An object can be copied to itself only with other metadata.',
    );
  }
  const attributes = replace ? readAttributes(values) : undefined;
  const { etag, lastModified } = await objects.copy(scope, from, { bucket, key }, attributes);
  return { body: xmlDocument('CopyObjectResult', { ETag: etag, LastModified: lastModified.toISOString() }) };
}

/** `[/]bucket/key[?versionId=...]`, percent-encoded. */
function readSource(source: string): { bucket: string; key: string } {
  const [, bucket = '', key = ''] = /^\/?([^/?]+)\/([^?]+)/.exec(source) ?? [];
  try {
    if (bucket && key) return { bucket, key: decodeURIComponent(key) };
  } catch {
    // Said below.
  }
  throw new ObjectError('InvalidArgument', 400, 'x-amz-copy-source must read bucket/key, percent-encoded.');
}

export function getObject(call: S3Call): S3Answer {
  const { info, open } = call.objects.find(call.scope, call.bucket, call.key);
  const { range, ...answer } = view(call, info);
  return answer.status === 304 ? answer : { ...answer, body: open(range) };
}

export function headObject(call: S3Call): S3Answer {
  const { range: _, ...answer } = view(call, call.objects.head(call.scope, call.bucket, call.key));
  return answer;
}

/** What of an object is to be shown, and with which status and headers. */
function view({ query, values }: S3Call, info: ObjectInfo): S3Answer & { range?: ByteRange } {
  const headers = describingHeaders(info, query);
  if (isUnchanged(info, values)) return { status: 304, headers };
  const range = readRange(values, info);
  if (!range) {
    const checksums = values.get('x-amz-checksum-mode') === 'ENABLED' ? checksumHeaders(info.checksums) : {};
    return { headers: { ...headers, ...checksums, 'content-length': String(info.size) } };
  }
  const { start, end } = range;
  const contentRange = `bytes ${start}-${end}/${info.size}`;
  return {
    status: 206,
    headers: { ...headers, 'content-length': String(end - start + 1), 'content-range': contentRange },
    range,
  };
}

/**
 * Whether the caller has this very object already.
 * @throws ObjectError 412 `PreconditionFailed` where the caller wants another one.
 */
function isUnchanged({ etag, lastModified }: ObjectInfo, values: Values): boolean {
  const [match, noneMatch] = [values.get('if-match'), values.get('if-none-match')];
  const modified = Math.floor(lastModified.getTime() / 1000) * 1000;
  const unmodifiedSince = Date.parse(values.get('if-unmodified-since') ?? '');
  const modifiedSince = Date.parse(values.get('if-modified-since') ?? '');
  if (match === undefined ? modified > unmodifiedSince : !isListed(etag, match)) {
    throw new ObjectError(
      'PreconditionFailed',
      412,
      'At least one of the preconditions you specified did not hold.',
    );
  }
  return noneMatch === undefined ? modified <= modifiedSince : isListed(etag, noneMatch);
}

function isListed(etag: string, list: string): boolean {
  return list.split(',').some((entry) => entry.trim() === '*' || quoted(entry.trim()) === etag);
}

/**
 * The range asked for; undefined for the whole, also where the header cannot be understood or names several.
 * @throws ObjectError 416 `InvalidRange`.
 */
function readRange(values: Values, { size, etag }: ObjectInfo): ByteRange | undefined {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(values.get('range') ?? '') ?? [];
  const condition = values.get('if-range');
  if ((!first && !last) || (condition !== undefined && quoted(condition) !== etag)) return undefined;
  const start = first ? Number(first) : Math.max(0, size - Number(last));
  const end = first && last ? Math.min(Number(last), size - 1) : size - 1;
  if (first && last && Number(last) < Number(first)) return undefined;
  if (start <= end) return { start, end };
  throw new ObjectError(
    'InvalidRange',
    416,
    `The requested range cannot be satisfied: the object has ${size} bytes.`,
  );
}

export function deleteObject({ objects, scope, bucket, key }: S3Call): S3Answer {
  objects.delete(scope, bucket, key);
  return { status: 204 };
}

export async function deleteObjects({ objects, scope, bucket, body }: S3Call): Promise<S3Answer> {
  objects.buckets.get(scope, bucket);
  const root = readXml(await readText(body({ maxBytes: MAX_DOCUMENT_BYTES })));
  const keys = root.children.filter(({ name }) => name === 'Object').map(keyOf);
  if (root.name !== 'Delete' || keys.length === 0 || keys.length > MAX_DELETED) malformed();
  for (const key of keys) objects.delete(scope, bucket, key);
  const quiet = child(root, 'Quiet')?.text.trim() === 'true';
  return { body: xmlDocument('DeleteResult', { Deleted: quiet ? [] : keys.map((Key) => ({ Key })) }) };
}

function keyOf(object: Element): string {
  return child(object, 'Key')?.text ?? malformed();
}
