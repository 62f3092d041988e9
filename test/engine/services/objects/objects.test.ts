import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Objects } from '../../../../src/engine/services/objects/object-store.ts';
import { openStore } from '../../../../src/engine/store/sqlite.ts';
import { temporaryDir } from '../../../support/temporary.ts';

const scope = { account: '111122223333', region: 'eu-central-1' };
const other = { account: '444455556666', region: 'eu-central-1' };
const MIB = 1024 * 1024;
const DAY_MS = 24 * 3600 * 1000;

function startObjects(dir = temporaryDir()) {
  const store = openStore(join(dir, 'engine.db'));
  let open = true;
  const close = () => {
    if (open) store.close();
    open = false;
  };
  onTestFinished(close);
  const folder = join(dir, 'objects');
  return { objects: new Objects(store, folder), store, folder, close, dir };
}

async function* bodyOf(...chunks: (string | Uint8Array | Error)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    if (chunk instanceof Error) throw chunk;
    yield Buffer.from(chunk as string);
  }
}

/** The paths of all files of contents. */
function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

async function textOf(objects: Objects, bucket: string, key: string): Promise<string> {
  const { body } = await objects.read(scope, bucket, key);
  return String(await buffer(body));
}

describe('objects', () => {
  test('are there after a restart, with everything said about them', async () => {
    const { objects, close, dir } = startObjects();
    objects.buckets.create(scope, 'code');
    const info = await objects.put(scope, 'code', '../../etc/passwd', bodyOf('a', 'b'), {
      contentType: 'text/plain',
      metadata: { a: '1' },
      headers: { 'cache-control': 'no-store' },
    });
    expect(info).toMatchObject({ size: 2, etag: `"${createHash('md5').update('ab').digest('hex')}"` });
    close();
    const again = startObjects(dir).objects;
    expect(again.head(scope, 'code', '../../etc/passwd')).toEqual(info);
    expect(await textOf(again, 'code', '../../etc/passwd')).toBe('ab');
  });

  test('have files whose names say nothing of the key, and which go with them', async () => {
    const { objects, folder } = startObjects();
    objects.buckets.create(scope, 'code');
    await objects.put(scope, 'code', 'secret-name', bodyOf('one'));
    await objects.put(scope, 'code', 'secret-name', bodyOf('two'));
    expect(files(folder)).toEqual([expect.stringMatching(/\/([0-9a-f]{2})\/\1[0-9a-f-]{34}$/)]);
    objects.delete(scope, 'code', 'secret-name');
    objects.delete(scope, 'code', 'secret-name');
    expect(files(folder)).toEqual([]);
  });

  test('stay as they were where a body breaks off, and nothing of it is left', async () => {
    const { objects, folder } = startObjects();
    objects.buckets.create(scope, 'code');
    await objects.put(scope, 'code', 'k', bodyOf('before'));
    const broken = objects.put(scope, 'code', 'k', bodyOf('after', new Error('wrong checksum')));
    await expect(broken).rejects.toThrow('wrong checksum');
    expect([await textOf(objects, 'code', 'k'), files(folder).length]).toEqual(['before', 1]);
  });

  test('whoever reads gets the whole of what he began to read', async () => {
    const { objects, folder } = startObjects();
    objects.buckets.create(scope, 'code');
    const content = randomBytes(2 * MIB);
    await objects.put(scope, 'code', 'k', bodyOf(content));
    const { body } = await objects.read(scope, 'code', 'k');
    await objects.put(scope, 'code', 'k', bodyOf('new'));
    objects.delete(scope, 'code', 'k');
    expect((await buffer(body)).equals(content)).toBe(true);
    await vi.waitFor(() => expect(files(folder)).toEqual([]));
  });

  test('a bucket deleted while a body comes leaves nothing', async () => {
    const { objects, folder } = startObjects();
    objects.buckets.create(scope, 'code');
    async function* slow() {
      yield Buffer.from('x');
      objects.buckets.delete(scope, 'code');
    }
    await expect(objects.put(scope, 'code', 'k', slow())).rejects.toMatchObject({ code: 'NoSuchBucket' });
    expect(files(folder)).toEqual([]);
  });

  test('belong to an account; a name may be in use by several', async () => {
    const { objects } = startObjects();
    objects.buckets.create(scope, 'code');
    await objects.put(scope, 'code', 'k', bodyOf('mine'));
    const foreign = expect.objectContaining({ code: 'AccessDenied', status: 403 });
    expect(() => objects.head(other, 'code', 'k')).toThrow(foreign);
    await expect(objects.read(other, 'code', 'k')).rejects.toEqual(foreign);
    await expect(objects.put(other, 'code', 'k', bodyOf('x'))).rejects.toEqual(foreign);
    expect(() => objects.buckets.delete(other, 'code')).toThrow(foreign);
    objects.buckets.create(other, 'code');
    await objects.put(other, 'code', 'k', bodyOf('theirs'));
    expect(await textOf(objects, 'code', 'k')).toBe('mine');
    expect(objects.buckets.list(other)).toHaveLength(1);
  });

  test('are read from every region of their account', async () => {
    const { objects } = startObjects();
    objects.buckets.create(scope, 'code');
    await objects.put(scope, 'code', 'k', bodyOf('x'));
    expect(objects.head({ ...scope, region: 'us-west-2' }, 'code', 'k').size).toBe(1);
  });
});

