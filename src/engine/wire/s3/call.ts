import type { Readable } from 'node:stream';
import type { Scope } from '../../service.ts';
import type { Objects } from '../../services/objects/object-store.ts';
import type { Body, Values } from './body.ts';

/** One request, understood as far as every operation needs it. */
export interface S3Call {
  objects: Objects;
  scope: Scope;
  /** Empty for what concerns the whole account. */
  bucket: string;
  /** Empty for what concerns a bucket. */
  key: string;
  query: ReadonlyMap<string, string>;
  /** Headers; a parameter of the query whose name begins with `x-amz-` stands for a header. */
  values: Values;
  body(options?: { maxBytes?: number; values?: Values }): Body;
}

/** What is answered. */
export interface S3Answer {
  status?: number;
  headers?: Readonly<Record<string, string>>;
  /** A document, or an object's bytes. */
  body?: string | Readable;
}

export type S3Operation = (call: S3Call) => Promise<S3Answer> | S3Answer;
