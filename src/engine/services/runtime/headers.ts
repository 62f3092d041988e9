import { invalid } from '../exceptions.ts';

/** Headers with this prefix, here in lower case, reach agents although their names begin as AWS's own do. */
export const CUSTOM = 'x-amzn-bedrock-agentcore-runtime-custom-';

/** Names that the platform keeps for itself, in lower case; the developer guide lists them by group. */
const restricted = new Set(
  `
  proxy-authenticate proxy-authorization proxy-connection www-authenticate
  age cache-control clear-site-data etag expires if-match if-modified-since if-none-match if-range if-unmodified-since
  last-modified pragma vary warning
  connection keep-alive upgrade upgrade-insecure-requests http2-settings
  host user-agent referer from
  range te trailer transfer-encoding expect max-forwards
  server date location retry-after allow alt-svc
  cookie set-cookie cookie2 set-cookie2
  strict-transport-security x-content-type-options x-frame-options x-xss-protection x-permitted-cross-domain-policies
  referrer-policy permissions-policy feature-policy expect-ct public-key-pins x-download-options x-powered-by
  origin timing-allow-origin
  dpr device-memory downlink ect rtt save-data viewport-width width early-data
  via forwarded x-real-ip x-requested-with x-csrf-token x-xsrf-token
  client-ip true-client-ip x-client-ip x-cluster-client-ip x-originating-ip x-remote-ip x-remote-addr fastly-client-ip
  x-original-url x-rewrite-url x-original-host x-host x-http-method x-http-method-override x-method-override
  x-cache x-cache-hits x-served-by x-cdn x-varnish cdn-loop
  link
  `
    .trim()
    .split(/\s+/),
);

const restrictedPrefixes = [
  'accept',
  'content-',
  'access-control-',
  'cross-origin-',
  'sec-',
  'x-forwarded',
  'cf-',
  'x-amz-',
  'x-amzn-',
];

/**
 * Checks what a version wants handed to its agent. Facts: the developer guide's rules for header allow-lists.
 * @throws ValidationException that names the header.
 */
export function checkHeaders(names: readonly string[], { hasJwt }: { hasJwt: boolean }): void {
  const member = 'requestHeaderConfiguration.requestHeaderAllowlist';
  const seen = new Set<string>();
  for (const name of names) {
    const lower = name.toLowerCase();
    if (seen.has(lower))
      throw invalid(member, `The header ${name} is listed twice; upper and lower case are the same.`);
    seen.add(lower);
    if (lower === 'authorization' && !hasJwt) {
      throw invalid(
        member,
        `The header ${name} can only be listed with an authorizerConfiguration: without one it is the caller's AWS signature.`,
      );
    }
    if (isRestricted(lower)) {
      throw invalid(
        member,
        `The header ${name} is kept for the platform and cannot be listed. Use a name of your own, or one that begins with ` +
          'X-Amzn-Bedrock-AgentCore-Runtime-Custom-.',
      );
    }
  }
}

function isRestricted(lower: string): boolean {
  if (lower.startsWith(CUSTOM) && lower.length > CUSTOM.length) return false;
  return restricted.has(lower) || restrictedPrefixes.some((prefix) => lower.startsWith(prefix));
}
