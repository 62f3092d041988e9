import { operations } from '../engine/wire/operations.ts';
import type { Asked } from './calls.ts';
import { listingOperation } from './listing.ts';
import { kindOf } from './operations.ts';

/** What AWS SDK errors carry; which of it is set depends on where the error comes from. */
export interface SdkError extends Error {
  code?: string;
  /** Of the address that was looked for. */
  hostname?: string;
  /** Set on what a service answered, also in a stream. */
  $fault?: 'client' | 'server';
  $metadata?: { httpStatusCode?: number; requestId?: string };
  fieldList?: readonly { name?: string; message?: string }[];
}

/** Everything an explanation can build on. */
export interface Situation extends Asked {
  error: SdkError;
  message: string;
  onAws: boolean;
}

/** The IAM action, as AWS names it in its refusal, or else by the rule that actions are named like operations. */
export function iamAction({ message, operation = 'the operation' }: Situation): string {
  return (
    /\b(?:perform|action)s?:? ([a-z0-9-]+:[A-Za-z]+)/.exec(message)?.[1] ?? `bedrock-agentcore:${operation}`
  );
}

/** The id that was not found and the operation that lists valid ones. */
export function findValidId({ message, operation: name = '', input = {} }: Situation): string {
  const operation = operations.get(name);
  const ids = Object.entries(input).flatMap(([member, value]) => {
    const listing = operation && typeof value === 'string' && listingOperation(operation, member);
    return listing ? [{ member, value: String(value), listing }] : [];
  });
  const mentioned = ids.filter(({ value }) => message.includes(value));
  const [first] = mentioned.toSorted((a, b) => message.indexOf(a.value) - message.indexOf(b.value));
  const missing = first ?? ids.at(-1);
  if (!missing)
    return 'Check the ids and the region: search_aws_api finds the operation that lists valid ones.';
  const { member, value, listing } = missing;
  return `Check ${member} "${value}" and the region; read_aws_api with operation ${listing} lists valid ones.`;
}

/** Whether it was a call that changes nothing, as far as we know. */
export function onlyReads({ operation: name = '' }: Situation): boolean {
  const operation = operations.get(name);
  return operation ? kindOf(operation) === 'read' : name === 'GetCallerIdentity';
}

/** Where AgentCore certainly is. */
const sureRegions = ['us-east-1', 'us-west-2', 'eu-central-1'];

/** Advice where the address of AgentCore itself may not exist. (STS exists in every region.) */
export function otherRegions({ operation, region = '' }: Situation): string {
  if (operation === 'GetCallerIdentity' || sureRegions.includes(region)) return '';
  return ` If other addresses are found, Bedrock AgentCore may not exist in the region ${region}: try ${sureRegions.join(', ')}.`;
}
