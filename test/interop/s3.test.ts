import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { startEngine } from '../../src/engine/index.ts';
import { interopPython } from '../support/interop-python.ts';
import { temporaryDir } from '../support/temporary.ts';

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
    const { accessKeyId, secretAccessKey } = engine.credentials();
    const { stdout } = await promisify(execFile)(interopPython, [join(import.meta.dirname, 's3_boto3.py')], {
      env: {
        PATH: process.env.PATH,
        HOME: temporaryDir('home'),
        AWS_ENDPOINT_URL_S3: engine.url,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_DEFAULT_REGION: region,
      },
      timeout: DEADLINE_MS,
    });
    expect(JSON.parse(stdout)).toEqual(seen);
  },
);
