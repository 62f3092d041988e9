import { expect, onTestFinished, test } from 'vitest';
import { startEngine } from '../../src/engine/index.ts';
import { runPython } from '../support/python-clients.ts';

const DEADLINE_MS = 50_000;

const seen = {
  buckets: ['agent-code-of-boto3'],
  largeIntact: true,
  head: [20 * 1024 * 1024, 'application/zip', { version: '7' }, '3"'],
  prefixes: ['code/', 'small/'],
  keys: ['small/plain', 'small/sha1', 'small/sha256', 'small/ключ ü+%20?&#/..'],
  presigned: [200, 'plain'],
  presignedForAnother: [403, true],
  presignedUpload: [200, ''],
  uploaded: 'urllib',
  noKey: ['NoSuchKey', 404],
  noBucket: ['NoSuchBucket', 404],
  wrongChecksum: ['BadDigest', 400],
  notEmpty: ['BucketNotEmpty', 409],
  notYet: ['NotImplemented', 501],
  gone: ['404', 404],
};

test.each(['us-east-1', 'eu-central-1'])(
  'boto3 in %s uploads, lists, fetches and deletes',
  async (region) => {
    const engine = await startEngine();
    onTestFinished(() => engine.close());
    expect(await runPython(engine, 's3_boto3.py', { service: 'S3', region, timeout: DEADLINE_MS })).toEqual(
      seen,
    );
  },
);
