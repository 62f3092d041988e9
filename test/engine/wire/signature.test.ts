import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { s3SigV4 } from '../../../src/engine/wire/s3/authenticate.ts';
import { type Authenticate, noAuth, sigV4 } from '../../../src/engine/wire/signature.ts';
import { Sha256 } from '../../support/signed-http.ts';

const ACCOUNT = '111122223333';
const secrets: Record<string, string> = { [ACCOUNT]: 'a secret', '444455556666': 'another secret' };
const NOW = Date.UTC(2026, 10, 22, 10, 0, 0);
const verify = sigV4({ secretFor: (id) => secrets[id], now: () => NOW });

type Request = Parameters<SignatureV4['sign']>[0] & object;

function signer(by: { account?: string; secret?: string; service?: string } = {}) {
  const { account = ACCOUNT, secret = secrets[account], service = 'bedrock-agentcore' } = by;
  return new SignatureV4({
    service,
    region: 'eu-central-1',
    credentials: { accessKeyId: account, secretAccessKey: secret ?? 'no such account' },
    sha256: Sha256,
  });
}

function request(
  parts: Partial<{
    path: string;
    query: Record<string, string | string[]>;
    headers: object;
    body: string;
  }> = {},
) {
  return {
    method: 'POST',
    protocol: 'http:',
    hostname: '127.0.0.1',
    path: '/memories/create',
    ...parts,
    headers: { host: '127.0.0.1:4000', ...parts.headers } as Record<string, string>,
  };
}

/** A signed request as Node's HTTP server shows it. */
function arrived(signed: { method: string; path: string; query?: object; headers: Record<string, string> }) {
  const query = Object.entries(signed.query ?? {})
    .flatMap(([name, values]) => [values as string | string[]].flat().map((value) => [name, value]))
    .map((pair) => pair.map((text) => encodeURIComponent(text as string)).join('='))
    .join('&');
  return {
    method: signed.method,
    url: query ? `${signed.path}?${query}` : signed.path,
    rawHeaders: Object.entries(signed.headers).flat(),
  };
}

const sign = async (
  parts: Parameters<typeof request>[0] = {},
  by: Parameters<typeof signer>[0] = {},
  at = NOW,
) => arrived((await signer(by).sign(request(parts) as Request, { signingDate: new Date(at) })) as never);

const presign = async (at = NOW, expiresIn = 60) =>
  arrived((await signer().presign(request() as never, { signingDate: new Date(at), expiresIn })) as never);

function admit(authenticate: Authenticate, message: ReturnType<typeof arrived>, body = '') {
  const admission = authenticate(message);
  admission.checkBody(Buffer.from(body));
  return admission.scope;
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'accepted';
}

