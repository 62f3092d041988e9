import type { ExternalProxy, ProxyConfiguration } from '@aws-sdk/client-bedrock-agentcore';
import type { ChooseUpstream, Upstream } from '../../egress/upstream.ts';
import { invalid } from '../exceptions.ts';

/** AWS's limit on patterns, of all proxies and the bypass together. */
const MAX_PATTERNS = 100;

/**
 * Which proxy leads to a host: none where a bypass pattern fits, else the first with a pattern that fits, else the one without
 * patterns. `example.com` fits itself, `.example.com` all below it.
 * Facts: https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/browser-proxies.html
 * @throws ValidationException for too many patterns, or two proxies without.
 */
export async function chooserFor(
  { proxies = [], bypass }: ProxyConfiguration,
  passwordOf: (secretArn: string, member: string) => Promise<{ username: string; password: string }>,
): Promise<ChooseUpstream> {
  const all = proxies.flatMap(({ externalProxy }) => externalProxy ?? []);
  const patterns = [bypass, ...all].flatMap((one) => one?.domainPatterns ?? []);
  if (patterns.length > MAX_PATTERNS)
    throw invalid(
      'proxyConfiguration',
      `There are ${patterns.length} domain patterns; at most ${MAX_PATTERNS} are allowed.`,
    );
  if (all.filter((proxy) => !proxy.domainPatterns).length > 1)
    throw invalid(
      'proxyConfiguration.proxies',
      'Only one proxy can be without domainPatterns: the one for all other hosts.',
    );
  const upstreams = await Promise.all(
    all.map(async (proxy, index) => ({
      patterns: proxy.domainPatterns,
      upstream: await upstreamOf(proxy, (arn) =>
        passwordOf(arn, `proxyConfiguration.proxies.${index}.externalProxy.credentials.basicAuth.secretArn`),
      ),
    })),
  );
  return (host) => {
    if (fits(host, bypass?.domainPatterns)) return undefined;
    const chosen =
      upstreams.find((one) => fits(host, one.patterns)) ?? upstreams.find((one) => !one.patterns);
    return chosen?.upstream;
  };
}

async function upstreamOf(
  { server = '', port = 0, credentials }: ExternalProxy,
  passwordOf: (secretArn: string) => Promise<{ username: string; password: string }>,
): Promise<Upstream> {
  const secretArn = credentials?.basicAuth?.secretArn;
  if (secretArn === undefined) return { host: server.toLowerCase(), port };
  const { username, password } = await passwordOf(secretArn);
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return { host: server.toLowerCase(), port, authorization };
}

function fits(host: string, patterns: readonly string[] = []): boolean {
  return patterns.some((given) => {
    const pattern = given.toLowerCase();
    return pattern.startsWith('.') ? host.endsWith(pattern) : host === pattern;
  });
}
