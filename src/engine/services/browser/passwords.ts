import { ServiceException } from '@smithy/core/client';
import type { Scope } from '../../service.ts';
import { invalid } from '../exceptions.ts';
import type { SecretStore } from '../secrets/secret-store.ts';

export interface Password {
  username: string;
  password: string;
}

/** What a secret holds. @throws ValidationException with the words of Secrets Manager where it cannot be had. */
export function readSecret(secrets: SecretStore, scope: Scope, arn: string, member: string): string {
  try {
    return secrets.text(scope, arn);
  } catch (error) {
    if (!(error instanceof ServiceException)) throw error;
    throw invalid(member, error.message);
  }
}

/** @throws ValidationException for a secret that is not `{"username": "…", "password": "…"}`. */
export function readPassword(secrets: SecretStore, scope: Scope, arn: string, member: string): Password {
  const text = readSecret(secrets, scope, arn, member);
  try {
    const { username, password } = JSON.parse(text);
    if (typeof username === 'string' && typeof password === 'string') return { username, password };
  } catch {
    // What it holds is not told.
  }
  throw invalid(member, `The secret ${arn} must be JSON with the texts username and password.`);
}
