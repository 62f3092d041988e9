import type {
  CustomClaimValidationType,
  CustomJWTAuthorizerConfiguration,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify, type RemoteJWKSet } from 'jose';
import { type Log, silentLog } from '../log.ts';
import { BearerRefusal } from '../service.ts';

/** Signatures that only the issuer can make: with the public key alone nobody can. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const WELL_KNOWN = '/.well-known/openid-configuration';
const CLOCK_SKEW_S = 60;
const FETCH_MS = 5_000;
const MAX_DOCUMENT_BYTES = 256 * 1024;
/** How long a discovery document is taken to be true, and how soon an unknown key makes the keys be fetched again. */
const ISSUER_MS = 10 * 60 * 1000;
const KEYS_COOLDOWN_MS = 10_000;
const MAX_ISSUERS = 100;

type Claims = Readonly<Record<string, unknown>>;

interface Issuer {
  issuer: string;
  keys: RemoteJWKSet;
}

/** By discovery URL, the one asked for last at the end. */
const issuers = new Map<string, { found: Promise<Issuer>; at: number }>();

export interface VerifyOptions {
  /** Default: now. */
  now?: Date;
  /** Is told why an issuer could not be asked. */
  log?: Log;
}

/**
 * What a bearer token claims, once its signature, issuer and time are right and it passes every check configured.
 * @throws BearerRefusal 401 for a token that is not good or cannot be checked, 403 for a good one that may not come in.
 */
export async function verifyBearer(
  config: CustomJWTAuthorizerConfiguration,
  token: string,
  { now = new Date(), log = silentLog }: VerifyOptions = {},
): Promise<Claims> {
  const { issuer, keys } = await issuerAt(config.discoveryUrl ?? '', log);
  const claims = await verified(token, keys, { issuer, currentDate: now }, log);
  authorize(config, claims);
  return claims;
}

async function verified(
  token: string,
  keys: RemoteJWKSet,
  { issuer, currentDate }: { issuer: string; currentDate: Date },
  log: Log,
): Promise<JWTPayload> {
  const options = { issuer, currentDate, algorithms: ALGORITHMS, clockTolerance: CLOCK_SKEW_S };
  try {
    return (await jwtVerify(token, keys, { ...options, requiredClaims: ['exp'] })).payload;
  } catch (error) {
    if (isAboutToken(error))
      throw new BearerRefusal(401, `The bearer token is not accepted: ${reason(error)}`);
    log.warn('The keys of an issuer cannot be had', { issuer, error });
    throw new BearerRefusal(401, `The bearer token cannot be checked: the keys of ${issuer} cannot be had.`);
  }
}

type TokenError = InstanceType<(typeof errors)['JOSEError']>;

/** Whether it is the token that is wrong, and not the issuer that cannot be reached. */
function isAboutToken(error: unknown): error is TokenError {
  const other = [errors.JWKSTimeout, errors.JWKSInvalid, errors.JWKInvalid];
  const isPlain = error instanceof errors.JOSEError && error.code !== errors.JOSEError.code;
  return isPlain && !other.some((kind) => error instanceof kind);
}

function reason(error: TokenError): string {
  if (error instanceof errors.JWTExpired) return 'it has expired.';
  if (error instanceof errors.JWTClaimValidationFailed) {
    const { claim } = error;
    if (claim === 'iss') return 'another issuer than the one configured made it.';
    if (claim === 'nbf') return 'it is not valid yet.';
    return `its claim "${claim}" is missing or wrong.`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) {
    return `it is not signed in a way that is allowed (${ALGORITHMS.join(', ')}).`;
  }
  if (error instanceof errors.JWKSNoMatchingKey)
    return 'it is signed with a key that its issuer does not have.';
  if (error instanceof errors.JWKSMultipleMatchingKeys) {
    return 'it does not say which of its issuer’s keys signed it (kid).';
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature is wrong.';
  return 'it is not a JSON Web Token.';
}

/** @throws BearerRefusal 403 for the first check that fails. */
function authorize(config: CustomJWTAuthorizerConfiguration, claims: JWTPayload): void {
  const { allowedAudience, allowedClients, allowedScopes, customClaims = [] } = config;
  if (config.allowedWorkloadConfiguration) {
    throw new BearerRefusal(
      403,
      'The local engine cannot check allowedWorkloadConfiguration, so it lets nobody in. Configure the authorizer without it.',
    );
  }
  const client = claims.client_id ?? claims.azp;
  if (allowedAudience && !overlap(stringsOf(claims.aud), allowedAudience)) throw forbidden('audience (aud)');
  if (allowedClients && !overlap(stringsOf(client), allowedClients))
    throw forbidden('client (client_id or azp)');
  if (allowedScopes && !overlap(scopesOf(claims), allowedScopes)) throw forbidden('scopes (scope or scp)');
  for (const custom of customClaims) {
    if (!fits(custom, claims)) throw forbidden(`claim "${custom.inboundTokenClaimName}"`);
  }
}

function forbidden(what: string): BearerRefusal {
  return new BearerRefusal(403, `The bearer token is good, but its ${what} is none of those allowed here.`);
}

/** Scopes as RFC 8693 writes them, in one string, and as Microsoft and Okta do, in `scp`. */
function scopesOf({ scope, scp }: JWTPayload): string[] {
  return [scope, scp].flatMap(stringsOf).flatMap((scopes) => scopes.split(' '));
}

function fits(custom: CustomClaimValidationType, claims: Claims): boolean {
  const {
    inboundTokenClaimName = '',
    inboundTokenClaimValueType,
    authorizingClaimMatchValue: match,
  } = custom;
  const claim = Object.hasOwn(claims, inboundTokenClaimName) ? claims[inboundTokenClaimName] : undefined;
  if (Array.isArray(claim) !== (inboundTokenClaimValueType === 'STRING_ARRAY')) return false;
  const values = stringsOf(claim);
  const wanted =
    match?.claimMatchValue?.matchValueStringList ?? stringsOf(match?.claimMatchValue?.matchValueString);
  if (match?.claimMatchOperator !== 'EQUALS') return overlap(values, wanted);
  return values.length === wanted.length && values.every((value) => wanted.includes(value));
}

function stringsOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
}