describe('sigV4', () => {
  test('accepts what the AWS signer signs: any path, query, headers and body', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 });
    // The signer keeps parameters in a plain object, in which one of this name is lost.
    const parameter = text.filter((name) => name !== '__proto__');
    await fc.assert(
      fc.asyncProperty(
        fc.array(text.map(encodeURIComponent), { maxLength: 4 }),
        fc.boolean(),
        fc.dictionary(parameter, fc.oneof(text, fc.array(text, { maxLength: 3 })), {
          maxKeys: 4,
          noNullPrototype: true,
        }),
        fc.dictionary(
          fc.stringMatching(/^x-[a-z][a-z-]{0,8}$/),
          fc.string({ unit: fc.constantFrom('a', 'Z', ' ', '  ', '\t', ',', '"') }),
          { maxKeys: 3, noNullPrototype: true },
        ),
        text,
        async (segments, trailing, query, headers, body) => {
          const path = `/${segments.join('/')}${trailing ? '/' : ''}`;
          expect(admit(verify, await sign({ path, query, headers, body }), body)).toEqual({
            account: ACCOUNT,
            region: 'eu-central-1',
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  test('accepts a presigned request as long as it lives', async () => {
    expect(admit(verify, await presign(NOW - 59_000)).account).toBe(ACCOUNT);
    const expired = await presign(NOW - 61_000);
    expect(codeOf(() => admit(verify, expired))).toBe('InvalidSignatureException');
    const early = await presign(NOW + 301_000);
    expect(codeOf(() => admit(verify, early))).toBe('InvalidSignatureException');
  });

  test('a body stated as unsigned is not covered, any other is', async () => {
    const unsigned = await sign({ headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }, body: 'one' });
    expect(codeOf(() => admit(verify, unsigned, 'two'))).toBe('accepted');
    const stated = await sign({ body: 'one' });
    expect(stated.rawHeaders).toContain('x-amz-content-sha256');
    expect(codeOf(() => admit(verify, stated, 'two'))).toBe('InvalidSignatureException');
    expect(codeOf(() => admit(verify, stated, 'one'))).toBe('accepted');
  });

  test.each<[string, string, () => Promise<ReturnType<typeof arrived>>]>([
    ['another secret', 'InvalidSignatureException', () => sign({}, { secret: 'wrong' })],
    [
      "another account's secret",
      'InvalidSignatureException',
      () => sign({}, { secret: secrets['444455556666'] }),
    ],
    ['an unknown account', 'UnrecognizedClientException', () => sign({}, { account: '999999999999' })],
    [
      'a key id that is no account',
      'UnrecognizedClientException',
      () => sign({}, { account: 'AKIAIOSFODNN7EXAMPLE' }),
    ],
    ['another service', 'InvalidSignatureException', () => sign({}, { service: 's3' })],
    ['a clock 301 s behind', 'InvalidSignatureException', () => sign({}, {}, NOW - 301_000)],
    ['a clock 301 s ahead', 'InvalidSignatureException', () => sign({}, {}, NOW + 301_000)],
    ['no signature', 'MissingAuthenticationTokenException', async () => arrived(request() as never)],
    [
      'a signature of version 2',
      'IncompleteSignatureException',
      async () => arrived(request({ query: { AWSAccessKeyId: '111122223333', Signature: 'x' } }) as never),
    ],
    [
      'another scheme',
      'IncompleteSignatureException',
      async () => arrived(request({ headers: { authorization: 'Bearer abc' } }) as never),
    ],
    ['a method changed', 'InvalidSignatureException', async () => ({ ...(await sign()), method: 'GET' })],
    ['a path changed', 'InvalidSignatureException', async () => ({ ...(await sign()), url: '/memories/' })],
    [
      'a query added',
      'InvalidSignatureException',
      async () => ({ ...(await sign()), url: '/memories/create?a=b' }),
    ],
    [
      'a broken query',
      'ValidationException',
      async () => ({ ...(await sign()), url: '/memories/create?a=%ff' }),
    ],
    [
      'an x-amz header added',
      'IncompleteSignatureException',
      async () => {
        const message = await sign();
        return { ...message, rawHeaders: [...message.rawHeaders, 'X-Amz-Target', 'x'] };
      },
    ],
    [
      'a signed header repeated',
      'IncompleteSignatureException',
      async () => {
        const message = await sign();
        return { ...message, rawHeaders: [...message.rawHeaders, 'authorization', 'x'] };
      },
    ],
    [
      'a host not signed',
      'IncompleteSignatureException',
      async () => {
        const { host: _, ...headers } = request().headers;
        return arrived(
          (await signer().sign({ ...request(), headers } as Request, {
            signingDate: new Date(NOW),
          })) as never,
        );
      },
    ],
  ])('refuses %s', async (_, code, make) => {
    const message = await make();
    expect(codeOf(() => admit(verify, message))).toBe(code);
  });

  test('a clock 299 s away is near enough', async () => {
    for (const skew of [-299_000, 299_000]) {
      const message = await sign({}, {}, NOW + skew);
      expect(codeOf(() => admit(verify, message))).toBe('accepted');
    }
  });

  test('any one character changed in the Authorization header is refused', async () => {
    const message = await sign();
    const at = message.rawHeaders.indexOf('authorization') + 1;
    const authorization = message.rawHeaders[at] as string;
    for (let i = 0; i < authorization.length; i++) {
      const changed = `${authorization.slice(0, i)}${authorization[i] === 'x' ? 'y' : 'x'}${authorization.slice(i + 1)}`;
      const rawHeaders = message.rawHeaders.with(at, changed);
      expect(
        codeOf(() => admit(verify, { ...message, rawHeaders })),
        changed,
      ).not.toBe('accepted');
    }
  });
});

describe('the paths of S3', () => {
  const s3 = s3SigV4({ secretFor: (id) => secrets[id], now: () => NOW });
  const s3Signer = new SignatureV4({
    service: 's3',
    region: 'eu-central-1',
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: secrets[ACCOUNT] as string },
    sha256: Sha256,
    uriEscapePath: false,
  });
  const signS3 = async (path: string) =>
    arrived((await s3Signer.sign(request({ path }) as Request, { signingDate: new Date(NOW) })) as never);
  const encoded = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);

  test('are signed as they are: encoded once, nothing folded away', async () => {
    const segment = fc.oneof(fc.constantFrom('', '.', '..'), fc.string({ unit: 'grapheme', maxLength: 12 }));
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { maxLength: 6 }), async (segments) => {
        const path = `/${segments
          .map(encoded)
          .join('/')
          .replace(/%[0-9a-f]{2}/g, (code) => code.toUpperCase())}`;
        expect(s3(await signS3(path)).scope).toEqual({ account: ACCOUNT, region: 'eu-central-1' });
      }),
      { numRuns: 300 },
    );
  });

  test('differ by every slash and dot', async () => {
    const message = await signS3('/bucket//a/../b');
    for (const url of ['/bucket/b', '/bucket/a/../b', '/bucket//b', '/bucket//a/../b/']) {
      expect(codeOf(() => s3({ ...message, url }))).toBe('InvalidSignatureException');
    }
  });

  test('other services take no signature for S3, and no body in chunks', async () => {
    const message = await signS3('/');
    expect(codeOf(() => admit(verify, message))).toBe('InvalidSignatureException');
    const headers = { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' };
    const chunked = await sign({ headers });
    expect(codeOf(() => admit(verify, chunked))).toBe('IncompleteSignatureException');
  });
});

describe('noAuth', () => {
  const authenticate = noAuth({ account: '000000000000', region: 'us-east-1' });

  test('takes account and region from what the request says', async () => {
    expect(admit(authenticate, await sign({}, { account: '999999999999' }))).toEqual({
      account: '999999999999',
      region: 'eu-central-1',
    });
    expect(admit(authenticate, await presign())).toEqual({ account: ACCOUNT, region: 'eu-central-1' });
  });

  test('falls back to its defaults', async () => {
    expect(admit(authenticate, await sign({}, { account: 'test' })).account).toBe('000000000000');
    expect(admit(authenticate, arrived(request() as never))).toEqual({
      account: '000000000000',
      region: 'us-east-1',
    });
  });
});
