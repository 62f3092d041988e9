import type {
  AgentRuntimeEndpointStatus,
  AgentRuntimeStatus,
} from '@aws-sdk/client-bedrock-agentcore-control';
import type { InputOf, Scope } from '../../service.ts';
import type { Documents, Store } from '../../store/store.ts';
import { notFound } from '../exceptions.ts';

/** Everything that a version was made with, as the caller gave it. */
export type VersionConfig = Omit<InputOf<'UpdateAgentRuntime'>, 'agentRuntimeId' | 'clientToken'>;

/** Times are milliseconds since the epoch. */
interface Times {
  createdAt: number;
  lastUpdatedAt: number;
}

/** An agent. */
export interface RuntimeRow extends Times {
  runtimeId: string;
  name: string;
  /** The number of the newest version; numbers are not used twice. */
  lastVersion: number;
  /** Set while it goes away, or where that failed. */
  deletion?: { status: 'DELETING' | 'DELETE_FAILED'; failureReason?: string };
}

export interface VersionRow extends Times {
  runtimeId: string;
  /** `"1"`, `"2"`, ... */
  version: string;
  config: VersionConfig;
  status: AgentRuntimeStatus;
  failureReason?: string | undefined;
  /** What it runs on, once that is known, e.g. `python-3.11.7`. */
  interpreter?: string;
  /** Whether it has machine code for that version of the interpreter. */
  bound?: boolean;
}

export interface EndpointRow extends Times {
  runtimeId: string;
  name: string;
  id: string;
  description?: string | undefined;
  /** What answers; none before the first version is ready. */
  liveVersion?: string | undefined;
  targetVersion: string;
  status: AgentRuntimeEndpointStatus;
  failureReason?: string | undefined;
}

/** What is known of agents, their versions and their endpoints. */
export class Rows {
  readonly runtimes: Documents<RuntimeRow>;
  readonly versions: Documents<VersionRow>;
  readonly endpoints: Documents<EndpointRow>;
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    this.runtimes = store.documents('agent-runtime');
    this.versions = store.documents('agent-runtime-version');
    this.endpoints = store.documents('agent-runtime-endpoint');
  }

  /** Writes several rows, all or none. */
  together<T>(work: () => T): T {
    return this.#store.transaction(work);
  }

  /** @throws ResourceNotFoundException */
  runtime(scope: Scope, runtimeId: string): RuntimeRow {
    const row = this.runtimes.get(scope, runtimeId);
    if (row) return row;
    throw notFound(
      `There is no agent runtime ${runtimeId} in account ${scope.account} and region ${scope.region}. ListAgentRuntimes names the ones there are.`,
    );
  }

  /** A version, the newest unless told otherwise. @throws ResourceNotFoundException */
  version(scope: Scope, runtimeId: string, version?: string | undefined): VersionRow {
    const wanted = version ?? String(this.runtime(scope, runtimeId).lastVersion);
    const row =
      this.versions.get(scope, `${runtimeId}/${wanted}`) ??
      (version ? undefined : this.#newest(scope, runtimeId));
    if (row) return row;
    throw notFound(
      `The agent runtime ${runtimeId} has no version ${wanted}. ListAgentRuntimeVersions names the ones there are.`,
    );
  }

  /** @throws ResourceNotFoundException */
  endpoint(scope: Scope, runtimeId: string, name: string): EndpointRow {
    const row = this.endpoints.get(scope, `${runtimeId}/${name}`);
    if (row) return row;
    throw notFound(
      `The agent runtime ${runtimeId} has no endpoint ${name}. ListAgentRuntimeEndpoints names the ones there are.`,
    );
  }

  putRuntime(scope: Scope, row: RuntimeRow): void {
    this.runtimes.put(scope, row.runtimeId, row);
  }

  putVersion(scope: Scope, row: VersionRow): void {
    this.versions.put(scope, `${row.runtimeId}/${row.version}`, row);
  }

  putEndpoint(scope: Scope, row: EndpointRow): void {
    this.endpoints.put(scope, `${row.runtimeId}/${row.name}`, row);
  }

  /** Every row of an agent in a listing of versions or endpoints, newest first. */
  of<T extends { runtimeId: string }>(documents: Documents<T>, scope: Scope, runtimeId: string): T[] {
    return documents.list(scope, {
      maxResults: Number.MAX_SAFE_INTEGER,
      where: (row) => row.runtimeId === runtimeId,
    }).items;
  }

  /** Forgets an agent with all that belongs to it. */
  remove(scope: Scope, runtimeId: string): void {
    this.together(() => {
      for (const { version } of this.of(this.versions, scope, runtimeId))
        this.versions.delete(scope, `${runtimeId}/${version}`);
      for (const { name } of this.of(this.endpoints, scope, runtimeId))
        this.endpoints.delete(scope, `${runtimeId}/${name}`);
      this.runtimes.delete(scope, runtimeId);
    });
  }

  /** The newest one was deleted. */
  #newest(scope: Scope, runtimeId: string): VersionRow | undefined {
    return this.of(this.versions, scope, runtimeId).at(0);
  }
}
