import type { Readable } from 'node:stream';
import { Clock } from '../../clock.ts';
import type { Scope } from '../../service.ts';
import type { Store } from '../../store/store.ts';
import { Buckets } from './buckets.ts';
import { type ByteRange, ContentFiles, MAX_OBJECT_BYTES, type Piece, tooLarge } from './content.ts';
import { type Listing, type ListRequest, listObjects } from './listing.ts';
import { checkKey } from './names.ts';
import { ObjectError, type ObjectInfo, type ObjectSource } from './objects.ts';
import { infoOf, type ObjectRow, ObjectRows } from './rows.ts';
import { type CompletedPart, type UploadName, Uploads } from './uploads.ts';

/** What the sender says about an object. An object of checksums may still be filled while the body is read. */
export type Attributes = Partial<Pick<ObjectInfo, 'contentType' | 'metadata' | 'headers' | 'checksums'>>;

/** Under which circumstances an object may be written. */
export interface WriteCondition {
  /** Only where there is none yet. */
  absent?: boolean;
  /** Only over the one with this ETag, in quotation marks. */
  etag?: string;
}

export type PutOptions = Attributes & { condition?: WriteCondition };

interface Place {
  bucket: string;
  key: string;
}

const DEFAULT_TYPE = 'binary/octet-stream';

/**
 * The engine's own S3: rows in the store, contents in files of `folder`. An object is there as a whole or not at all,
 * also after a crash. There are no versions; a version id is not looked at.
 */
export class Objects implements ObjectSource {
  readonly buckets: Buckets;
  readonly uploads: Uploads;
  readonly #rows: ObjectRows;
  readonly #content: ContentFiles;
  readonly #clock: Clock;

