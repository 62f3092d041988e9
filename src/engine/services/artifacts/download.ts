import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ArtifactError } from './artifact-error.ts';

const MB = 1024 ** 2;

/** AWS's limit for a zip of code, in bytes. */
const MAX_ZIP_BYTES = 250 * MB;

/**
 * Writes an object to a new file.
 * @throws ArtifactError where it is larger than a zip may be, as it says itself or in fact, or ends too early.
 */
export async function download(
  { info, body }: { info: { size: number }; body: Readable },
  file: string,
  { maxBytes = MAX_ZIP_BYTES, signal }: { maxBytes?: number; signal: AbortSignal },
): Promise<void> {
  let bytes = info.size;
  const counted = async function* (chunks: AsyncIterable<Buffer>) {
    refuseLarge(bytes, maxBytes);
    bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      refuseLarge(bytes, maxBytes);
      yield chunk;
    }
  };
  try {
    await pipeline(body, counted, createWriteStream(file, { flags: 'wx', mode: 0o600 }), { signal });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ArtifactError) throw error;
    throw new ArtifactError(`The zip could not be fetched: ${(error as Error).message}. Try again.`);
  }
  if (bytes !== info.size) {
    throw new ArtifactError(`The zip ended after ${bytes} of ${info.size} bytes. Upload it again.`);
  }
}

function refuseLarge(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  throw new ArtifactError(
    `The zip is larger than the ${maxBytes / MB} MB that AgentCore takes. Leave out what is not needed.`,
  );
}
