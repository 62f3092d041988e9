import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CustomJWTAuthorizerConfiguration } from '@aws-sdk/client-bedrock-agentcore-control';
import { exportJWK, exportSPKI, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createLog } from '../../../src/engine/log.ts';
import { verifyBearer } from '../../../src/engine/services/jwt.ts';

type Keys = Awaited<ReturnType<typeof newKeys>>;

async function newKeys(kid: string, alg = 'RS256') {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
  return { kid, alg, publicKey, privateKey, jwk };
}

const first = await newKeys('first');

/** An authorization server: discovery document, keys, and tokens signed with them. */
async function startIssuer() {
  const asked: string[] = [];
  const answers = new Map<string, (response: ServerResponse) => void>();
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const answer = answers.get(request.url ?? '');
    if (answer) answer(response);
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const discoveryUrl = `${url}/.well-known/openid-configuration`;
  const serve = (path: string, value: unknown) =>
    answers.set(path, (response) => void response.end(JSON.stringify(value)));
  const issuer = {
    url,
    discoveryUrl,
    asked,
    answers,
    serve,
    serveKeys: (...keys: Keys[]) => serve('/keys', { keys: keys.map(({ jwk }) => jwk) }),
    token: (claims: JWTPayload = {}, { kid, alg, privateKey }: Keys = first) =>
      new SignJWT({ iss: url, sub: 'user', exp: Math.floor(Date.now() / 1000) + 600, ...claims })
        .setProtectedHeader({ alg, kid })
        .sign(privateKey),
    verify: (token: string, config: Partial<CustomJWTAuthorizerConfiguration> = {}) =>
      verifyBearer({ discoveryUrl, ...config }, token),
  };
  serve('/.well-known/openid-configuration', { issuer: url, jwks_uri: `${url}/keys` });
  issuer.serveKeys(first);
  return issuer;
}

const refusal = (status: number, message: RegExp) =>
  expect.objectContaining({ name: 'BearerRefusal', status, message: expect.stringMatching(message) });

const seconds = (offset: number) => Math.floor(Date.now() / 1000) + offset;

test('a good token gives its claims; the issuer is asked once', async () => {
  const issuer = await startIssuer();
  for (let count = 0; count < 3; count++) {
    expect(await issuer.verify(await issuer.token({ team: 'red' }))).toMatchObject({
      sub: 'user',
      team: 'red',
    });
  }
  expect(issuer.asked).toEqual(['/.well-known/openid-configuration', '/keys']);
});

test.each(['RS512', 'PS256', 'ES256', 'ES384', 'EdDSA'])('%s is taken', async (alg) => {
  const issuer = await startIssuer();
  const keys = await newKeys('other', alg);
  issuer.serveKeys(first, keys);
  expect(await issuer.verify(await issuer.token({}, keys))).toMatchObject({ sub: 'user' });
});

describe('a token is not accepted', () => {
  test.each<[string, JWTPayload, RegExp]>([
    ['that has expired', { exp: seconds(-120) }, /it has expired\.$/],
    ['that is not valid yet', { nbf: seconds(300) }, /it is not valid yet\.$/],
    ['that never expires', { exp: undefined }, /its claim "exp" is missing or wrong/],
    [
      'of another issuer',
      { iss: 'https://elsewhere.example' },
      /another issuer than the one configured made it/,
    ],
    ['without an issuer', { iss: undefined }, /another issuer/],
  ])('%s', async (_, claims, message) => {
    const issuer = await startIssuer();
    const token = await issuer.token(claims);
    const refused = await issuer.verify(token).catch((error: Error) => error);
    expect(refused).toEqual(refusal(401, message));
    expect(String(refused)).not.toContain(token.slice(0, 20));
  });

  test('signed with a key of the same name that is not the issuer’s', async () => {
    const issuer = await startIssuer();
    const token = await issuer.token({}, await newKeys('first'));
    await expect(issuer.verify(token)).rejects.toEqual(refusal(401, /its signature is wrong/));
  });

  test('without a signature, or signed with the public key as a password', async () => {
    const issuer = await startIssuer();
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = part({ iss: issuer.url, sub: 'user', exp: seconds(600) });
    const none = `${part({ alg: 'none' })}.${claims}.`;
    await expect(issuer.verify(none)).rejects.toEqual(refusal(401, /not signed in a way that is allowed/));
    const head = `${part({ alg: 'HS256', kid: 'first' })}.${claims}`;
    const password = await exportSPKI(first.publicKey);
    const confused = `${head}.${createHmac('sha256', password).update(head).digest('base64url')}`;
    await expect(issuer.verify(confused)).rejects.toEqual(
      refusal(401, /not signed in a way that is allowed/),
    );
  });

  test.each(['', 'junk', 'a.b.c', `${'x'.repeat(100_000)}.y.z`, 'a.b.c.d.e'])(
    'that is "%.20s"',
    async (token) => {
      const issuer = await startIssuer();
      await expect(issuer.verify(token)).rejects.toEqual(refusal(401, /it is not a JSON Web Token/));
    },
  );

  test('whose time is right, but not now', async () => {
    const issuer = await startIssuer();
    const token = await issuer.token();
    const later = { now: new Date(Date.now() + 3600 * 1000) };
    await expect(verifyBearer({ discoveryUrl: issuer.discoveryUrl }, token, later)).rejects.toEqual(
      refusal(401, /it has expired/),
    );
  });
});