  /** Sweeps. @param folder Used by nobody else, e.g. `<dataDir>/objects`. */
  constructor(store: Store, folder: string, clock = new Clock()) {
    this.#clock = clock;
    this.#rows = new ObjectRows(store);
    this.#content = new ContentFiles(folder);
    this.buckets = new Buckets(this.#rows, clock);
    this.uploads = new Uploads({ rows: this.#rows, content: this.#content, buckets: this.buckets, clock });
    this.sweep();
  }

  /**
   * Writes an object, over the one that is there. What `body` throws at its end leaves everything as it was.
   * @throws ObjectError `NoSuchBucket`, `AccessDenied`, `KeyTooLongError`, `EntityTooLarge`, or `PreconditionFailed` 412.
   */
  async put(
    scope: Scope,
    bucket: string,
    key: string,
    body: AsyncIterable<Uint8Array>,
    { condition, ...attributes }: PutOptions = {},
  ): Promise<ObjectInfo> {
    this.checkWritable(scope, bucket, key, condition);
    const { piece, md5 } = await this.#content.write(body);
    const row = this.#rowOf([piece], `"${md5.toString('hex')}"`, attributes);
    return this.#commit(scope, { bucket, key }, row, condition);
  }

  /** @throws ObjectError where an object could not be written, whatever its content. */
  checkWritable(scope: Scope, bucket: string, key: string, condition: WriteCondition = {}): void {
    checkKey(key);
    const { account } = this.buckets.get(scope, bucket);
    const etag = this.#rows.object(account, bucket, key)?.etag;
    const met = condition.absent
      ? etag === undefined
      : condition.etag === undefined || condition.etag === etag;
    if (met) return;
    throw new ObjectError(
      'PreconditionFailed',
      412,
      etag
        ? `The object is there already, with the ETag ${etag}.`
        : 'There is no such object to be overwritten.',
    );
  }

  /** @throws ObjectError `NoSuchBucket`, `NoSuchKey` 404, or `AccessDenied`. */
  head(scope: Scope, bucket: string, key: string): ObjectInfo {
    return infoOf(bucket, key, this.#row(scope, bucket, key));
  }

  async read(scope: Scope, bucket: string, key: string): Promise<{ info: ObjectInfo; body: Readable }> {
    const { info, open } = this.find(scope, bucket, key);
    return { info, body: open() };
  }

  /**
   * An object and how to read it, or a range of it.
   * `open` must be called before anything else is awaited; otherwise the object may have been overwritten meanwhile.
   */
  find(
    scope: Scope,
    bucket: string,
    key: string,
  ): { info: ObjectInfo; open: (range?: ByteRange) => Readable } {
    const row = this.#row(scope, bucket, key);
    return {
      info: infoOf(bucket, key, row),
      open: (range) => this.#content.read(row.pieces, range),
    };
  }

  /** Copies an object, with its own attributes unless others are given. */
  async copy(scope: Scope, from: Place, to: Place, attributes?: Attributes): Promise<ObjectInfo> {
    const source = this.#row(scope, from.bucket, from.key);
    this.checkWritable(scope, to.bucket, to.key);
    const pieces = await this.#content.copy(source.pieces);
    const row = this.#rowOf(pieces, source.etag, { ...(attributes ?? source), checksums: source.checksums });
    return this.#commit(scope, to, row);
  }

  /** Also where there is no such object. */
  delete(scope: Scope, bucket: string, key: string): void {
    const { account } = this.buckets.get(scope, bucket);
    const old = this.#rows.object(account, bucket, key);
    this.#rows.deleteObject(account, bucket, key);
    this.#content.remove(old?.pieces ?? []);
  }

  list(scope: Scope, bucket: string, request: ListRequest): Listing {
    return listObjects(this.#rows, this.buckets.get(scope, bucket), request);
  }

  /**
   * Makes an object of parts of an upload, which then is over.
   * @throws ObjectError as `put` and `Uploads.choose`.
   */
  complete(
    scope: Scope,
    upload: UploadName,
    parts: readonly CompletedPart[],
    { condition, checksums }: { condition?: WriteCondition; checksums?: ObjectInfo['checksums'] } = {},
  ): ObjectInfo {
    const { attributes, chosen, etag, left } = this.uploads.choose(scope, upload, parts);
    const pieces = chosen.map(({ piece }) => piece);
    if (sizeOf(pieces) > MAX_OBJECT_BYTES) throw tooLarge();
    const row = this.#rowOf(pieces, etag, { ...attributes, checksums });
    const { info, old } = this.#rows.transaction(() => {
      this.#rows.deleteUpload(upload.id);
      return this.#replace(scope, upload, row, condition);
    });
    this.#content.remove([...old, ...left]);
    return info;
  }

  /** The bytes of the object that `complete` would make. */
  preview(scope: Scope, upload: UploadName, parts: readonly CompletedPart[]): Readable {
    const { chosen } = this.uploads.choose(scope, upload, parts);
    return this.#content.read(chosen.map(({ piece }) => piece));
  }

  /** Removes uploads abandoned for a day, and files that a crash has left. */
  sweep(): void {
    this.uploads.sweep();
    const files = this.#rows.files();
    this.#content.sweep((file) => files.has(file));
  }

  #rowOf(
    pieces: readonly Piece[],
    etag: string,
    { contentType = DEFAULT_TYPE, metadata = {}, headers, checksums }: Attributes,
  ): ObjectRow {
    return {
      pieces,
      etag,
      size: sizeOf(pieces),
      modified: this.#clock.now(),
      contentType,
      metadata,
      headers,
      checksums,
    };
  }

  #row(scope: Scope, bucket: string, key: string): ObjectRow {
    const { account } = this.buckets.get(scope, bucket);
    const row = this.#rows.object(account, bucket, key);
    if (row) return row;
    throw new ObjectError(
      'NoSuchKey',
      404,
      `The bucket ${bucket} has no object ${JSON.stringify(key.slice(0, 200))}.`,
    );
  }

  /** Puts an object of new pieces in its place, or removes the pieces. */
  #commit(scope: Scope, place: Place, row: ObjectRow, condition?: WriteCondition): ObjectInfo {
    try {
      const { info, old } = this.#rows.transaction(() => this.#replace(scope, place, row, condition));
      this.#content.remove(old);
      return info;
    } catch (error) {
      this.#content.remove(row.pieces);
      throw error;
    }
  }

  /** In a transaction. @returns also the pieces that are no longer needed after it. */
  #replace(scope: Scope, { bucket, key }: Place, row: ObjectRow, condition?: WriteCondition) {
    this.checkWritable(scope, bucket, key, condition);
    const { account } = scope;
    const old = this.#rows.object(account, bucket, key)?.pieces ?? [];
    this.#rows.putObject(account, bucket, key, row);
    return { info: infoOf(bucket, key, row), old };
  }
}

function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { size }) => sum + size, 0);
}