function overlap(values: readonly string[], allowed: readonly string[]): boolean {
  return values.some((value) => allowed.includes(value));
}

/** Asks every issuer once in ten minutes; a failure is not remembered. */
async function issuerAt(discoveryUrl: string, log: Log): Promise<Issuer> {
  const known = issuers.get(discoveryUrl);
  issuers.delete(discoveryUrl);
  const isFresh = known && Date.now() - known.at < ISSUER_MS;
  const entry = isFresh ? known : { found: discover(discoveryUrl), at: Date.now() };
  issuers.set(discoveryUrl, entry);
  const [oldest] = issuers.keys();
  if (issuers.size > MAX_ISSUERS && oldest !== undefined) issuers.delete(oldest);
  try {
    return await entry.found;
  } catch (error) {
    if (issuers.get(discoveryUrl) === entry) issuers.delete(discoveryUrl);
    log.warn('A discovery document cannot be used', { discoveryUrl, error });
    const why = error instanceof DiscoveryError ? error.message : 'it cannot be fetched.';
    throw new BearerRefusal(
      401,
      `The bearer token cannot be checked. The discovery document is ${discoveryUrl}, and ${why}`,
    );
  }
}

/** What is wrong with a discovery document, to follow "The discovery document is <URL>, and ...". */
class DiscoveryError extends Error {
  override readonly name = 'DiscoveryError';
}

async function discover(discoveryUrl: string): Promise<Issuer> {
  if (!isSafe(discoveryUrl)) throw new DiscoveryError('that is neither https nor http on this machine.');
  const response = await fetch(discoveryUrl, { redirect: 'error', signal: AbortSignal.timeout(FETCH_MS) });
  if (!response.ok) throw new DiscoveryError(`its server answers ${response.status}.`);
  const { issuer, jwks_uri: keysUrl } = parseDocument(await readCapped(response));
  if (typeof issuer !== 'string' || !isIssuerOf(discoveryUrl, issuer)) {
    throw new DiscoveryError('it names another issuer than its URL does.');
  }
  // What comes from elsewhere does not say what is asked for on this machine.
  const isElsewhere = !isHere(discoveryUrl);
  if (typeof keysUrl === 'string' && isElsewhere && isHere(keysUrl))
    throw new DiscoveryError('its jwks_uri leads to this machine.');
  if (typeof keysUrl !== 'string' || !isSafe(keysUrl)) {
    throw new DiscoveryError('its jwks_uri is neither https nor http on this machine.');
  }
  const keys = createRemoteJWKSet(new URL(keysUrl), {
    timeoutDuration: FETCH_MS,
    cooldownDuration: KEYS_COOLDOWN_MS,
    [customFetch]: async (url, options) => {
      const answer = await fetch(url, options);
      return new Response(await readCapped(answer), { status: answer.status });
    },
  });
  return { issuer, keys };
}

function parseDocument(text: string): { issuer?: unknown; jwks_uri?: unknown } {
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document === 'object' && document !== null) return document;
  } catch {
    // Said below.
  }
  throw new DiscoveryError('it is no JSON object.');
}

/**
 * Whether an issuer is the one whose document is at a URL (OpenID Connect Discovery 1.0, 4.3). AWS takes Microsoft
 * Entra's tokens of version 1.0 too, whose issuer lives at another host than their document.
 */
function isIssuerOf(discoveryUrl: string, issuer: string): boolean {
  const place = discoveryUrl.slice(0, -WELL_KNOWN.length);
  if (!discoveryUrl.endsWith(WELL_KNOWN)) return false;
  const tenant = /^https:\/\/login\.microsoftonline\.com\/([^/]+)$/.exec(place)?.[1];
  const isSame = issuer.replace(/\/$/, '') === place;
  return isSame || (tenant !== undefined && issuer === `https://sts.windows.net/${tenant}/`);
}

function isSafe(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere(text));
}

/** Whether a URL leads to this machine by its very name. */
function isHere(text: string): boolean {
  const { hostname = '' } = URL.parse(text) ?? {};
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

/** @throws DiscoveryError when it is larger than any such document. */
async function readCapped(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_DOCUMENT_BYTES)
      throw new DiscoveryError(`it is larger than ${MAX_DOCUMENT_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
