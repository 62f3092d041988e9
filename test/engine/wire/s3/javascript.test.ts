import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import * as S3 from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT, OTHER_ACCOUNT, refusal, useS3 } from './support.ts';

const s3 = useS3();
const Bucket = 'a-bucket';
const md5 = (content: Uint8Array) => createHash('md5').update(content).digest('hex');

beforeAll(() => {
  s3.objects.buckets.create({ account: ACCOUNT, region: 'us-east-1' }, Bucket);
});

async function bytesOf(client: S3.S3Client, Key: string, more: Partial<S3.GetObjectCommandInput> = {}) {
  const { Body } = await client.send(new S3.GetObjectCommand({ Bucket, Key, ...more }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

describe('the AWS SDK for JavaScript', () => {
  test('makes, finds, locates and removes buckets', async () => {
    const client = s3.client();
    const abroad = s3.client({ region: 'eu-central-1' });
    expect(await client.send(new S3.CreateBucketCommand({ Bucket: 'made-here' }))).toMatchObject({
      Location: '/made-here',
    });
    await abroad.send(new S3.CreateBucketCommand({ Bucket: 'made-abroad' }));
    const { Buckets, Owner } = await client.send(new S3.ListBucketsCommand({ Prefix: 'made-' }));
    expect(Owner?.ID).toBe(ACCOUNT);
    expect(Buckets).toEqual([
      { Name: 'made-abroad', CreationDate: expect.any(Date), BucketRegion: 'eu-central-1' },
      { Name: 'made-here', CreationDate: expect.any(Date), BucketRegion: 'us-east-1' },
    ]);
    const located = async (name: string) =>
      (await client.send(new S3.GetBucketLocationCommand({ Bucket: name }))).LocationConstraint;
    expect([await located('made-here'), await located('made-abroad')]).toEqual([undefined, 'eu-central-1']);
    expect((await client.send(new S3.HeadBucketCommand({ Bucket: 'made-abroad' }))).BucketRegion).toBe(
      'eu-central-1',
    );
    await client.send(new S3.DeleteBucketCommand({ Bucket: 'made-abroad' }));
    expect(await refusal(client.send(new S3.HeadBucketCommand({ Bucket: 'made-abroad' })))).toEqual([
      'NotFound',
      404,
    ]);
  });

  test('a listing of buckets goes on page by page', async () => {
    const client = s3.client({ account: OTHER_ACCOUNT });
    for (const name of ['page-c', 'page-a', 'page-b']) {
      await client.send(new S3.CreateBucketCommand({ Bucket: name }));
    }
    const names: (string | undefined)[][] = [];
    for await (const { Buckets } of S3.paginateListBuckets({ client, pageSize: 2 }, {})) {
      names.push((Buckets ?? []).map(({ Name }) => Name));
    }
    expect(names).toEqual([['page-a', 'page-b'], ['page-c']]);
  });

  test('puts and gets bytes with all that describes them', async () => {
    const client = s3.client();
    const content = randomBytes(300_000);
    const put = await client.send(
      new S3.PutObjectCommand({
        Bucket,
        Key: 'code/agent.zip',
        Body: content,
        ContentType: 'application/zip',
        CacheControl: 'no-store',
        Metadata: { version: '7', note: 'a, b' },
      }),
    );
    expect(put.ETag).toBe(`"${md5(content)}"`);
    expect(put.ChecksumCRC32).toMatch(/^.{6}==$/);
    const got = await client.send(new S3.GetObjectCommand({ Bucket, Key: 'code/agent.zip' }));
    expect(got).toMatchObject({
      ContentType: 'application/zip',
      CacheControl: 'no-store',
      ContentLength: 300_000,
      Metadata: { version: '7', note: 'a, b' },
      ETag: put.ETag,
      ChecksumCRC32: put.ChecksumCRC32,
    });
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(content)).toBe(true);
    expect(got.ContentEncoding).toBeUndefined();
    expect(await client.send(new S3.HeadObjectCommand({ Bucket, Key: 'code/agent.zip' }))).toMatchObject({
      ETag: got.ETag,
      ContentLength: 300_000,
      LastModified: got.LastModified,
    });
  });

  test('puts a stream, which comes in chunks with a trailer', async () => {
    const client = s3.client();
    const content = randomBytes(1_000_000);
    for (const [index, ChecksumAlgorithm] of (['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const).entries()) {
      const Key = `streamed-${ChecksumAlgorithm}`;
      const put = await client.send(
        new S3.PutObjectCommand({
          Bucket,
          Key,
          Body: Readable.from([content.subarray(0, 70_001 + index), content.subarray(70_001 + index)]),
          ContentLength: content.length,
          ChecksumAlgorithm,
        }),
      );
      expect(put[`Checksum${ChecksumAlgorithm}`]).toBeTruthy();
      expect((await bytesOf(client, Key)).equals(content)).toBe(true);
    }
  });

  test.each([
    'a b+c/d&e=f?g#h%20i',
    '/begins/with//slashes/',
    './../.',
    '!\'()*~@$,;:[]{}|^`<>"\\',
    'ünï/çødé/数据 🦜',
    'line\nfeed\tand \u0001',
    'x'.repeat(1024),
  ])('every key is its own: %j', async (Key) => {
    const client = s3.client();
    await client.send(new S3.PutObjectCommand({ Bucket, Key, Body: Key }));
    expect((await bytesOf(client, Key)).toString()).toBe(Key);
    const { Contents } = await client.send(
      new S3.ListObjectsV2Command({ Bucket, Prefix: Key, EncodingType: 'url' }),
    );
    expect(decodeURIComponent(Contents?.[0]?.Key ?? '')).toBe(Key);
    const deleted = await client.send(
      new S3.DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }], Quiet: false } }),
    );
    expect(deleted.Errors ?? []).toEqual([]);
    expect(await refusal(client.send(new S3.GetObjectCommand({ Bucket, Key })))).toEqual(['NoSuchKey', 404]);
  });

  test('gets ranges', async () => {
    const client = s3.client();
    await client.send(new S3.PutObjectCommand({ Bucket, Key: 'digits', Body: '0123456789' }));
    const part = async (Range: string) => (await bytesOf(client, 'digits', { Range })).toString();
    expect(await part('bytes=2-4')).toBe('234');
    expect(await part('bytes=7-')).toBe('789');
    expect(await part('bytes=-3')).toBe('789');
    expect(await part('bytes=5-99')).toBe('56789');
    const { ContentRange } = await client.send(
      new S3.GetObjectCommand({ Bucket, Key: 'digits', Range: 'bytes=2-4' }),
    );
    expect(ContentRange).toBe('bytes 2-4/10');
    expect(await refusal(part('bytes=10-'))).toEqual(['InvalidRange', 416]);
  });

  test('conditions hold for reading and writing', async () => {
    const client = s3.client();
    const Key = 'conditional';
    const put = (more: Partial<S3.PutObjectCommandInput>) =>
      client.send(new S3.PutObjectCommand({ Bucket, Key, Body: 'x', ...more }));
    const { ETag } = await put({ IfNoneMatch: '*' });
    expect(await refusal(put({ IfNoneMatch: '*' }))).toEqual(['PreconditionFailed', 412]);
    expect(await refusal(put({ IfMatch: '"0"' }))).toEqual(['PreconditionFailed', 412]);
    expect(await refusal(put({ IfMatch: ETag }))).toEqual(['accepted', 200]);
    const get = (more: Partial<S3.GetObjectCommandInput>) => refusal(bytesOf(client, Key, more));
    expect((await get({ IfNoneMatch: ETag }))[1]).toBe(304);
    expect(await get({ IfMatch: '"0"' })).toEqual(['PreconditionFailed', 412]);
    expect(await get({ IfUnmodifiedSince: new Date(0) })).toEqual(['PreconditionFailed', 412]);
    expect((await get({ IfModifiedSince: new Date(Date.now() + 5000) }))[1]).toBe(304);
  });

  test('copies with the same attributes or others', async () => {
    const client = s3.client();
    await client.send(
      new S3.PutObjectCommand({ Bucket, Key: 'ä original', Body: 'content', Metadata: { a: '1' } }),
    );
    const CopySource = `${Bucket}/${encodeURIComponent('ä original')}`;
    await client.send(new S3.CopyObjectCommand({ Bucket, Key: 'copy', CopySource }));
    await client.send(
      new S3.CopyObjectCommand({
        Bucket,
        Key: 'other',
        CopySource,
        MetadataDirective: 'REPLACE',
        Metadata: { b: '2' },
      }),
    );
    await client.send(new S3.DeleteObjectCommand({ Bucket, Key: 'ä original' }));
    const metadata = async (Key: string) =>
      (await client.send(new S3.HeadObjectCommand({ Bucket, Key }))).Metadata;
    expect([await metadata('copy'), await metadata('other')]).toEqual([{ a: '1' }, { b: '2' }]);
    expect((await bytesOf(client, 'copy')).toString()).toBe('content');
  });

  test('lists by prefix and delimiter, page by page, in both versions', async () => {
    const client = s3.client();
    const Listed = 'listed';
    await client.send(new S3.CreateBucketCommand({ Bucket: Listed }));
    const keys = ['a', 'b/1', 'b/2', 'b/3', 'c', 'd/1', 'd/e/2', 'd0', 'é', '🦜', '\uffee'];
    for (const Key of keys) await client.send(new S3.PutObjectCommand({ Bucket: Listed, Key, Body: Key }));
    const pages: (string | undefined)[][] = [];
    const input = { Bucket: Listed, Delimiter: '/' };
    for await (const page of S3.paginateListObjectsV2({ client, pageSize: 2 }, { ...input })) {
      pages.push([
        ...(page.Contents ?? []).map((o) => o.Key),
        ...(page.CommonPrefixes ?? []).map((p) => p.Prefix),
      ]);
    }
    expect(pages).toEqual([
      ['a', 'b/'],
      ['c', 'd/'],
      ['d0', 'é'],
      ['\uffee', '🦜'],
    ]);
    const all = await client.send(new S3.ListObjectsV2Command({ Bucket: Listed, StartAfter: 'c' }));
    expect(all.Contents?.map(({ Key }) => Key)).toEqual(['d/1', 'd/e/2', 'd0', 'é', '\uffee', '🦜']);
    const below = await client.send(
      new S3.ListObjectsV2Command({ ...input, Prefix: 'd/', FetchOwner: true }),
    );
    expect(below.Contents).toEqual([
      expect.objectContaining({ Key: 'd/1', Size: 3, Owner: { ID: ACCOUNT, DisplayName: ACCOUNT } }),
    ]);
    expect(below.CommonPrefixes).toEqual([{ Prefix: 'd/e/' }]);
    const first = await client.send(new S3.ListObjectsCommand({ ...input, MaxKeys: 2 }));
    expect([first.IsTruncated, first.NextMarker]).toEqual([true, 'b/']);
    const second = await client.send(new S3.ListObjectsCommand({ ...input, MaxKeys: 9, Marker: 'b/' }));
    expect(second.Contents?.map(({ Key }) => Key)).toEqual(['c', 'd0', 'é', '\uffee', '🦜']);
    expect(await refusal(client.send(new S3.DeleteBucketCommand({ Bucket: Listed })))).toEqual([
      'BucketNotEmpty',
      409,
    ]);
  });

  test('uploads in parts', async () => {
    const client = s3.client();
    const Key = 'in parts';
    const contents = [randomBytes(5 * 1024 * 1024), randomBytes(5 * 1024 * 1024), randomBytes(1000)];
    const { UploadId } = await client.send(
      new S3.CreateMultipartUploadCommand({ Bucket, Key, Metadata: { kept: 'yes' } }),
    );
    const Parts: S3.CompletedPart[] = [];
    for (const [index, Body] of contents.entries()) {
      const PartNumber = index * 3 + 1;
      const { ETag, ChecksumCRC32 } = await client.send(
        new S3.UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }),
      );
      Parts.push({ PartNumber, ETag, ChecksumCRC32 });
    }
    const listed = await client.send(new S3.ListPartsCommand({ Bucket, Key, UploadId, MaxParts: 2 }));
    expect(listed.Parts).toMatchObject([
      { ...Parts[0], Size: contents[0]?.length },
      { ...Parts[1], Size: contents[1]?.length },
    ]);
    expect([listed.IsTruncated, listed.NextPartNumberMarker]).toEqual([true, '4']);
    const complete = (list: S3.CompletedPart[], more: Partial<S3.CompleteMultipartUploadCommandInput> = {}) =>
      client.send(
        new S3.CompleteMultipartUploadCommand({
          Bucket,
          Key,
          UploadId,
          MultipartUpload: { Parts: list },
          ...more,
        }),
      );
    expect(await refusal(complete(Parts.toReversed()))).toEqual(['InvalidPartOrder', 400]);
    expect(await refusal(complete([{ ...Parts[0], ETag: 'other' }]))).toEqual(['InvalidPart', 400]);
    expect(await refusal(complete([{ ...Parts[0], ChecksumCRC32: 'AAAAAA==' }]))).toEqual([
      'InvalidPart',
      400,
    ]);
    expect(await refusal(complete([{ ...Parts[2], PartNumber: 9 }]))).toEqual(['InvalidPart', 400]);
    expect(await refusal(complete([]))).toEqual(['MalformedXML', 400]);
    const whole = Buffer.concat(contents);
    const wrong = {
      ChecksumSHA256: createHash('sha256').digest('base64'),
      ChecksumType: 'FULL_OBJECT',
    } as const;
    expect(await refusal(complete(Parts, wrong))).toEqual(['BadDigest', 400]);
    expect(await refusal(complete(Parts, { MpuObjectSize: 5 }))).toEqual(['InvalidRequest', 400]);
    const right = { ...wrong, ChecksumSHA256: createHash('sha256').update(whole).digest('base64') };
    const { ETag } = await complete(Parts, right);
    expect(ETag).toBe(
      `"${md5(Buffer.concat(contents.map((content) => Buffer.from(md5(content), 'hex'))))}-3"`,
    );
    expect((await bytesOf(client, Key)).equals(whole)).toBe(true);
    const across = `bytes=${5 * 1024 * 1024 - 2}-${10 * 1024 * 1024 + 1}`;
    expect(
      (await bytesOf(client, Key, { Range: across })).equals(
        whole.subarray(5 * 1024 * 1024 - 2, 10 * 1024 * 1024 + 2),
      ),
    ).toBe(true);
    expect((await client.send(new S3.HeadObjectCommand({ Bucket, Key }))).Metadata).toEqual({ kept: 'yes' });
    expect(await refusal(complete(Parts))).toEqual(['NoSuchUpload', 404]);
  });

  test('small parts are refused where they are not the last; an aborted upload is gone', async () => {
    const client = s3.client();
    const Key = 'small parts';
    const { UploadId } = await client.send(new S3.CreateMultipartUploadCommand({ Bucket, Key }));
    const upload = (PartNumber: number) =>
      client.send(new S3.UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body: 'small' }));
    const Parts = [
      { PartNumber: 1, ETag: (await upload(1)).ETag },
      { PartNumber: 2, ETag: (await upload(2)).ETag },
    ];
    const complete = new S3.CompleteMultipartUploadCommand({
      Bucket,
      Key,
      UploadId,
      MultipartUpload: { Parts },
    });
    expect(await refusal(client.send(complete))).toEqual(['EntityTooSmall', 400]);
    expect(await refusal(upload(0))).toEqual(['InvalidArgument', 400]);
    expect(await refusal(upload(10_001))).toEqual(['InvalidArgument', 400]);
    await client.send(new S3.AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    expect(await refusal(upload(3))).toEqual(['NoSuchUpload', 404]);
  });
});

