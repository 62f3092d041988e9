import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signingKey } from '../../../../src/engine/wire/canonical.ts';
import { newChecksum } from '../../../../src/engine/wire/s3/checksums.ts';
import { ChunkChain } from '../../../../src/engine/wire/s3/chunk-chain.ts';
import { type ChunkedOptions, decodeChunks } from '../../../../src/engine/wire/s3/chunked.ts';

async function* cutAt(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    yield bytes.subarray(from, Math.max(from, cut));
    from = Math.max(from, cut);
  }
  yield bytes.subarray(from);
}

async function decode(bytes: Buffer, options: ChunkedOptions, cuts: readonly number[] = []) {
  const source = decodeChunks(cutAt(bytes, cuts), options);
  const parts: Buffer[] = [];
  for (;;) {
    const { done, value } = await source.next();
    if (done) return { content: Buffer.concat(parts), trailer: Object.fromEntries(value) };
    parts.push(value);
  }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'accepted';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

function framed(chunks: readonly Uint8Array[], trailer: Record<string, string> = {}): Buffer {
  return Buffer.concat([
    ...chunks.flatMap((chunk) => [
      Buffer.from(`${chunk.length.toString(16)}\r\n`),
      chunk,
      Buffer.from('\r\n'),
    ]),
    Buffer.from('0\r\n'),
    ...Object.entries(trailer).map(([name, value]) => Buffer.from(`${name}:${value}\r\n`)),
    Buffer.from('\r\n'),
  ]);
}

/** The examples of AWS's own documentation: 65 KiB of the letter a, in two chunks. */
const published = {
  start: {
    key: signingKey('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', '20130524/us-east-1/s3/aws4_request'),
    date: '20130524T000000Z',
    scope: '20130524/us-east-1/s3/aws4_request',
  },
  plain: {
    seed: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
    signatures: [
      'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
      '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
      'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
    ],
    trailer: '',
  },
  withTrailer: {
    seed: '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e',
    signatures: [
      'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
      '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
      '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
    ],
    trailer:
      'x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n',
  },
};

const letters = Buffer.alloc(65 * 1024, 'a');

function signedBody({ signatures, trailer }: typeof published.plain): string {
  const [first, second, last] = signatures;
  return [
    `10000;chunk-signature=${first}\r\n${'a'.repeat(65536)}\r\n`,
    `400;chunk-signature=${second}\r\n${'a'.repeat(1024)}\r\n`,
    `0;chunk-signature=${last}\r\n${trailer}\r\n`,
  ].join('');
}

const optionsFor = ({ seed, trailer }: typeof published.plain): ChunkedOptions => ({
  length: letters.length,
  trailer: trailer !== '',
  chain: new ChunkChain({ ...published.start, seed }),
});

describe('aws-chunked', () => {
  test('gives any content and trailer, wherever the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 5 }),
        fc.dictionary(fc.stringMatching(/^x-[a-z]{1,8}$/), fc.base64String({ maxLength: 12 }), {
          maxKeys: 3,
        }),
        fc.array(fc.nat(250), { maxLength: 12 }),
        async (chunks, trailer, cuts) => {
          const content = Buffer.concat(chunks);
          const options = { length: content.length, trailer: true };
          const decoded = await decode(framed(chunks, trailer), options, cuts);
          expect(decoded.content.equals(content)).toBe(true);
          expect(decoded.trailer).toEqual({ ...trailer });
        },
      ),
    );
  });

  test.each([
    ['plain', published.plain],
    ['withTrailer', published.withTrailer],
  ])("accepts AWS's own example, %s, and no changed one", async (_, example) => {
    const body = signedBody(example);
    const { content } = await decode(Buffer.from(body), optionsFor(example), [1, 90, 65_600]);
    expect(content.equals(letters)).toBe(true);
    for (const at of [100, 65_700, body.length - 100, body.length - 6]) {
      const changed = `${body.slice(0, at)}${body[at] === 'b' ? 'c' : 'b'}${body.slice(at + 1)}`;
      expect([at, await codeOf(decode(Buffer.from(changed), optionsFor(example)))]).not.toEqual([
        at,
        'accepted',
      ]);
    }
  });

  test('refuses signed chunks in another order, unsigned or left out', async () => {
    const [first = '', second = '', last = ''] = signedBody(published.plain).split(/(?<=a\r\n)(?=[40])/);
    const options = () => optionsFor(published.plain);
    expect(await codeOf(decode(Buffer.from(second + first + last), options()))).toBe('SignatureDoesNotMatch');
    expect(await codeOf(decode(Buffer.from(first + last), options()))).toBe('SignatureDoesNotMatch');
    expect(await codeOf(decode(framed([letters]), options()))).toBe('InvalidRequest');
  });

  test.each<[string, string, string]>([
    ['no framing', 'hello', 'IncompleteBody'],
    ['a length that is none', 'xyz\r\nhello\r\n0\r\n\r\n', 'InvalidRequest'],
    ['a negative length', '-5\r\nhello\r\n0\r\n\r\n', 'InvalidRequest'],
    ['a chunk that is longer', '4\r\nhello\r\n0\r\n\r\n', 'InvalidRequest'],
    ['a chunk that is shorter', '5\r\nhell\r\n0\r\n\r\n', 'InvalidRequest'],
    ['too much', '6\r\nhello!\r\n0\r\n\r\n', 'IncompleteBody'],
    ['too little', '4\r\nhell\r\n0\r\n\r\n', 'IncompleteBody'],
    ['an early end', '5\r\nhel', 'IncompleteBody'],
    ['no last chunk', '5\r\nhello\r\n', 'IncompleteBody'],
    ['a line without end', '1'.repeat(5000), 'InvalidRequest'],
    ['a trailer without a name', '5\r\nhello\r\n0\r\n:value\r\n\r\n', 'MalformedTrailerError'],
    ['a trailer twice', '5\r\nhello\r\n0\r\na:1\r\na:1\r\n\r\n', 'MalformedTrailerError'],
  ])('refuses %s', async (_, body, code) => {
    expect(await codeOf(decode(Buffer.from(body), { length: 5, trailer: true }))).toBe(code);
  });
});

describe('checksums', () => {
  /** Of the digits 1 to 9, as the catalogue of CRC algorithms has them, and of the empty content. */
  test.each([
    ['crc32', 'cbf43926', '00000000'],
    ['crc32c', 'e3069283', '00000000'],
    ['crc64nvme', 'ae8b14860a799888', '0000000000000000'],
    ['md5', '25f9e794323b453885f5181f1b624d0b', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['sha1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ])('%s', (name, ofDigits, ofNothing) => {
    const digest = (...parts: string[]) => {
      const checksum = newChecksum(name);
      for (const part of parts) checksum?.update(Buffer.from(part));
      return Buffer.from(checksum?.digest() ?? '', 'base64').toString('hex');
    };
    expect([digest('123456789'), digest('1234', '', '56789'), digest()]).toEqual([
      ofDigits,
      ofDigits,
      ofNothing,
    ]);
  });

  test('there is none of another name', () => {
    expect([newChecksum('xxhash64'), newChecksum('constructor')]).toEqual([undefined, undefined]);
  });
});
