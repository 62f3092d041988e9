import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import { findInterpreter } from '../../sandbox/interpreters.ts';
import type { Handlers, Scope } from '../../service.ts';
import type { Store } from '../../store/store.ts';
import type { Idempotency } from '../idempotency.ts';
import type { AgentSettings } from '../index.ts';
import type { ObjectSource } from '../objects/objects.ts';
import type { Tags } from '../tags.ts';
import { endpointHandlers } from './endpoints.ts';
import { Lifecycle } from './lifecycle.ts';
import { parseRuntimeArn } from './names.ts';
import { Rows } from './rows.ts';
import type { RunningSessions, Targets } from './target.ts';
import { createTargets } from './targets.ts';
import { versionHandlers } from './versions.ts';

export interface ControlDependencies {
  store: Store;
  tags: Tags;
  idempotency: Idempotency;
  log: Log;
  clock: Clock;
  /** Code lies in `runtimes/` of it. */
  dataDir: string;
  objects: ObjectSource;
  settings: AgentSettings;
  /** Asked for when something is deleted; the sessions may be made after this. */
  sessions: () => RunningSessions;
  findInterpreter?: typeof findInterpreter;
}

export interface Control {
  handlers: Handlers;
  targets: Targets;
  /** How many agents are being prepared or deleted. */
  live(): number;
  /** Stops preparing; the next engine takes it up again. */
  close(): Promise<void>;
}

/** The control plane of agents. What an earlier engine left in the middle goes on as soon as the caller has returned. */
export function createControl(dependencies: ControlDependencies): Control {
  const { store, tags, idempotency, settings, clock } = dependencies;
  const rows = new Rows(store);
  tags.admit((scope, arn) => exists(rows, scope, arn));
  const lifecycle = new Lifecycle({ findInterpreter, ...dependencies, rows });
  queueMicrotask(() => lifecycle.resume());
  const parts = { rows, tags, idempotency, lifecycle, settings, clock };
  return {
    handlers: { ...versionHandlers(parts), ...endpointHandlers(parts) },
    targets: createTargets(rows, lifecycle.folders),
    live: () => lifecycle.busy,
    close: () => lifecycle.close(),
  };
}

function exists(rows: Rows, { account, region }: Scope, arn: string): boolean {
  const named = parseRuntimeArn(arn);
  if (named?.account !== account || named.region !== region) return false;
  const { runtimeId, endpoint } = named;
  return endpoint === undefined
    ? rows.runtimes.get({ account, region }, runtimeId) !== undefined
    : rows.endpoints.get({ account, region }, `${runtimeId}/${endpoint}`) !== undefined;
}
