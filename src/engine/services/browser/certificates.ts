import { X509Certificate } from 'node:crypto';
import type { Certificate } from '@aws-sdk/client-bedrock-agentcore';
import type { Scope } from '../../service.ts';
import { invalid } from '../exceptions.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import { readSecret } from './passwords.ts';

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The certificate authorities in secrets, each with one or more in PEM.
 * @throws ValidationException that names the secret.
 */
export function readCertificates(
  secrets: SecretStore,
  scope: Scope,
  certificates: readonly Certificate[] = [],
): X509Certificate[] {
  return certificates.flatMap(({ location }, index) => {
    const member = `certificates.${index}.location.secretsManager.secretArn`;
    const arn = location?.secretsManager?.secretArn ?? '';
    const found = readSecret(secrets, scope, arn, member).match(PEM) ?? [];
    if (found.length === 0) throw invalid(member, `The secret ${arn} holds no certificate in PEM.`);
    return found.map((pem) => parse(pem, member, arn));
  });
}

/** The policy that has a browser trust them. */
export function trusting(certificates: readonly X509Certificate[]): string[] {
  if (certificates.length === 0) return [];
  return [JSON.stringify({ CACertificates: certificates.map(({ raw }) => raw.toString('base64')) })];
}

function parse(pem: string, member: string, arn: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw invalid(
      member,
      `The secret ${arn} holds a certificate that cannot be read: ${(error as Error).message}.`,
    );
  }
}
