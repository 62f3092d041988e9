import { ToolFailure } from '../../failure.ts';
import type { AgentCore } from '../agentcore.ts';
import type { Deployment } from '../deployment.ts';

/** Where the code of an agent lies. */
export interface CodePlace {
  bucket: string;
  key: string;
}

/** Whether this code was uploaded before. Where that may not be asked, it was not. */
export async function isUploaded(
  agentcore: AgentCore,
  place: CodePlace,
  signal: AbortSignal,
): Promise<boolean> {
  const { HeadObjectCommand } = await import('@aws-sdk/client-s3');
  const s3 = await agentcore.s3();
  const { bucket: Bucket, key: Key } = place;
  try {
    await s3.send(new HeadObjectCommand({ Bucket, Key }), { abortSignal: signal });
    return true;
  } catch (error) {
    if (/^(?:NotFound|NoSuchKey|NoSuchBucket|403|404)$|Forbidden|AccessDenied/.test((error as Error).name))
      return false;
    if (hasStatus(error, 403) || hasStatus(error, 404)) return false;
    throw error;
  }
}

/** @throws ToolFailure `DeployBucket` for one that is not there and not made on demand. */
export async function upload(
  agentcore: AgentCore,
  { makesBucket }: Deployment,
  place: CodePlace,
  zip: Buffer,
  signal: AbortSignal,
): Promise<void> {
  const { PutObjectCommand } = await import('@aws-sdk/client-s3');
  const s3 = await agentcore.s3();
  const { bucket: Bucket, key: Key } = place;
  const put = () =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body: zip, ContentType: 'application/zip' }), {
      abortSignal: signal,
    });
  try {
    await put();
  } catch (error) {
    if ((error as Error).name !== 'NoSuchBucket') throw error;
    if (!makesBucket) throw noBucket(Bucket);
    await makeBucket(agentcore, Bucket, signal);
    await put();
  }
}

async function makeBucket(agentcore: AgentCore, Bucket: string, signal: AbortSignal): Promise<void> {
  const { CreateBucketCommand } = await import('@aws-sdk/client-s3');
  const s3 = await agentcore.s3();
  const region = await agentcore.region();
  const place =
    region === 'us-east-1'
      ? {}
      : { CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' } };
  await s3.send(new CreateBucketCommand({ Bucket, ...place }), { abortSignal: signal }).catch((error) => {
    if (error.name !== 'BucketAlreadyOwnedByYou') throw error;
  });
}

const hasStatus = (error: unknown, status: number) =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === status;

function noBucket(bucket: string): ToolFailure {
  return new ToolFailure({
    code: 'DeployBucket',
    message: `There is no S3 bucket ${bucket}.`,
    hint: 'Its user makes it in the region of the runtime, or restarts the server with another --deploy-bucket.',
  });
}