test('a clock that is a little off does no harm', async () => {
  const issuer = await startIssuer();
  await issuer.verify(await issuer.token({ exp: seconds(-30), nbf: seconds(30) }));
});

test('new keys are found, old ones are no longer good', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const issuer = await startIssuer();
  const before = await issuer.token();
  await issuer.verify(before);
  const second = await newKeys('second');
  issuer.serveKeys(second);
  const after = await issuer.token({}, second);
  await expect(issuer.verify(after)).rejects.toEqual(refusal(401, /a key that its issuer does not have/));
  vi.setSystemTime(Date.now() + 11_000);
  expect(await issuer.verify(after)).toMatchObject({ sub: 'user' });
  await expect(issuer.verify(before)).rejects.toEqual(refusal(401, /a key that its issuer does not have/));
});

describe('what is configured is checked', () => {
  const roles = (operator: 'EQUALS' | 'CONTAINS' | 'CONTAINS_ANY', value: object, type = 'STRING_ARRAY') => ({
    customClaims: [
      {
        inboundTokenClaimName: 'roles',
        inboundTokenClaimValueType: type as 'STRING_ARRAY',
        authorizingClaimMatchValue: { claimMatchOperator: operator, claimMatchValue: value as never },
      },
    ],
  });

  test.each<[JWTPayload, Partial<CustomJWTAuthorizerConfiguration>]>([
    [{ aud: 'a' }, { allowedAudience: ['x', 'a'] }],
    [{ aud: ['b', 'a'] }, { allowedAudience: ['a'] }],
    [{ client_id: 'c' }, { allowedClients: ['c'] }],
    [{ azp: 'c' }, { allowedClients: ['c'] }],
    [{ scope: 'read write' }, { allowedScopes: ['write', 'admin'] }],
    [{ scp: ['read', 'write'] }, { allowedScopes: ['read'] }],
    [{ scp: 'read write' }, { allowedScopes: ['read'] }],
    [{ roles: 'admin' }, roles('EQUALS', { matchValueString: 'admin' }, 'STRING')],
    [{ roles: 'admin' }, roles('CONTAINS', { matchValueStringList: ['user', 'admin'] }, 'STRING')],
    [{ roles: ['user', 'admin'] }, roles('CONTAINS', { matchValueString: 'admin' })],
    [{ roles: ['user'] }, roles('CONTAINS_ANY', { matchValueStringList: ['admin', 'user'] })],
  ])('%o passes %o', async (claims, config) => {
    const issuer = await startIssuer();
    expect(await issuer.verify(await issuer.token(claims), config)).toMatchObject(claims);
  });

  test.each<[JWTPayload, Partial<CustomJWTAuthorizerConfiguration>, RegExp]>([
    [{ aud: 'b' }, { allowedAudience: ['a'] }, /audience \(aud\)/],
    [{}, { allowedAudience: ['a'] }, /audience/],
    [{ aud: 'a' }, { allowedAudience: [] }, /audience/],
    [{ client_id: 'other', azp: 'c' }, { allowedClients: ['c'] }, /client \(client_id or azp\)/],
    [{ aud: 'c' }, { allowedClients: ['c'] }, /client/],
    [{ aud: 'a', client_id: 'x' }, { allowedAudience: ['a'], allowedClients: ['c'] }, /client/],
    [{ scope: 'readwrite' }, { allowedScopes: ['read'] }, /scopes/],
    [{}, { allowedScopes: ['read'] }, /scopes/],
    [{}, roles('EQUALS', { matchValueString: 'admin' }, 'STRING'), /claim "roles"/],
    [{ roles: ['admin'] }, roles('EQUALS', { matchValueString: 'admin' }, 'STRING'), /claim "roles"/],
    [{ roles: 'administrator' }, roles('EQUALS', { matchValueString: 'admin' }, 'STRING'), /claim "roles"/],
    [{ roles: 'admin' }, roles('CONTAINS', { matchValueString: 'admin' }), /claim "roles"/],
    [{ roles: ['user'] }, roles('CONTAINS_ANY', { matchValueStringList: ['admin'] }), /claim "roles"/],
    [{ roles: [1, null] }, roles('CONTAINS_ANY', { matchValueStringList: ['1'] }), /claim "roles"/],
    [{}, { allowedWorkloadConfiguration: {} }, /cannot check allowedWorkloadConfiguration/],
  ])('%o does not pass %o', async (claims, config, message) => {
    const issuer = await startIssuer();
    const token = await issuer.token(claims);
    await expect(issuer.verify(token, config)).rejects.toEqual(refusal(403, message));
  });
});

