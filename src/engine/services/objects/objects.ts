import type { Readable } from 'node:stream';
import type { Scope } from '../../service.ts';

/** What is kept of an object's HTTP headers besides its content type, by lower-case name, e.g. `cache-control`. */
export type KeptHeaders = Readonly<Record<string, string>>;

/** An object as S3 describes it. */
export interface ObjectInfo {
  bucket: string;
  key: string;
  /** Bytes. */
  size: number;
  /** In quotation marks, as the header has it. */
  etag: string;
  lastModified: Date;
  contentType: string;
  /** `x-amz-meta-*` without the prefix. */
  metadata: Readonly<Record<string, string>>;
  headers?: KeptHeaders;
  /** Checksums of the whole content that the sender had checked, in base64, by algorithm, e.g. `crc32`. */
  checksums?: Readonly<Record<string, string>>;
}

/** Where the runtime service finds code: the engine's own buckets, or a real store. */
export interface ObjectSource {
  /**
   * @throws ObjectError `NoSuchBucket` or `NoSuchKey`, `AccessDenied` for a bucket of another account, or another code of a
   * store elsewhere.
   */
  read(
    scope: Scope,
    bucket: string,
    key: string,
    versionId?: string,
  ): Promise<{ info: ObjectInfo; body: Readable }>;
}

/** A refusal in S3's terms. */
export class ObjectError extends Error {
  override readonly name = 'ObjectError';
  /** E.g. `NoSuchKey`. */
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Why somebody's upload cannot be read, in words that say what to do next. @param what E.g. `zip`. */
export function whyUnread({ code, message }: ObjectError, bucket: string, key: string, what: string): string {
  switch (code) {
    case 'NoSuchBucket':
      return `There is no bucket ${bucket}. Create it and upload the ${what} first.`;
    case 'NoSuchKey':
      return `There is no object ${key} in the bucket ${bucket}. Upload the ${what} first.`;
    case 'AccessDenied':
      return `The bucket ${bucket} is another account's.`;
    default:
      return `s3://${bucket}/${key} cannot be read: ${message}`;
  }
}
