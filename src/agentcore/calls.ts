import { AsyncLocalStorage } from 'node:async_hooks';
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

const works = new AsyncLocalStorage<{ asked?: Asked }>();

/** Notes that the work under way asks a backend, for {@link rememberingAsked}. */
export function noteAsked(call: Asked): void {
  const work = works.getStore();
  if (work) work.asked = call;
}

/** Does something. With its error is remembered whom it asked last; nothing where it never came to ask. */
export function rememberingAsked<Result>(work: () => Promise<Result>): Promise<Result> {
  const noted: { asked?: Asked } = {};
  return works.run(noted, async () => {
    try {
      return await work();
    } catch (error) {
      throw noted.asked ? remember(error, noted.asked) : error;
    }
  });
}
