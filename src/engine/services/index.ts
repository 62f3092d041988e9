import type { Log } from '../log.ts';
import type { SandboxProvider } from '../sandbox/sandbox.ts';
import type { Handlers, Service } from '../service.ts';
import type { Store } from '../store/store.ts';
import { createCodeInterpreter } from './code-interpreter/index.ts';

/** What services are made from. */
export interface ServiceParts {
  store: Store;
  sandboxes: SandboxProvider;
  /** Of this start of the engine; what bears another one was left by an engine that crashed. */
  generation: string;
  log: Log;
}

/** Every service of the local AgentCore. */
export function createServices(parts: ServiceParts): Service[] {
  return [createCodeInterpreter(parts)];
}

/**
 * What services answer together.
 * @throws Error when two of them answer the same operation.
 */
export function mergeHandlers(services: readonly Service[]): Handlers {
  const merged: Record<string, unknown> = {};
  for (const [name, handler] of services.flatMap((service) => Object.entries(service.handlers))) {
    if (name in merged) throw new Error(`Two services answer ${name}.`);
    merged[name] = handler;
  }
  return merged;
}
