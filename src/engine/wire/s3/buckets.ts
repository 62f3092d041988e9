import { ObjectError } from '../../services/objects/objects.ts';
import { REGION } from '../claim.ts';
import { readText } from './body.ts';
import type { S3Answer, S3Call } from './call.ts';
import { child, malformed, readXml, xmlDocument } from './xml.ts';

const MAX_DOCUMENT_BYTES = 64 * 1024;
/** The region whose endpoint makes buckets everywhere, and which is not named where a bucket is in it. */
const FIRST_REGION = 'us-east-1';
const MAX_BUCKETS = 10_000;

export function listBuckets({ objects, scope, query }: S3Call): S3Answer {
  const after = Buffer.from(query.get('continuation-token') ?? '', 'base64url').toString();
  const limit = Math.min(Number(query.get('max-buckets') ?? MAX_BUCKETS) || MAX_BUCKETS, MAX_BUCKETS);
  const prefix = query.get('prefix');
  const region = query.get('bucket-region');
  const matching = objects.buckets
    .list(scope)
    .filter(({ name }) => name > after && name.startsWith(prefix ?? ''))
    .filter((bucket) => !region || bucket.region === region);
  const page = matching.slice(0, limit);
  const last = matching.length > page.length ? page.at(-1) : undefined;
  const body = xmlDocument('ListAllMyBucketsResult', {
    Owner: { ID: scope.account, DisplayName: scope.account },
    Buckets: {
      Bucket: page.map(({ name, created, region: BucketRegion }) => ({
        Name: name,
        CreationDate: created.toISOString(),
        BucketRegion,
      })),
    },
    ContinuationToken: last && Buffer.from(last.name).toString('base64url'),
    Prefix: prefix,
  });
  return { body };
}

/** As on AWS, the endpoint of us-east-1 makes buckets in every region, another one only in its own, which must be named. */
export async function createBucket({ objects, scope, bucket, body }: S3Call): Promise<S3Answer> {
  const wanted = locationOf(await readText(body({ maxBytes: MAX_DOCUMENT_BYTES })));
  if (scope.region !== FIRST_REGION && wanted !== scope.region) {
    throw new ObjectError(
      'IllegalLocationConstraintException',
      400,
      `The ${wanted ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to: it must be ${scope.region}.`,
    );
  }
  objects.buckets.create({ ...scope, region: wanted ?? scope.region }, bucket);
  return { headers: { location: `/${bucket}` } };
}

function locationOf(document: string): string | undefined {
  if (document === '') return undefined;
  const root = readXml(document);
  if (root.name !== 'CreateBucketConfiguration') malformed();
  const other = root.children.find(({ name }) => name !== 'LocationConstraint');
  if (other)
    throw new ObjectError(
      'NotImplemented',
      501,
      `CreateBucket with ${other.name} is not part of the local S3.`,
    );
  const region = child(root, 'LocationConstraint')?.text || undefined;
  if (region === undefined || (region !== FIRST_REGION && REGION.test(region))) {
    return region;
  }
  throw new ObjectError('InvalidLocationConstraint', 400, 'The specified location-constraint is not valid.');
}

export function headBucket({ objects, scope, bucket }: S3Call): S3Answer {
  const { region } = objects.buckets.get(scope, bucket);
  return { headers: { 'x-amz-bucket-region': region } };
}

export function getBucketLocation({ objects, scope, bucket }: S3Call): S3Answer {
  const { region } = objects.buckets.get(scope, bucket);
  return { body: xmlDocument('LocationConstraint', region === FIRST_REGION ? '' : region) };
}

export function deleteBucket({ objects, scope, bucket }: S3Call): S3Answer {
  objects.buckets.delete(scope, bucket);
  return { status: 204 };
}