describe('refusals', () => {
  const put = (client: S3.S3Client, more: Partial<S3.PutObjectCommandInput> = {}) =>
    refusal(client.send(new S3.PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ...more })));
  const credentials = { accessKeyId: ACCOUNT, secretAccessKey: 'wrong' };

  test('of callers', async () => {
    expect(await put(s3.client({ credentials }))).toEqual(['SignatureDoesNotMatch', 403]);
    expect(await put(s3.client({ account: '999999999999' }))).toEqual(['InvalidAccessKeyId', 403]);
    expect(await put(s3.client({ account: OTHER_ACCOUNT }))).toEqual(['AccessDenied', 403]);
    expect(await put(s3.client({ systemClockOffset: -400_000 }))).toEqual(['RequestTimeTooSkewed', 403]);
    expect(await put(s3.client(), { ExpectedBucketOwner: OTHER_ACCOUNT })).toEqual(['AccessDenied', 403]);
  });

  test('of buckets and keys', async () => {
    expect(await put(s3.client(), { Bucket: 'no-such-bucket' })).toEqual(['NoSuchBucket', 404]);
    expect(await put(s3.client(), { Key: 'é'.repeat(513) })).toEqual(['KeyTooLongError', 400]);
    const create = (client: S3.S3Client, name: string) =>
      refusal(client.send(new S3.CreateBucketCommand({ Bucket: name })));
    expect(await create(s3.client(), Bucket)).toEqual(['accepted', 200]);
    expect(await create(s3.client({ region: 'eu-west-1' }), Bucket)).toEqual([
      'BucketAlreadyOwnedByYou',
      409,
    ]);
    for (const name of ['ab', 'Upper', '1.2.3.4', 'two..dots', '-start', 'xn--x', 'a'.repeat(64)]) {
      expect([name, ...(await create(s3.client(), name))]).toEqual([name, 'InvalidBucketName', 400]);
    }
  });

  test('of checksums that do not fit, after which nothing is there', async () => {
    const client = s3.client();
    const Key = 'never';
    expect(await put(client, { Key, ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' })).toEqual(['BadDigest', 400]);
    expect(await put(client, { Key, ContentMD5: 'short' })).toEqual(['InvalidDigest', 400]);
    expect(await put(client, { Key, ChecksumCRC32: 'AAAAAA==' })).toEqual(['BadDigest', 400]);
    expect(await put(client, { Key, ChecksumCRC64NVME: 'AAAAAAAAAAA=' })).toEqual(['BadDigest', 400]);
    expect(await refusal(client.send(new S3.HeadObjectCommand({ Bucket, Key })))).toEqual(['NotFound', 404]);
  });

  test('of what is not there, by name', async () => {
    const client = s3.client();
    await expect(client.send(new S3.GetBucketVersioningCommand({ Bucket }))).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining('GetBucketVersioning'),
      $metadata: { httpStatusCode: 501 },
    });
    await expect(client.send(new S3.ListMultipartUploadsCommand({ Bucket }))).rejects.toThrow(
      /ListMultipartUploads/,
    );
    await expect(client.send(new S3.GetObjectTaggingCommand({ Bucket, Key: 'k' }))).rejects.toThrow(
      /GetObjectTagging/,
    );
    await expect(
      client.send(new S3.PutObjectCommand({ Bucket, Key: 'k', Body: 'x', Tagging: 'a=b' })),
    ).rejects.toThrow(/x-amz-tagging/);
  });
});
