import type { AgentCore } from './agentcore.ts';

/** What was asked when an error came back. */
export interface Asked {
  backend: AgentCore['backend'];
  /** E.g. `StartCodeInterpreterSession`. */
  operation?: string;
  region?: string;
  /** The AWS profile, where the server was given one. */
  profile?: string;
  input?: Readonly<Record<string, unknown>>;
}

const asked = new WeakMap<Error, Asked>();

/** Remembers with an error which call it answers. */
export function remember(error: unknown, call: Asked): Error {
  const thrown = error instanceof Error ? error : new Error(String(error));
  if (!asked.has(thrown)) asked.set(thrown, call);
  return thrown;
}

export function askedOf(error: Error): Asked | undefined {
  return asked.get(error);
}
