import type { Log } from '../log.ts';
import type { SandboxProvider } from '../sandbox/sandbox.ts';
import type { Call, Handlers, Service } from '../service.ts';
import { StoreError } from '../store/errors.ts';
import type { Store } from '../store/store.ts';
import { createCodeInterpreter } from './code-interpreter/index.ts';
import { internal } from './exceptions.ts';
import type { Idempotency } from './idempotency.ts';

/** What services are made from. */
export interface ServiceParts {
  store: Store;
  sandboxes: SandboxProvider;
  idempotency: Idempotency;
  log: Log;
}

/** Every service of the local AgentCore. */
export function createServices(parts: ServiceParts): Service[] {
  return [createCodeInterpreter(parts)];
}

type AnyHandler = (input: unknown, call: Call) => Promise<unknown>;

/**
 * What services answer together. A database that cannot be used, for want of disk space for example, is answered in its
 * own words.
 * @throws Error when two services answer the same operation.
 */
export function mergeHandlers(services: readonly Service[], log: Log): Handlers {
  const merged: Record<string, AnyHandler> = {};
  for (const [name, handler] of services.flatMap((service) => Object.entries(service.handlers))) {
    if (name in merged) throw new Error(`Two services answer ${name}.`);
    merged[name] = explainingStore(name, handler as AnyHandler, log);
  }
  return merged as Handlers;
}

function explainingStore(name: string, handler: AnyHandler, log: Log): AnyHandler {
  return async (input, call) => {
    try {
      return await handler(input, call);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      log.error(`${name} failed on the store`, { requestId: call.requestId, error });
      throw internal(error.message);
    }
  };
}
