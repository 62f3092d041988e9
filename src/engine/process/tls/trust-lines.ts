import type { Engine } from '../local-engine.ts';

/** What people do to have clients trust the engine: variables for a POSIX shell, and the line that leads AWS's names here. */
export function trustLines({ url, caFile, bundleFile }: NonNullable<Engine['tls']>): string[] {
  const variables = {
    AWS_CA_BUNDLE: bundleFile,
    REQUESTS_CA_BUNDLE: bundleFile,
    SSL_CERT_FILE: bundleFile,
    NODE_EXTRA_CA_CERTS: caFile,
  };
  return [
    `It listens with TLS at ${url} too. So that the programs of a shell trust it:`,
    ...Object.entries(variables).map(([name, file]) => `  export ${name}='${file.replaceAll("'", `'\\''`)}'`),
    'For clients that insist on the names of AWS, in /etc/hosts, for each region (with --tls-port 443 where they take no port):',
    '  127.0.0.1 bedrock-agentcore.us-east-1.amazonaws.com bedrock-agentcore-control.us-east-1.amazonaws.com',
    '',
  ];
}
