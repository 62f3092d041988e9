import { ObjectError } from '../../services/objects/objects.ts';
import type { CompletedPart, UploadName } from '../../services/objects/uploads.ts';
import { checksumHeaders, readAttributes, readWriteCondition } from './attributes.ts';
import { readText } from './body.ts';
import type { S3Answer, S3Call } from './call.ts';
import { checksumCheck, statedChecksums } from './checks.ts';
import { countOf } from './listings.ts';
import { child, type Element, malformed, readXml, xmlDocument } from './xml.ts';

/** Room for 10,000 parts with a checksum each. */
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
const MAX_PARTS = 1000;
const CHECKSUM = 'Checksum';

export function createMultipartUpload({ objects, scope, bucket, key, values }: S3Call): S3Answer {
  const UploadId = objects.uploads.create(scope, bucket, key, readAttributes(values));
  const algorithm = values.get('x-amz-checksum-algorithm');
  return {
    ...(algorithm && { headers: { 'x-amz-checksum-algorithm': algorithm } }),
    body: xmlDocument('InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId }),
  };
}

export async function uploadPart(call: S3Call): Promise<S3Answer> {
  const { objects, scope, query, body } = call;
  objects.uploads.get(scope, uploadOf(call));
  const { content, checksums } = body();
  const number = Number(query.get('partNumber'));
  const etag = await objects.uploads.putPart(scope, uploadOf(call), number, content, checksums);
  return { headers: { etag, ...checksumHeaders(checksums) } };
}

/** The checksums in the head of this request are those of the whole object, not of the document that is sent. */
export async function completeMultipartUpload(call: S3Call): Promise<S3Answer> {
  const { objects, scope, bucket, key, values, body } = call;
  const upload = uploadOf(call);
  objects.uploads.get(scope, upload);
  const own = new Map([...values].filter(([name]) => !name.startsWith('x-amz-checksum-')));
  const parts = readParts(await readText(body({ maxBytes: MAX_DOCUMENT_BYTES, values: own })));
  const checksums = await checkWhole(call, parts);
  const condition = readWriteCondition(values);
  const { etag } = objects.complete(scope, upload, parts, { condition, checksums });
  return { body: xmlDocument('CompleteMultipartUploadResult', { Bucket: bucket, Key: key, ETag: etag }) };
}

/**
 * Compares the object that is to be with the size and the checksums stated for it.
 * @returns the checksums of its content; one of the parts' checksums is none.
 */
async function checkWhole(call: S3Call, parts: readonly CompletedPart[]): Promise<Record<string, string>> {
  const { objects, scope, values } = call;
  const upload = uploadOf(call);
  const { chosen } = objects.uploads.choose(scope, upload, parts);
  const size = chosen.reduce((sum, { piece }) => sum + piece.size, 0);
  const statedSize = values.get('x-amz-mp-object-size');
  if (statedSize !== undefined && Number(statedSize) !== size) {
    throw new ObjectError('InvalidRequest', 400, `The parts have ${size} bytes together, not ${statedSize}.`);
  }
  const found: Record<string, string> = {};
  for (const [name, value] of statedChecksums(values)) {
    const whole = name === 'crc64nvme' || values.get('x-amz-checksum-type') === 'FULL_OBJECT';
    const check = checksumCheck(name, whole ? found : {}, () => value.replace(/-\d+$/, ''));
    if (whole) for await (const chunk of objects.preview(scope, upload, parts)) check.update(chunk);
    else for (const part of chosen) check.update(Buffer.from(part.checksums[name] ?? '', 'base64'));
    check.verify(new Map());
  }
  return found;
}

export function abortMultipartUpload(call: S3Call): S3Answer {
  call.objects.uploads.abort(call.scope, uploadOf(call));
  return { status: 204 };
}

export function listParts(call: S3Call): S3Answer {
  const { objects, scope, bucket, key, query } = call;
  const upload = uploadOf(call);
  const marker = Number(query.get('part-number-marker') ?? 0) || 0;
  const maxParts = countOf(query, 'max-parts', MAX_PARTS);
  const parts = objects.uploads.parts(scope, upload).filter(({ number }) => number > marker);
  const page = parts.slice(0, maxParts);
  const body = xmlDocument('ListPartsResult', {
    Bucket: bucket,
    Key: key,
    UploadId: upload.id,
    StorageClass: 'STANDARD',
    PartNumberMarker: marker,
    NextPartNumberMarker: page.at(-1)?.number ?? marker,
    MaxParts: maxParts,
    IsTruncated: page.length < parts.length,
    Part: page.map(({ number, piece, etag, modified, checksums }) => ({
      PartNumber: number,
      LastModified: new Date(modified).toISOString(),
      ETag: etag,
      Size: piece.size,
      ...Object.fromEntries(
        Object.entries(checksums).map(([name, value]) => [CHECKSUM + name.toUpperCase(), value]),
      ),
    })),
  });
  return { body };
}

function uploadOf({ bucket, key, query }: S3Call): UploadName {
  return { bucket, key, id: query.get('uploadId') ?? '' };
}

function readParts(document: string): CompletedPart[] {
  const root = readXml(document);
  const parts = root.children.filter(({ name }) => name === 'Part');
  if (root.name !== 'CompleteMultipartUpload' || parts.length === 0) malformed();
  return parts.map((part) => ({
    number: Number(textOf(part, 'PartNumber')),
    etag: textOf(part, 'ETag'),
    checksums: Object.fromEntries(
      part.children
        .filter(({ name }) => name.startsWith(CHECKSUM))
        .map(({ name, text }) => [name.slice(CHECKSUM.length).toLowerCase(), text.trim()]),
    ),
  }));
}

function textOf(part: Element, name: string): string {
  return child(part, name)?.text.trim() ?? malformed();
}
