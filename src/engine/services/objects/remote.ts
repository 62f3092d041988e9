import type { Readable } from 'node:stream';
import type * as S3 from '@aws-sdk/client-s3';
import { ObjectError, type ObjectSource } from './objects.ts';

/**
 * A real S3, or a store that speaks its protocol, as a source of code. The SDK's client finds its credentials where it
 * always does, first in the environment, and is loaded when it is first needed.
 */
export function remoteObjects(s3Url: string): ObjectSource {
  const clients = new Map<string, Promise<S3.S3Client>>();
  const clientFor = (region: string) => {
    const client = clients.get(region) ?? connect(s3Url, region);
    clients.set(region, client);
    return client;
  };
  return {
    async read({ region }, bucket, key, versionId) {
      const { GetObjectCommand } = await import('@aws-sdk/client-s3');
      const client = await clientFor(region);
      try {
        const { Body, ContentLength, ETag, LastModified, ContentType, Metadata } = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }),
        );
        const info = {
          bucket,
          key,
          size: ContentLength ?? 0,
          etag: ETag ?? '',
          lastModified: LastModified ?? new Date(),
          contentType: ContentType ?? 'binary/octet-stream',
          metadata: Metadata ?? {},
        };
        return { info, body: Body as Readable };
      } catch (error) {
        throw explained(error, s3Url);
      }
    },
  };
}

async function connect(endpoint: string, region: string): Promise<S3.S3Client> {
  const { S3Client } = await import('@aws-sdk/client-s3');
  return new S3Client({ endpoint, region, forcePathStyle: true });
}

function explained(error: unknown, s3Url: string): ObjectError {
  const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  if (status !== undefined)
    return new ObjectError(name, status, `The store at ${s3Url} answered: ${message}`);
  return new ObjectError(
    'ServiceUnavailable',
    503,
    `The store at ${s3Url} cannot be asked: ${message}. Check the address, and the AWS credentials in the engine's environment.`,
  );
}
