import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { silentLog } from '../../../../src/engine/log.ts';
import { Objects } from '../../../../src/engine/services/objects/object-store.ts';
import { openStore } from '../../../../src/engine/store/sqlite.ts';
import { s3SigV4 } from '../../../../src/engine/wire/s3/authenticate.ts';
import { createS3Listener, type S3Options } from '../../../../src/engine/wire/s3/listener.ts';

export const ACCOUNT = '111122223333';
export const OTHER_ACCOUNT = '444455556666';
export const REGION = 'us-east-1';

export const secretOf = (account: string) => `the secret of ${account}`;

/** S3 on a real socket with signing on, for all tests of a group. */
export function useS3(options: Partial<S3Options> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 's3 tests '));
  const store = openStore(join(dir, 'engine.db'));
  const objects = new Objects(store, join(dir, 'objects'));
  const server = createServer(
    createS3Listener({
      objects,
      authenticate: s3SigV4({
        secretFor: (id) => ([ACCOUNT, OTHER_ACCOUNT].includes(id) ? secretOf(id) : undefined),
      }),
      hosts: () => [`127.0.0.1:${s3.port}`],
      log: silentLog,
      ...options,
    }),
  );
  const s3 = {
    objects,
    folder: join(dir, 'objects'),
    port: 0,
    /** For the test's account unless told otherwise. */
    client({ account = ACCOUNT, ...config }: S3ClientConfig & { account?: string } = {}): S3Client {
      const client = new S3Client({
        endpoint: `http://127.0.0.1:${s3.port}`,
        region: REGION,
        forcePathStyle: true,
        credentials: { accessKeyId: account, secretAccessKey: secretOf(account) },
        maxAttempts: 1,
        ...config,
      });
      onTestFinished(() => client.destroy());
      return client;
    },
  };
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    s3.port = (server.address() as AddressInfo).port;
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    store.close();
    rmSync(dir, { recursive: true });
  });
  return s3;
}

/** What a refused call was refused with. */
export async function refusal(call: Promise<unknown>): Promise<[name: string, status: number | undefined]> {
  try {
    await call;
  } catch (error) {
    const { name, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return [name, $metadata?.httpStatusCode];
  }
  return ['accepted', 200];
}
