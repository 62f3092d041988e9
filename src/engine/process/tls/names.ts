/** The regions of AWS whose hosts the engine can stand for. */
const regions = [
  ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'ca-west-1', 'mx-central-1'],
  ...['sa-east-1', 'eu-central-1', 'eu-central-2', 'eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1'],
  ...['eu-west-2', 'eu-west-3', 'il-central-1', 'me-central-1', 'me-south-1', 'af-south-1', 'ap-east-1'],
  ...['ap-east-2', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1', 'ap-south-2'],
  ...[
    'ap-southeast-1',
    'ap-southeast-2',
    'ap-southeast-3',
    'ap-southeast-4',
    'ap-southeast-5',
    'ap-southeast-7',
  ],
];

/** Where AWS has the hosts of its services, one for each region. */
const awsDomains = regions.map((region) => `${region}.amazonaws.com`);

/** What the authority may vouch for. */
export const domains = ['localhost', ...awsDomains];
export const addresses = ['127.0.0.1', '::1'];

/** What the server is known by. */
export const serverNames = ['localhost', ...awsDomains.map((domain) => `*.${domain}`)];

const HTTPS_PORT = 443;

/**
 * The Host headers let in over TLS: this machine's own, and that of the request where it is a host of AWS, as a client has
 * it that was sent here by an alias.
 */
export function tlsHosts(port: number, requested = ''): string[] {
  const suffix = port === HTTPS_PORT ? '' : `:${port}`;
  const own = ['localhost', '127.0.0.1', '[::1]'].map((name) => `${name}${suffix}`);
  const host = requested.toLowerCase();
  return isAwsHost(host, suffix) ? [...own, host] : own;
}

function isAwsHost(host: string, suffix: string): boolean {
  const label = /^[a-z0-9-]+\./.exec(host)?.[0];
  return label !== undefined && awsDomains.some((domain) => host === `${label}${domain}${suffix}`);
}
