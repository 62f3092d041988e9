import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** An authorization server on this machine, whose tokens live for ten minutes. */
export async function startIssuer() {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const server = createServer(async (request, response) => {
    const key = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
    response.end(
      JSON.stringify(request.url === '/keys' ? { keys: [key] } : { issuer: url, jwks_uri: `${url}/keys` }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    close() {
      server.close();
      server.closeAllConnections();
    },
    discoveryUrl: `${url}/.well-known/openid-configuration`,
    token: (audience: string) =>
      new SignJWT({ iss: url, sub: 'somebody', aud: audience })
        .setProtectedHeader({ alg: 'RS256', kid: 'one' })
        .setExpirationTime('10m')
        .sign(privateKey),
  };
}
