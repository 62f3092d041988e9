import { buffer } from 'node:stream/consumers';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { remoteObjects } from '../../../../src/engine/services/objects/remote.ts';
import { ACCOUNT, secretOf, useS3 } from '../../wire/s3/support.ts';

const s3 = useS3();
const scope = { account: '999999999999', region: 'eu-central-1' };

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', ACCOUNT);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretOf(ACCOUNT));
  vi.stubEnv('AWS_SESSION_TOKEN', undefined);
  vi.stubEnv('AWS_PROFILE', undefined);
  const own = { account: ACCOUNT, region: 'eu-central-1' };
  s3.objects.buckets.create(own, 'code');
  await s3.objects.put(own, 'code', 'agents/Ä 1.zip', [Buffer.from('a zip')] as never, {
    contentType: 'application/zip',
    metadata: { version: '1' },
  });
  return () => vi.unstubAllEnvs();
});

describe('a store elsewhere', () => {
  test('is read with the credentials of the environment', async () => {
    const { info, body } = await remoteObjects(`http://127.0.0.1:${s3.port}`).read(
      scope,
      'code',
      'agents/Ä 1.zip',
    );
    expect(info).toMatchObject({
      bucket: 'code',
      key: 'agents/Ä 1.zip',
      size: 5,
      contentType: 'application/zip',
      metadata: { version: '1' },
    });
    expect(String(await buffer(body))).toBe('a zip');
  });

  test('its refusals come through, with where they come from', async () => {
    const url = `http://127.0.0.1:${s3.port}`;
    const read = (bucket: string) => remoteObjects(url).read(scope, bucket, 'missing', 'a version');
    await expect(read('code')).rejects.toMatchObject({
      name: 'ObjectError',
      code: 'NoSuchKey',
      status: 404,
      message: expect.stringContaining(url),
    });
    await expect(read('another')).rejects.toMatchObject({ code: 'NoSuchBucket', status: 404 });
  });

  test('one that cannot be reached is said to be that', async () => {
    const read = remoteObjects('http://127.0.0.1:9').read(scope, 'code', 'k');
    await expect(read).rejects.toMatchObject({ code: 'ServiceUnavailable', status: 503 });
  });
});
