import type { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { isThrottlingError } from '@smithy/core/retry';
import { runsSomething } from './operations.ts';

/** Hides an error from the SDK's retries, which look into `cause` too. */
class Unrepeatable extends Error {
  readonly original: Error;

  constructor(original: Error) {
    super('not sent again');
    this.original = original;
  }
}

/**
 * Lets a client repeat a call that runs something only where the first one cannot have run: code must not run twice.
 * (By itself the SDK repeats whatever was answered with 5xx or lost on the way.)
 */
export function sendOnce({ middlewareStack }: Pick<BedrockAgentCoreClient, 'middlewareStack'>): void {
  middlewareStack.addRelativeTo(
    onFailure((error) => (neverRan(error) ? error : new Unrepeatable(error))),
    { relation: 'after', toMiddleware: 'retryMiddleware', name: 'unrepeatable' },
  );
  middlewareStack.add(
    onFailure((error) => (error instanceof Unrepeatable ? error.original : error)),
    { step: 'initialize', priority: 'low', name: 'unrepeatableCause' },
  );
}

function neverRan(error: Error): boolean {
  return (
    isThrottlingError(error as Parameters<typeof isThrottlingError>[0]) ||
    (error as NodeJS.ErrnoException).code === 'ECONNREFUSED'
  );
}

/** A middleware that only exchanges the errors of calls that run something. */
function onFailure(exchange: (error: Error) => unknown) {
  return <Args, Output>(
    next: (args: Args) => Promise<Output>,
    { commandName = '' }: { commandName?: string },
  ) =>
    (args: Args): Promise<Output> =>
      runsSomething(commandName)
        ? next(args).catch((error: Error) => {
            throw exchange(error);
          })
        : next(args);
}