describe('what a crash leaves', () => {
  test('half a file, and an old one of no object, are gone with the next start', async () => {
    const { objects, folder, close, dir } = startObjects();
    objects.buckets.create(scope, 'code');
    await objects.put(scope, 'code', 'k', bodyOf('whole'));
    const orphan = `${files(folder)[0]?.slice(0, -34)}-orphan`;
    writeFileSync(join(folder, 'incoming', 'half'), 'half');
    writeFileSync(orphan, 'whole, but the row is missing');
    utimesSync(orphan, new Date(0), new Date(0));
    close();
    const again = startObjects(dir);
    expect([files(folder).length, await textOf(again.objects, 'code', 'k')]).toEqual([1, 'whole']);
  });

  test('files without an object are swept, those of objects, parts and the last hour are not', async () => {
    const { objects, folder } = startObjects();
    objects.buckets.create(scope, 'code');
    await objects.put(scope, 'code', 'k', bodyOf('object'));
    const id = objects.uploads.create(scope, 'code', 'p', { contentType: 'a/b', metadata: {} });
    await objects.uploads.putPart(scope, { bucket: 'code', key: 'p', id }, 1, bodyOf('part'));
    const kept = files(folder);
    const beside = kept[0]?.slice(0, -34) ?? '';
    const [old, young] = [`${beside}-old`, `${beside}-young`];
    for (const path of [old, young]) writeFileSync(path, 'nobody refers to it');
    const yesterday = new Date(Date.now() - DAY_MS);
    for (const path of [...kept, old]) utimesSync(path, yesterday, yesterday);
    objects.sweep();
    expect(files(folder).sort()).toEqual([...kept, young].sort());
  });
});

describe('uploads', () => {
  test('abandoned for a day are swept', async () => {
    const { objects, folder } = startObjects();
    objects.buckets.create(scope, 'code');
    const id = objects.uploads.create(scope, 'code', 'k', { contentType: 'a/b', metadata: {} });
    const upload = { bucket: 'code', key: 'k', id };
    await objects.uploads.putPart(scope, upload, 1, bodyOf('part'));
    objects.sweep();
    expect(objects.uploads.parts(scope, upload)).toHaveLength(1);
    vi.useFakeTimers({ now: Date.now() + DAY_MS + 1000, toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    objects.sweep();
    expect(() => objects.uploads.parts(scope, upload)).toThrow(
      expect.objectContaining({ code: 'NoSuchUpload' }),
    );
    expect(files(folder)).toEqual([]);
  });

  test('keep only the parts chosen; a part sent twice counts once', async () => {
    const { objects, folder } = startObjects();
    objects.buckets.create(scope, 'code');
    const id = objects.uploads.create(scope, 'code', 'k', { contentType: 'a/b', metadata: { m: '1' } });
    const upload = { bucket: 'code', key: 'k', id };
    const part = (number: number, content: string | Buffer) =>
      objects.uploads.putPart(scope, upload, number, bodyOf(content));
    await part(1, 'first try');
    const first = await part(1, Buffer.alloc(5 * MIB, 'x'));
    await part(2, 'not chosen');
    const last = await part(3, 'end');
    expect(files(folder)).toHaveLength(3);
    const info = objects.complete(scope, upload, [
      { number: 1, etag: first },
      { number: 3, etag: last },
    ]);
    expect(info).toMatchObject({ size: 5 * MIB + 3, metadata: { m: '1' }, contentType: 'a/b' });
    expect((await textOf(objects, 'code', 'k')).endsWith('xend')).toBe(true);
    expect(files(folder)).toHaveLength(2);
  });

  test('whose object may not be written stay', async () => {
    const { objects } = startObjects();
    objects.buckets.create(scope, 'code');
    await objects.put(scope, 'code', 'k', bodyOf('x'));
    const id = objects.uploads.create(scope, 'code', 'k', { contentType: 'a/b', metadata: {} });
    const upload = { bucket: 'code', key: 'k', id };
    const etag = await objects.uploads.putPart(scope, upload, 1, bodyOf('new'));
    const complete = (absent: boolean) =>
      objects.complete(scope, upload, [{ number: 1, etag }], { condition: { absent } });
    expect(() => complete(true)).toThrow(expect.objectContaining({ code: 'PreconditionFailed' }));
    complete(false);
    expect(await textOf(objects, 'code', 'k')).toBe('new');
  });

  test('of another account, bucket or key are not found', () => {
    const { objects } = startObjects();
    objects.buckets.create(scope, 'code');
    objects.buckets.create(other, 'code');
    const id = objects.uploads.create(scope, 'code', 'k', { contentType: 'a/b', metadata: {} });
    const missing = expect.objectContaining({ code: 'NoSuchUpload', status: 404 });
    expect(() => objects.uploads.parts(other, { bucket: 'code', key: 'k', id })).toThrow(missing);
    expect(() => objects.uploads.abort(scope, { bucket: 'code', key: 'other', id })).toThrow(missing);
    expect(() => objects.buckets.delete(scope, 'code')).toThrow(
      expect.objectContaining({ code: 'BucketNotEmpty' }),
    );
  });
});

test('a long listing goes through every page', async () => {
  const { objects } = startObjects();
  objects.buckets.create(scope, 'code');
  const keys = Array.from(
    { length: 60 },
    (_, index) => `${String.fromCharCode(97 + (index % 20))}/${index}`,
  ).sort();
  for (const key of keys) await objects.put(scope, 'code', key, bodyOf(''));
  for (const maxKeys of [1, 7, 60, 1000]) {
    const seen: string[] = [];
    for (let from: Buffer | undefined = Buffer.alloc(0); from; ) {
      const { objects: page, next } = objects.list(scope, 'code', { maxKeys, from });
      expect(page.length).toBeLessThanOrEqual(maxKeys);
      seen.push(...page.map(({ key }) => key));
      from = next;
    }
    expect(seen).toEqual(keys);
  }
});
