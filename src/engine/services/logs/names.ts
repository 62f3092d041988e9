import type { Scope } from '../../service.ts';
import { invalidParameter } from './exceptions.ts';

const groupName = /^[\w.\-/#]{1,512}$/;
const streamName = /^[^:*]{1,512}$/;

/** @throws InvalidParameterException when no group can have the name. */
export function checkGroupName(name: string): void {
  if (!groupName.test(name)) throw constraint(name, 'logGroupName', '[\\.\\-_/#A-Za-z0-9]+');
}

/** @throws InvalidParameterException when no stream can have the name. */
export function checkStreamName(name: string): void {
  if (!streamName.test(name)) throw constraint(name, 'logStreamName', '[^:*]*');
}

function constraint(value: string, member: string, pattern: string) {
  return invalidParameter(
    `1 validation error detected: Value '${value.slice(0, 600)}' at '${member}' failed to satisfy constraint: ` +
      `Member must have 1 to 512 characters and satisfy regular expression pattern: ${pattern}`,
  );
}

/** Without the `:*` that the policies of IAM want. */
export function groupArn({ account, region }: Scope, name: string): string {
  return `arn:aws:logs:${region}:${account}:log-group:${name}`;
}

/**
 * The name of a group that is given by name, or by name or ARN. An ARN of another account or region gives undefined:
 * nothing there can be seen from here.
 * @throws InvalidParameterException when none or both are given.
 */
export function nameOfGroup(
  { account, region }: Scope,
  { logGroupName, logGroupIdentifier }: { logGroupName?: string; logGroupIdentifier?: string },
): string | undefined {
  if ((logGroupName === undefined) === (logGroupIdentifier === undefined)) {
    throw invalidParameter('You must include either logGroupIdentifier or logGroupName, but not both.');
  }
  if (logGroupIdentifier === undefined) return logGroupName;
  const arn = /^arn:[^:]*:logs:([^:]*):([^:]*):log-group:([^:]*)(?::\*)?$/.exec(logGroupIdentifier);
  if (!arn) return logGroupIdentifier;
  return arn[1] === region && arn[2] === account ? arn[3] : undefined;
}
