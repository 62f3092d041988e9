import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import * as S3 from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import { beforeAll, describe, expect, test } from 'vitest';
import { s3NoAuth } from '../../../../src/engine/wire/s3/authenticate.ts';
import { until } from '../../../support/engine.ts';
import { bytesOf, type RawRequest, Sha256 } from '../../../support/signed-http.ts';
import { ACCOUNT, REGION, secretOf, useS3 } from './support.ts';

const s3 = useS3({ idleMs: 300 });
const Bucket = 'a-bucket';
const UNSIGNED = 'UNSIGNED-PAYLOAD';

beforeAll(() => {
  s3.objects.buckets.create({ account: ACCOUNT, region: REGION }, Bucket);
});

const signer = new SignatureV4({
  service: 's3',
  region: REGION,
  credentials: { accessKeyId: ACCOUNT, secretAccessKey: secretOf(ACCOUNT) },
  sha256: Sha256,
  uriEscapePath: false,
});

type Parts = Partial<RawRequest> & { query?: Record<string, string> };

function plain({ method = 'PUT', target = `/${Bucket}/k`, headers = {}, query = {} }: Parts) {
  return {
    method,
    protocol: 'http:',
    hostname: '127.0.0.1',
    path: target,
    query,
    headers: { host: `127.0.0.1:${s3.port}`, ...headers } as Record<string, string>,
  };
}

function targetOf({ path, query = {} }: { path: string; query?: object }): string {
  const search = new URLSearchParams(query as Record<string, string>).toString().replaceAll('+', '%20');
  return search ? `${path}?${search}` : path;
}

const signedHead = (head: ReturnType<typeof plain>) =>
  signer.sign(head as Parameters<SignatureV4['sign']>[0] & object);

/** Signs a request, with its body's hash unless another one is stated. */
async function signed(parts: Parts): Promise<RawRequest> {
  const body = parts.body ?? '';
  const hash = createHash('sha256').update(body).digest('hex');
  const head = plain({
    ...parts,
    headers: {
      'content-length': String(Buffer.byteLength(body)),
      'x-amz-content-sha256': hash,
      ...parts.headers,
    },
  });
  const { method, headers, ...rest } = await signedHead(head);
  return { method, headers, target: targetOf(rest), body };
}

async function presigned(parts: Parts, expiresIn = 60): Promise<RawRequest> {
  const options = { expiresIn, unsignableHeaders: new Set(['x-amz-content-sha256']) };
  const head = plain({ ...parts, headers: { 'x-amz-content-sha256': UNSIGNED, ...parts.headers } });
  const { method, headers, ...rest } = await signer.presign(head as never, options);
  const { 'x-amz-content-sha256': _, ...others } = headers;
  const body = parts.body ?? '';
  return {
    method,
    headers: { ...others, 'content-length': String(Buffer.byteLength(body)) },
    target: targetOf(rest),
    body,
  };
}

