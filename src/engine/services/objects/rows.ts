import type { Store } from '../../store/store.ts';
import type { Piece } from './content.ts';
import type { ObjectInfo } from './objects.ts';

/** A bucket; its name is its account's only one over all regions. */
export interface Bucket {
  account: string;
  name: string;
  region: string;
  created: Date;
}

/** What is kept of an object besides its bucket and key. */
export interface ObjectRow extends Omit<ObjectInfo, 'bucket' | 'key' | 'lastModified'> {
  /** Milliseconds since the epoch. */
  modified: number;
  pieces: readonly Piece[];
}

/** A multipart upload that is neither complete nor aborted. */
export interface UploadRow {
  id: string;
  account: string;
  bucket: string;
  key: string;
  /** Milliseconds since the epoch. */
  created: number;
  attributes: Pick<ObjectInfo, 'contentType' | 'metadata' | 'headers'>;
}

export interface PartRow {
  number: number;
  piece: Piece;
  etag: string;
  /** Milliseconds since the epoch. */
  modified: number;
  checksums: Readonly<Record<string, string>>;
}

/** Keys are BLOBs, so that they compare byte by byte, as S3 orders them. */
const tables = [
  `CREATE TABLE object_buckets (
     account TEXT NOT NULL, name TEXT NOT NULL, region TEXT NOT NULL, created INTEGER NOT NULL,
     PRIMARY KEY (account, name)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE objects (
     account TEXT NOT NULL, bucket TEXT NOT NULL, key BLOB NOT NULL, body TEXT NOT NULL,
     PRIMARY KEY (account, bucket, key)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE object_uploads (
     id TEXT PRIMARY KEY, account TEXT NOT NULL, bucket TEXT NOT NULL, body TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE object_parts (
     upload TEXT NOT NULL REFERENCES object_uploads (id) ON DELETE CASCADE, number INTEGER NOT NULL, body TEXT NOT NULL,
     PRIMARY KEY (upload, number)
   ) STRICT, WITHOUT ROWID;`,
];

/** Buckets, objects, uploads and parts in the store. */
export class ObjectRows {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    store.migrate('objects', tables);
  }

  transaction<T>(work: () => T): T {
    return this.#store.transaction(work);
  }

  bucket(account: string, name: string): Bucket | undefined {
    const [row] = this.#store.all(
      'SELECT * FROM object_buckets WHERE account = ? AND name = ?',
      account,
      name,
    );
    return row && asBucket(row);
  }

  /** Whether an account other than this has such a bucket. */
  isForeign(account: string, name: string): boolean {
    return (
      this.#store.all('SELECT 1 FROM object_buckets WHERE name = ? AND account <> ?', name, account).length >
      0
    );
  }

  buckets(account: string): Bucket[] {
    return this.#store
      .all('SELECT * FROM object_buckets WHERE account = ? ORDER BY name', account)
      .map(asBucket);
  }

  addBucket({ account, name, region, created }: Bucket): void {
    this.#store.run(
      'INSERT INTO object_buckets VALUES (?, ?, ?, ?)',
      account,
      name,
      region,
      created.getTime(),
    );
  }

  deleteBucket(account: string, name: string): void {
    this.#store.run('DELETE FROM object_buckets WHERE account = ? AND name = ?', account, name);
  }

  object(account: string, bucket: string, key: string): ObjectRow | undefined {
    const select = 'SELECT body FROM objects WHERE account = ? AND bucket = ? AND key = ?';
    const [row] = this.#store.all(select, account, bucket, Buffer.from(key));
    return row && JSON.parse(row.body as string);
  }

  putObject(account: string, bucket: string, key: string, row: ObjectRow): void {
    const put = 'INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)';
    this.#store.run(put, account, bucket, Buffer.from(key), JSON.stringify(row));
  }

  deleteObject(account: string, bucket: string, key: string): void {
    const remove = 'DELETE FROM objects WHERE account = ? AND bucket = ? AND key = ?';
    this.#store.run(remove, account, bucket, Buffer.from(key));
  }

  /** Objects of a bucket by key, from `from` on; at most `limit`. */
  objects(account: string, bucket: string, from: Uint8Array, limit: number): (ObjectRow & { key: Buffer })[] {
    const select =
      'SELECT key, body FROM objects WHERE account = ? AND bucket = ? AND key >= ? ORDER BY key LIMIT ?';
    return this.#store.all(select, account, bucket, from, limit).map(({ key, body }) => ({
      ...JSON.parse(body as string),
      key: Buffer.from(key as Uint8Array),
    }));
  }

  upload(id: string): UploadRow | undefined {
    const [row] = this.#store.all('SELECT body FROM object_uploads WHERE id = ?', id);
    return row && JSON.parse(row.body as string);
  }

  uploads(): UploadRow[] {
    return this.#store.all('SELECT body FROM object_uploads').map(({ body }) => JSON.parse(body as string));
  }

  addUpload(upload: UploadRow): void {
    const { id, account, bucket } = upload;
    this.#store.run(
      'INSERT INTO object_uploads VALUES (?, ?, ?, ?)',
      id,
      account,
      bucket,
      JSON.stringify(upload),
    );
  }

  /** And its parts. */
  deleteUpload(id: string): void {
    this.#store.run('DELETE FROM object_uploads WHERE id = ?', id);
  }

  /** In the order of their numbers. */
  parts(upload: string): PartRow[] {
    const select = 'SELECT body FROM object_parts WHERE upload = ? ORDER BY number';
    return this.#store.all(select, upload).map(({ body }) => JSON.parse(body as string));
  }

  putPart(upload: string, part: PartRow): void {
    const put = 'INSERT OR REPLACE INTO object_parts VALUES (?, ?, ?)';
    this.#store.run(put, upload, part.number, JSON.stringify(part));
  }

  /** The names of all content files that a row refers to. */
  files(): Set<string> {
    const inObjects = `SELECT piece.value ->> 'file' AS file FROM objects, json_each(objects.body, '$.pieces') AS piece`;
    const inParts = `SELECT body ->> '$.piece.file' AS file FROM object_parts`;
    return new Set(this.#store.all(`${inObjects} UNION ALL ${inParts}`).map(({ file }) => file as string));
  }
}

function asBucket({ account, name, region, created }: Record<string, unknown>): Bucket {
  return {
    account: account as string,
    name: name as string,
    region: region as string,
    created: new Date(created as number),
  };
}

/** What callers see of a row. */
export function infoOf(bucket: string, key: string, { pieces: _, modified, ...row }: ObjectRow): ObjectInfo {
  return { ...row, bucket, key, lastModified: new Date(modified) };
}
