import type { S3Location } from '@aws-sdk/client-bedrock-agentcore';
import type { Scope } from '../../service.ts';
import { invalid } from '../exceptions.ts';
import { ObjectError, type ObjectSource, whyUnread } from '../objects/objects.ts';

/** What somebody has put in a bucket for a browser, and by what member of the input it is named. */
interface Upload {
  member: string;
  /** E.g. `policies`. */
  what: string;
}

/** An object to be read; its body may fail before that. @throws ValidationException where it cannot be had. */
export async function openUpload(
  objects: ObjectSource,
  scope: Scope,
  { bucket = '', prefix = '', versionId }: S3Location,
  { member, what }: Upload,
): ReturnType<ObjectSource['read']> {
  try {
    const object = await objects.read(scope, bucket, prefix, versionId);
    object.body.on('error', () => {
      // Who reads it finds the failure.
    });
    return object;
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error;
    throw invalid(`${member}.location.s3`, whyUnread(error, bucket, prefix, what));
  }
}

/** The text of an object. @throws ValidationException where it cannot be had or is too large. */
export async function readText(
  objects: ObjectSource,
  scope: Scope,
  place: S3Location,
  { maxBytes, ...upload }: Upload & { maxBytes: number },
): Promise<string> {
  const { body } = await openUpload(objects, scope, place, upload);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw invalid(upload.member, `The file has more than ${maxBytes} bytes, the most that is allowed.`);
  }
  return Buffer.concat(chunks).toString();
}
