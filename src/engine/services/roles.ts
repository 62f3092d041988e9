import type { Scope } from '../service.ts';
import { invalid } from './exceptions.ts';

/**
 * Roles are named and not assumed here; one of another account would be refused by AWS too.
 * @throws ValidationException that names the member.
 */
export function checkRole({ account }: Scope, member: string, roleArn: string): void {
  const [, owner] = /^arn:[^:]+:iam::(\d*):/.exec(roleArn) ?? [];
  if (owner === account) return;
  throw invalid(
    member,
    `Role validation failed for ${roleArn}: it must be a role of the calling account, e.g. arn:aws:iam::${account}:role/agent.`,
  );
}
