import type { Listing, ListRequest } from '../../services/objects/listing.ts';
import { after, afterAllOf, commonPrefixOf } from '../../services/objects/listing.ts';
import { ObjectError, type ObjectInfo } from '../../services/objects/objects.ts';
import type { S3Answer, S3Call } from './call.ts';
import { type Content, xmlDocument } from './xml.ts';

const MAX_KEYS = 1000;

export function listObjectsV2(call: S3Call): S3Answer {
  const { query, scope } = call;
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after');
  const listing = list(call, { startAfter, ...(token !== undefined && { from: positionOf(token) }) });
  const owner = query.get('fetch-owner') === 'true' ? ownerOf(scope.account) : undefined;
  const body = xmlDocument('ListBucketResult', {
    ...common(call, listing, owner),
    KeyCount: listing.objects.length + listing.commonPrefixes.length,
    StartAfter: startAfter && encoder(query)(startAfter),
    ContinuationToken: token,
    NextContinuationToken: listing.next?.toString('base64url'),
  });
  return { body };
}

export function listObjectsV1(call: S3Call): S3Answer {
  const { query, scope } = call;
  const marker = query.get('marker') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const rolledUp = commonPrefixOf(marker, query.get('prefix') ?? '', delimiter) === marker;
  const from = marker === '' ? Buffer.alloc(0) : rolledUp ? afterAllOf(marker) : after(marker);
  const listing = list(call, { from });
  const encode = encoder(query);
  const body = xmlDocument('ListBucketResult', {
    ...common(call, listing, ownerOf(scope.account)),
    Marker: encode(marker),
    NextMarker: listing.next && delimiter ? encode(listing.last ?? '') : undefined,
  });
  return { body };
}

function list(
  { objects, scope, bucket, query }: S3Call,
  start: Pick<ListRequest, 'from' | 'startAfter'>,
): Listing {
  const maxKeys = countOf(query, 'max-keys', MAX_KEYS);
  const request = { ...start, prefix: query.get('prefix'), delimiter: query.get('delimiter'), maxKeys };
  const listing = objects.list(scope, bucket, request);
  return maxKeys > 0 ? listing : { objects: [], commonPrefixes: [] };
}

function common(
  { bucket, query }: S3Call,
  listing: Listing,
  owner: Content,
): Record<string, Content | Content[]> {
  const encode = encoder(query);
  const delimiter = query.get('delimiter');
  return {
    Name: bucket,
    Prefix: encode(query.get('prefix') ?? ''),
    Delimiter: delimiter && encode(delimiter),
    MaxKeys: countOf(query, 'max-keys', MAX_KEYS),
    EncodingType: query.get('encoding-type'),
    IsTruncated: listing.next !== undefined,
    Contents: listing.objects.map((info) => ({ Key: encode(info.key), ...described(info), Owner: owner })),
    CommonPrefixes: listing.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  };
}

function described({ lastModified, etag, size }: ObjectInfo): Record<string, Content> {
  return { LastModified: lastModified.toISOString(), ETag: etag, Size: size, StorageClass: 'STANDARD' };
}

function ownerOf(account: string): Content {
  return { ID: account, DisplayName: account };
}

/** A number of things to list, at most `max`, which is also what is taken where nothing is said. */
export function countOf(query: S3Call['query'], name: string, max: number): number {
  const text = query.get(name) || String(max);
  if (/^\d{1,10}$/.test(text)) return Math.min(Number(text), max);
  throw new ObjectError(
    'InvalidArgument',
    400,
    `The parameter ${name} must be a whole number that is not negative.`,
  );
}

/** Clients that cannot read every character in XML ask for percent-encoded names. */
function encoder(query: S3Call['query']): (text: string) => string {
  const type = query.get('encoding-type');
  if (type === undefined) return (text) => text;
  if (type === 'url') return (text) => encodeURIComponent(text).replaceAll('%2F', '/');
  throw new ObjectError('InvalidArgument', 400, 'The parameter encoding-type can only be url.');
}

function positionOf(token: string): Buffer {
  const position = Buffer.from(token, 'base64url');
  if (position.length > 0 && position.toString('base64url') === token) return position;
  throw new ObjectError('InvalidArgument', 400, 'The continuation token provided is incorrect.');
}