async function sent({ method, target, headers, body }: RawRequest) {
  const sending = request({ port: s3.port, host: '127.0.0.1', path: target, method, headers, agent: false });
  sending.end(body);
  const [response]: [IncomingMessage] = (await once(sending, 'response')) as never;
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

async function ask(message: RawRequest): Promise<[status: number | undefined, code: string]> {
  const { status, body } = await sent(message);
  return [status, /<Code>(\w+)<\/Code>/.exec(body)?.[1] ?? body];
}

const isThere = (key: string) => {
  try {
    return s3.objects.head({ account: ACCOUNT, region: REGION }, Bucket, key).size;
  } catch {
    return false;
  }
};

const incoming = () => readdirSync(join(s3.folder, 'incoming'));

describe('who is let in', () => {
  test('a signed request, and the answer has an id', async () => {
    const answer = await sent(await signed({ body: 'x' }));
    expect([answer.status, answer.headers['x-amz-request-id']]).toEqual([
      200,
      expect.stringMatching(/^[0-9A-F]{16}$/),
    ]);
  });

  test.each<[string, number, string, () => Promise<RawRequest>]>([
    ['nobody', 403, 'AccessDenied', async () => ({ ...(await signed({})), headers: plain({}).headers })],
    ['a web page', 403, 'AccessDenied', () => signed({ headers: { origin: 'http://127.0.0.1' } })],
    ['another host', 403, 'AccessDenied', () => signed({ headers: { host: 'rebound.example' } })],
    [
      'no stated hash',
      400,
      'InvalidRequest',
      async () => {
        const head = plain({ headers: { 'content-length': '0' } });
        const { headers } = await signedHead(head);
        const { 'x-amz-content-sha256': _, ...others } = headers;
        return { method: 'PUT', target: head.path, headers: others, body: '' };
      },
    ],
    [
      'another body',
      400,
      'XAmzContentSHA256Mismatch',
      async () => ({ ...(await signed({ body: 'x' })), body: 'y' }),
    ],
    [
      'another key',
      403,
      'SignatureDoesNotMatch',
      async () => ({ ...(await signed({})), target: `/${Bucket}/other` }),
    ],
    [
      'a path folded',
      403,
      'SignatureDoesNotMatch',
      async () => ({
        ...(await signed({ target: `/${Bucket}//a/../k` })),
        target: `/${Bucket}/k`,
      }),
    ],
    [
      'a path that is no UTF-8',
      400,
      'InvalidURI',
      async () => ({ ...(await signed({})), target: `/${Bucket}/%ff` }),
    ],
    [
      'a header added',
      400,
      'AuthorizationHeaderMalformed',
      async () => {
        const request = await signed({});
        return { ...request, headers: { ...request.headers, 'x-amz-acl': 'public-read' } };
      },
    ],
    [
      'signed chunks by another kind of key',
      501,
      'NotImplemented',
      () => signed({ headers: { 'x-amz-content-sha256': 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD' } }),
    ],
  ])('not %s', async (_, status, code, make) => {
    expect(await ask(await make())).toEqual([status, code]);
  });

  test('whoever has a presigned address, as long as it lives and for nothing else', async () => {
    expect(await ask(await presigned({ body: 'by address', target: `/${Bucket}/presigned` }))).toEqual([
      200,
      '',
    ]);
    const get = await presigned({ method: 'GET', target: `/${Bucket}/presigned` });
    expect(await ask(get)).toEqual([200, 'by address']);
    expect(await ask({ ...get, method: 'DELETE' })).toEqual([403, 'SignatureDoesNotMatch']);
    const download = { 'response-content-disposition': 'attachment; filename="a b"' };
    const named = await presigned({ method: 'GET', target: `/${Bucket}/presigned`, query: download });
    const answer = await sent(named);
    expect(answer.headers['content-disposition']).toBe('attachment; filename="a b"');
    const short = await presigned({ method: 'GET', target: `/${Bucket}/presigned` }, 1);
    await sleep(2100);
    expect(await ask(short)).toEqual([403, 'AccessDenied']);
  });
});

describe('requests that no SDK makes', () => {
  test.each<[string, number, string, Parts]>([
    [
      'a method that S3 does not have here',
      405,
      'MethodNotAllowed',
      { method: 'POST', target: `/${Bucket}` },
    ],
    ['metadata that can be no header', 400, 'InvalidArgument', { query: { 'x-amz-meta-a b': 'c' } }],
    ['a value that can be no header', 400, 'InvalidArgument', { query: { 'x-amz-meta-a': 'b\nc: d' } }],
    ['too much metadata', 400, 'MetadataTooLarge', { headers: { 'x-amz-meta-a': 'b'.repeat(2048) } }],
    ['a part of nothing', 404, 'NoSuchUpload', { query: { uploadId: 'x', partNumber: '1' } }],
    ['a copy of nothing', 400, 'InvalidArgument', { headers: { 'x-amz-copy-source': 'a-bucket' } }],
    ['a copy onto itself', 400, 'InvalidRequest', { headers: { 'x-amz-copy-source': '/a-bucket/k' } }],
    [
      'a token of somebody else',
      400,
      'InvalidArgument',
      {
        method: 'GET',
        target: `/${Bucket}`,
        query: { 'list-type': '2', 'continuation-token': 'not ours' },
      },
    ],
    [
      'a count that is none',
      400,
      'InvalidArgument',
      { method: 'GET', target: `/${Bucket}`, query: { 'max-keys': '-1' } },
    ],
    [
      'deletions without a list',
      400,
      'MalformedXML',
      { method: 'POST', target: `/${Bucket}`, query: { delete: '' } },
    ],
    [
      'a list of deletions that is too long',
      400,
      'EntityTooLarge',
      {
        method: 'POST',
        target: `/${Bucket}`,
        query: { delete: '' },
        body: ' '.repeat(8 * 1024 * 1024 + 1),
      },
    ],
    [
      'a region for a bucket that is none',
      400,
      'InvalidLocationConstraint',
      {
        target: '/another-bucket',
        body: '<CreateBucketConfiguration><LocationConstraint>../x</LocationConstraint></CreateBucketConfiguration>',
      },
    ],
  ])('%s', async (_, status, code, parts) => {
    expect(await ask(await signed(parts))).toEqual([status, code]);
  });

  test('a file that has been taken away ends the connection, and the engine goes on', async () => {
    await ask(await signed({ body: 'content', target: `/${Bucket}/taken` }));
    const file = readdirSync(s3.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .find((path) => readFileSync(path, 'utf8') === 'content');
    rmSync(file ?? '');
    await expect(ask(await signed({ method: 'GET', target: `/${Bucket}/taken` }))).rejects.toThrow();
    expect((await ask(await signed({ method: 'DELETE', target: `/${Bucket}/taken` })))[0]).toBe(204);
  });
});

describe('bodies', () => {
  test('the one of a request without a length is refused', async () => {
    const head = plain({ headers: { 'x-amz-content-sha256': UNSIGNED } });
    const { headers } = await signedHead(head);
    const chunked = { ...headers, 'transfer-encoding': 'chunked' };
    const message = { method: head.method, target: head.path, headers: chunked, body: 'x' };
    expect(await ask(message)).toEqual([411, 'MissingContentLength']);
  });

  test('a promised trailer must come', async () => {
    const headers = {
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-decoded-content-length': '1',
      'x-amz-trailer': 'x-amz-checksum-crc32',
    };
    const put = async (body: string) => ask(await signed({ headers, body, target: `/${Bucket}/trailing` }));
    expect(await put('1\r\nx\r\n0\r\n\r\n')).toEqual([400, 'MalformedTrailerError']);
    expect(await put('1\r\nx\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n')).toEqual([400, 'BadDigest']);
    expect(isThere('trailing')).toBe(false);
    expect(await put('1\r\nx\r\n0\r\nx-amz-checksum-crc32:jNwWgw==\r\n\r\n')).toEqual([200, '']);
    expect(isThere('trailing')).toBe(1);
  });

  test('one that is too large is refused at once, and the sender gets to see it', async () => {
    const length = 64 * 1024 * 1024;
    const { target, headers, method } = await signed({
      headers: { 'x-amz-content-sha256': UNSIGNED, 'content-length': String(1024 ** 3 + 1) },
      target: `/${Bucket}/large`,
    });
    const sending = request({ port: s3.port, host: '127.0.0.1', path: target, method, headers });
    const answered = once(sending, 'response');
    for (let sent = 0; sent < length; sent += 1024 * 1024) sending.write(Buffer.alloc(1024 * 1024));
    const [response] = await answered;
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    expect([response.statusCode, text]).toEqual([
      400,
      expect.stringContaining('<Code>EntityTooLarge</Code>'),
    ]);
    sending.destroy();
  });

  test('a large one for a bucket that is not there is read to its end, on a connection that stays', async () => {
    const client = s3.client();
    const Body = randomBytes(30 * 1024 * 1024);
    for (let turn = 0; turn < 3; turn++) {
      const put = client.send(new S3.PutObjectCommand({ Bucket: 'not-there', Key: 'k', Body }));
      await expect(put).rejects.toMatchObject({ name: 'NoSuchBucket' });
    }
  });

  test('whoever waits for 100 Continue is told', async () => {
    const { target, headers, method } = await signed({
      headers: { expect: '100-continue' },
      body: 'awaited',
    });
    const sending = request({ port: s3.port, host: '127.0.0.1', path: target, method, headers });
    sending.flushHeaders();
    await once(sending, 'continue');
    sending.end('awaited');
    const [response] = await once(sending, 'response');
    response.resume();
    expect(response.statusCode).toBe(200);
  });

  test('one that stalls is given up, and nothing is left of it', async () => {
    const { body: _, ...head } = await signed({
      headers: { 'x-amz-content-sha256': UNSIGNED, 'content-length': '100' },
      target: `/${Bucket}/stalled`,
    });
    const socket = connect(s3.port, '127.0.0.1');
    socket.write(bytesOf({ ...head, body: 'a beginning' }));
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 .*<Code>RequestTimeout<\/Code>/s);
    expect([isThere('stalled'), incoming()]).toEqual([false, []]);
  });

  test('nothing is left of a sender who goes away', async () => {
    const { body: _, ...head } = await signed({
      headers: { 'x-amz-content-sha256': UNSIGNED, 'content-length': '100000' },
      target: `/${Bucket}/left`,
    });
    const socket = connect(s3.port, '127.0.0.1');
    socket.write(bytesOf({ ...head, body: 'a beginning' }));
    await until(() => incoming().length > 0);
    socket.destroy();
    await until(() => incoming().length === 0);
    expect(isThere('left')).toBe(false);
  });
});

describe('without authentication', () => {
  const open = useS3({
    authenticate: s3NoAuth({ account: ACCOUNT, region: REGION }),
    hosts: () => [`127.0.0.1:${open.port}`],
  });

  test('any keys will do, and chunks signed with them', async () => {
    const client = open.client({ credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
    await client.send(new S3.CreateBucketCommand({ Bucket }));
    await client.send(new S3.PutObjectCommand({ Bucket, Key: 'k', Body: 'content' }));
    const { Body } = await client.send(new S3.GetObjectCommand({ Bucket, Key: 'k' }));
    expect(await Body?.transformToString()).toBe('content');
    expect(open.objects.buckets.list({ account: ACCOUNT, region: REGION })).toHaveLength(1);
  });
});
