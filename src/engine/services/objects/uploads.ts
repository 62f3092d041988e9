import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Scope } from '../../service.ts';
import type { Buckets } from './buckets.ts';
import type { ContentFiles, Piece } from './content.ts';
import { checkKey } from './names.ts';
import { ObjectError } from './objects.ts';
import type { ObjectRows, PartRow, UploadRow } from './rows.ts';

/** An upload as requests name it. */
export interface UploadName {
  bucket: string;
  key: string;
  id: string;
}

/** A part as the sender lists it in the end. */
export interface CompletedPart {
  number: number;
  /** With or without quotation marks. */
  etag: string;
  /** In base64, by algorithm, where the sender states any. */
  checksums?: Readonly<Record<string, string>>;
}

const MAX_PARTS = 10_000;
/** Of every part but the last, in bytes. */
const MIN_PART_BYTES = 5 * 1024 * 1024;
const DAY_MS = 24 * 3600 * 1000;

/** Multipart uploads that have begun and are neither complete nor aborted. */
export class Uploads {
  readonly #rows: ObjectRows;
  readonly #content: ContentFiles;
  readonly #buckets: Buckets;
  readonly #clock: Clock;

  constructor(parts: { rows: ObjectRows; content: ContentFiles; buckets: Buckets; clock: Clock }) {
    this.#rows = parts.rows;
    this.#content = parts.content;
    this.#buckets = parts.buckets;
    this.#clock = parts.clock;
  }

  /** @returns the upload's id. */
  create(scope: Scope, bucket: string, key: string, attributes: UploadRow['attributes']): string {
    checkKey(key);
    const { account } = this.#buckets.get(scope, bucket);
    const id = randomBytes(32).toString('base64url');
    this.#rows.addUpload({ id, account, bucket, key, created: this.#clock.now(), attributes });
    return id;
  }

  /**
   * Writes a part, over one of the same number.
   * @param checksums May still be filled while the body is read.
   * @returns its ETag.
   * @throws ObjectError `NoSuchUpload` 404, `InvalidArgument` for a number not from 1 to 10,000; what `body` throws.
   */
  async putPart(
    scope: Scope,
    upload: UploadName,
    number: number,
    body: AsyncIterable<Uint8Array>,
    checksums: PartRow['checksums'] = {},
  ): Promise<string> {
    this.get(scope, upload);
    if (!Number.isInteger(number) || number < 1 || number > MAX_PARTS) {
      throw new ObjectError('InvalidArgument', 400, `A part number goes from 1 to ${MAX_PARTS}.`);
    }
    const { piece, md5 } = await this.#content.write(body);
    const etag = `"${md5.toString('hex')}"`;
    try {
      const old = this.#rows.transaction(() => {
        this.get(scope, upload);
        const known = this.#rows.parts(upload.id).filter((part) => part.number === number);
        this.#rows.putPart(upload.id, { number, piece, etag, modified: this.#clock.now(), checksums });
        return known;
      });
      this.#content.remove(old.map((part) => part.piece));
    } catch (error) {
      this.#content.remove([piece]);
      throw error;
    }
    return etag;
  }

  /** By number. */
  parts(scope: Scope, upload: UploadName): PartRow[] {
    return this.#rows.parts(this.get(scope, upload).id);
  }

  abort(scope: Scope, upload: UploadName): void {
    this.#remove(this.get(scope, upload));
  }

  /** @throws ObjectError `NoSuchUpload` 404. */
  get(scope: Scope, { bucket, key, id }: UploadName): UploadRow {
    const { account } = this.#buckets.get(scope, bucket);
    const upload = this.#rows.upload(id);
    if (upload?.account === account && upload.bucket === bucket && upload.key === key) return upload;
    throw new ObjectError(
      'NoSuchUpload',
      404,
      'There is no such upload. It may have been completed, aborted, or abandoned for a day.',
    );
  }

  /**
   * The parts that an object is to be made of, its ETag, and the pieces of the upload that are left over.
   * @throws ObjectError 400 `InvalidPartOrder`, `InvalidPart` or `EntityTooSmall`; `NoSuchUpload` 404.
   */
  choose(scope: Scope, name: UploadName, completed: readonly CompletedPart[]) {
    const { attributes } = this.get(scope, name);
    if (completed.some(({ number }, index) => number <= (completed[index - 1]?.number ?? 0))) {
      throw new ObjectError(
        'InvalidPartOrder',
        400,
        'The parts must be listed in ascending order of their numbers.',
      );
    }
    const parts = new Map(this.#rows.parts(name.id).map((part) => [part.number, part]));
    const chosen = completed.map((part) => sameAsUploaded(part, parts.get(part.number)));
    for (const { number, piece } of chosen.slice(0, -1)) {
      if (piece.size < MIN_PART_BYTES) {
        const message = `Part ${number} has ${piece.size} bytes; all but the last need at least ${MIN_PART_BYTES}.`;
        throw new ObjectError('EntityTooSmall', 400, message);
      }
      parts.delete(number);
    }
    parts.delete(chosen.at(-1)?.number ?? 0);
    const left: Piece[] = [...parts.values()].map(({ piece }) => piece);
    return { attributes, chosen, etag: etagOf(chosen), left };
  }

  /** Removes uploads of which nothing came for a day. */
  sweep(): void {
    for (const upload of this.#rows.uploads()) {
      const newest = Math.max(upload.created, ...this.#rows.parts(upload.id).map((part) => part.modified));
      if (this.#clock.now() - newest > DAY_MS) this.#remove(upload);
    }
  }

  #remove({ id }: UploadRow): void {
    const parts = this.#rows.parts(id);
    this.#rows.deleteUpload(id);
    this.#content.remove(parts.map(({ piece }) => piece));
  }
}

function sameAsUploaded({ number, etag, checksums = {} }: CompletedPart, part: PartRow | undefined): PartRow {
  const same =
    part?.etag === `"${etag.replaceAll('"', '')}"` &&
    Object.entries(checksums).every(([name, value]) => (part.checksums[name] ?? value) === value);
  if (part && same) return part;
  throw new ObjectError(
    'InvalidPart',
    400,
    `Part ${number} has not been uploaded, or with another ETag or checksum.`,
  );
}

/** The MD5 of the MD5s of all parts, and their number. */
function etagOf(parts: readonly PartRow[]): string {
  const md5 = createHash('md5');
  for (const { etag } of parts) md5.update(Buffer.from(etag.slice(1, -1), 'hex'));
  return `"${md5.digest('hex')}-${parts.length}"`;
}