describe('a discovery document that cannot be used', () => {
  const path = '/.well-known/openid-configuration';

  test.each<[string, (issuer: Awaited<ReturnType<typeof startIssuer>>) => void, RegExp]>([
    ['is missing', ({ answers }) => answers.clear(), /its server answers 404/],
    [
      'is no JSON',
      (i) => i.answers.set(path, (response) => void response.end('<html>')),
      /it is no JSON object/,
    ],
    ['is no object', (i) => i.serve(path, [1].concat()), /names another issuer/],
    [
      'names another issuer',
      (i) => i.serve(path, { issuer: 'http://127.0.0.1', jwks_uri: `${i.url}/keys` }),
      /another issuer/,
    ],
    ['has no keys', (i) => i.serve(path, { issuer: i.url }), /its jwks_uri is neither https/],
    [
      'has its keys at another host without TLS',
      (i) => i.serve(path, { issuer: i.url, jwks_uri: 'http://169.254.169.254/keys' }),
      /its jwks_uri is neither https nor http on this machine/,
    ],
    [
      'is endless',
      (i) => i.answers.set(path, (response) => void response.end('x'.repeat(300_000))),
      /larger than/,
    ],
    [
      'is elsewhere',
      (i) => i.answers.set(path, (response) => void response.writeHead(302, { location: '/keys' }).end()),
      /it cannot be fetched/,
    ],
  ])('%s', async (_, spoil, message) => {
    const issuer = await startIssuer();
    const token = await issuer.token();
    spoil(issuer);
    await expect(issuer.verify(token)).rejects.toEqual(refusal(401, message));
    issuer.serve(path, { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` });
    issuer.serveKeys(first);
    expect(await issuer.verify(token)).toMatchObject({ sub: 'user' });
  });
  test('comes from elsewhere, and points to this machine', async () => {
    const asked: string[] = [];
    const issuer = 'https://issuer.example';
    vi.stubGlobal('fetch', async (url: string | URL) => {
      asked.push(String(url));
      return Response.json({ issuer, jwks_uri: 'http://127.0.0.1:6379/keys' });
    });
    onTestFinished(() => void vi.unstubAllGlobals());
    const discoveryUrl = `${issuer}${path}`;
    await expect(verifyBearer({ discoveryUrl }, 'a.b.c')).rejects.toEqual(
      refusal(401, /its jwks_uri leads to this machine/),
    );
    expect(asked).toEqual([discoveryUrl]);
  });

  test.each([
    'http://issuer.example/.well-known/openid-configuration',
    'http://127.0.0.1.example/.well-known/openid-configuration',
    'ftp://127.0.0.1/.well-known/openid-configuration',
    'nothing',
    '',
  ])('is at "%s"', async (discoveryUrl) => {
    const refused = verifyBearer({ discoveryUrl }, 'a.b.c');
    await expect(refused).rejects.toEqual(refusal(401, /that is neither https nor http on this machine/));
  });

  test.each([
    ['that answer an error', (response: ServerResponse) => void response.writeHead(500).end()],
    ['that are none', (response: ServerResponse) => void response.end('{"keys":"none"}')],
    ['that are endless', (response: ServerResponse) => void response.end('x'.repeat(300_000))],
    [
      'that are elsewhere',
      (response: ServerResponse) => void response.writeHead(302, { location: '/' }).end(),
    ],
  ])('leads to keys %s; the log says why', async (_, answer) => {
    const issuer = await startIssuer();
    const lines: string[] = [];
    const log = createLog({ write: (line) => void lines.push(line) });
    issuer.answers.set('/keys', answer);
    const refused = verifyBearer({ discoveryUrl: issuer.discoveryUrl }, await issuer.token(), { log });
    await expect(refused).rejects.toEqual(refusal(401, /cannot be checked: the keys of/));
    expect(lines).toEqual([expect.stringMatching(/The keys of an issuer cannot be had/)]);
  });

  test('is told to the log, with the cause', async () => {
    const lines: string[] = [];
    const log = createLog({ write: (line) => void lines.push(line) });
    const discoveryUrl = 'http://127.0.0.1:1/.well-known/openid-configuration';
    await expect(verifyBearer({ discoveryUrl }, 'a.b.c', { log })).rejects.toEqual(
      refusal(401, /cannot be fetched/),
    );
    expect(lines).toEqual([expect.stringMatching(/A discovery document cannot be used.*fetch failed/)]);
  });
});

test('an issuer with a path and a slash at its end is the one of its URL', async () => {
  const issuer = await startIssuer();
  const iss = `${issuer.url}/tenant/`;
  issuer.serve('/tenant/.well-known/openid-configuration', { issuer: iss, jwks_uri: `${issuer.url}/keys` });
  const discoveryUrl = `${iss}.well-known/openid-configuration`;
  expect(await issuer.verify(await issuer.token({ iss }), { discoveryUrl })).toMatchObject({ iss });
});
