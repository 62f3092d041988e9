import { ObjectError } from '../../services/objects/objects.ts';
import { createBucket, deleteBucket, getBucketLocation, headBucket, listBuckets } from './buckets.ts';
import type { S3Call, S3Operation } from './call.ts';
import { listObjectsV1, listObjectsV2 } from './listings.ts';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  listParts,
  uploadPart,
} from './multipart.ts';
import { copyObject, deleteObject, deleteObjects, getObject, headObject, putObject } from './objects.ts';
import { operationName } from './unimplemented.ts';

/** What a request is about. */
export type Level = 'account' | 'bucket' | 'object';

interface Route {
  method: string;
  level: Level;
  /** Parameters that must be there, with a value where one is given. */
  query?: Readonly<Record<string, string | true>>;
  run: S3Operation;
}

/** The first that fits is taken. */
const routes: readonly Route[] = [
  { method: 'GET', level: 'account', run: listBuckets },
  { method: 'PUT', level: 'bucket', run: createBucket },
  { method: 'HEAD', level: 'bucket', run: headBucket },
  { method: 'DELETE', level: 'bucket', run: deleteBucket },
  { method: 'GET', level: 'bucket', query: { location: true }, run: getBucketLocation },
  { method: 'GET', level: 'bucket', query: { 'list-type': '2' }, run: listObjectsV2 },
  { method: 'GET', level: 'bucket', run: listObjectsV1 },
  { method: 'POST', level: 'bucket', query: { delete: true }, run: deleteObjects },
  { method: 'PUT', level: 'object', query: { uploadId: true, partNumber: true }, run: uploadPart },
  { method: 'PUT', level: 'object', run: putObject },
  { method: 'GET', level: 'object', query: { uploadId: true }, run: listParts },
  { method: 'GET', level: 'object', run: getObject },
  { method: 'HEAD', level: 'object', run: headObject },
  { method: 'DELETE', level: 'object', query: { uploadId: true }, run: abortMultipartUpload },
  { method: 'DELETE', level: 'object', run: deleteObject },
  { method: 'POST', level: 'object', query: { uploads: true }, run: createMultipartUpload },
  { method: 'POST', level: 'object', query: { uploadId: true }, run: completeMultipartUpload },
];

/** Parameters that ask for something else than the bucket or the object itself. */
const subresources = new Set(
  `abac accelerate acl analytics annotation annotations attributes cors delete encryption intelligent-tiering inventory
   legal-hold lifecycle location logging metadataConfiguration metadataInventoryTable metadataJournalTable metadataTable
   metrics notification object-lock ownershipControls partNumber policy policyStatus publicAccessBlock renameObject
   replication requestPayment restore retention select session tagging torrent uploadId uploads versioning versions
   website`.split(/\s+/),
);

/** Headers that would change what an operation does, and that are not followed here. */
const unknownHeaders = [
  /^x-amz-server-side-encryption-customer-/,
  /^x-amz-copy-source-(if|range|server)/,
  /^x-amz-object-lock-/,
  /^x-amz-bucket-object-lock-enabled$/,
  /^x-amz-tagging$/,
  /^x-amz-website-redirect-location$/,
  /^x-amz-write-offset-bytes$/,
];

/**
 * The operation a request is for.
 * @throws ObjectError 501 `NotImplemented`, naming the operation or the header, for what is not part of the local S3; 405
 * where S3 itself has no such operation.
 */
export async function findOperation(
  method: string,
  { bucket, key, query, values }: Pick<S3Call, 'bucket' | 'key' | 'query' | 'values'>,
): Promise<S3Operation> {
  const level: Level = key ? 'object' : bucket ? 'bucket' : 'account';
  const route = routes.find(
    (candidate) => candidate.method === method && candidate.level === level && matches(candidate, query),
  );
  const known = Object.keys(route?.query ?? {});
  const other = [...query.keys()].find((name) => subresources.has(name) && !known.includes(name));
  const copies = values.has('x-amz-copy-source');
  if (!route || other !== undefined || (copies && route.run !== putObject)) {
    const name =
      copies && route?.run === uploadPart ? 'UploadPartCopy' : await operationName(method, level, query);
    if (name === undefined) {
      throw new ObjectError('MethodNotAllowed', 405, `S3 has no operation ${method} on this resource.`);
    }
    throw notImplemented(`${name}${other ? ` (${other})` : ''}`);
  }
  const header = [...values.keys()].find((name) => unknownHeaders.some((pattern) => pattern.test(name)));
  if (header) throw notImplemented(`The header ${header}`);
  return copies ? copyObject : route.run;
}

function matches({ query: needed = {} }: Route, query: ReadonlyMap<string, string>): boolean {
  return Object.entries(needed).every(([name, value]) =>
    value === true ? query.has(name) : query.get(name) === value,
  );
}

function notImplemented(what: string): ObjectError {
  return new ObjectError('NotImplemented', 501, `${what} is not part of the local S3; AWS answers it.`);
}
