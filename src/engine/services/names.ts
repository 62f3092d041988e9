import { randomInt } from 'node:crypto';
import type { Scope } from '../service.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const SUFFIX_LENGTH = 10;

/** A new id in AgentCore's form, e.g. `echo_agent-aB3dE5gH7j`. */
export function newId(name: string): string {
  const suffix = Array.from({ length: SUFFIX_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]);
  return `${name}-${suffix.join('')}`;
}

/** How the ARN of everything begins that an account has in AgentCore. */
export const arnPrefix = ({ account, region }: Scope) => `arn:aws:bedrock-agentcore:${region}:${account}:`;
