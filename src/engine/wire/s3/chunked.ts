import { createHash } from 'node:crypto';
import { ObjectError } from '../../services/objects/objects.ts';
import { ByteReader } from './byte-reader.ts';
import type { ChunkChain } from './chunk-chain.ts';

export interface ChunkedOptions {
  /** How many bytes there must be without the framing. */
  length: number;
  trailer: boolean;
  /** Where the chunks are signed. */
  chain?: ChunkChain | undefined;
}

const MAX_LINE_BYTES = 4096;
const MAX_TRAILERS = 16;
const SIGNATURE = 'chunk-signature';
const TRAILER_SIGNATURE = 'x-amz-trailer-signature';

/**
 * Decodes `aws-chunked`: chunks of stated length, signed or not, and headers after the last one where the sender has
 * promised a trailer. Data is given on as it comes; a chunk's signature is checked at its end.
 *
 * @returns the trailer's headers, by lower-case name.
 * @throws ObjectError 400 `IncompleteBody` where the length is another, `InvalidRequest` or `MalformedTrailerError` where the
 * framing is broken, 403 `SignatureDoesNotMatch`.
 */
export async function* decodeChunks(
  source: AsyncIterable<Buffer>,
  { length, trailer, chain }: ChunkedOptions,
): AsyncGenerator<Buffer, Map<string, string>> {
  const reader = new ByteReader(source);
  try {
    let total = 0;
    for (;;) {
      const { size, signature } = readChunkHead(await reader.line(MAX_LINE_BYTES), chain !== undefined);
      total += size;
      if (total > length) throw incomplete(length, 'more');
      const hash = chain && createHash('sha256');
      for await (const data of reader.take(size)) {
        hash?.update(data);
        yield data;
      }
      if (hash) chain.checkChunk(hash.digest('hex'), signature);
      if (size === 0) break;
      if ((await reader.line(0)) !== '') throw broken('a chunk is longer than it says');
    }
    if (total < length) throw incomplete(length, `${total}`);
    return await readTrailer(reader, trailer ? chain : undefined);
  } finally {
    await reader.close();
  }
}

function readChunkHead(line: string, signed: boolean): { size: number; signature: string } {
  const [digits = '', ...extensions] = line.split(';');
  if (!/^[0-9a-fA-F]{1,8}$/.test(digits))
    throw broken('a chunk does not start with its length in hexadecimal');
  const signature = extensions.find((extension) => extension.startsWith(`${SIGNATURE}=`));
  if (signed && !signature) throw broken('a chunk is not signed');
  return { size: Number.parseInt(digits, 16), signature: signature?.slice(SIGNATURE.length + 1) ?? '' };
}

async function readTrailer(reader: ByteReader, chain: ChunkChain | undefined): Promise<Map<string, string>> {
  const headers = new Map<string, string>();
  for (;;) {
    const line = await reader.line(MAX_LINE_BYTES);
    if (line === '') break;
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon < 1 || headers.has(name) || headers.size === MAX_TRAILERS) throw malformedTrailer();
    headers.set(name, line.slice(colon + 1).trim());
  }
  const signature = headers.get(TRAILER_SIGNATURE);
  headers.delete(TRAILER_SIGNATURE);
  if (chain) {
    const canonical = [...headers].map(([name, value]) => `${name}:${value}\n`).join('');
    chain.checkTrailer(canonical, signature ?? '');
  }
  return headers;
}

function incomplete(length: number, found: string): ObjectError {
  return new ObjectError(
    'IncompleteBody',
    400,
    `x-amz-decoded-content-length says ${length} bytes, and there are ${found}.`,
  );
}

function broken(what: string): ObjectError {
  return new ObjectError('InvalidRequest', 400, `The body is not well-formed aws-chunked: ${what}.`);
}

function malformedTrailer(): ObjectError {
  return new ObjectError(
    'MalformedTrailerError',
    400,
    'The trailer after the last chunk is not well-formed.',
  );
}
