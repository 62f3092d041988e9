import type { AgentRuntime, AgentRuntimeStatus } from '@aws-sdk/client-bedrock-agentcore-control';
import type { Clock } from '../../clock.ts';
import type { Call, Handlers, InputOf, OutputOf, Scope } from '../../service.ts';
import { conflict, quotaExceeded } from '../exceptions.ts';
import type { Idempotency } from '../idempotency.ts';
import type { AgentSettings } from '../index.ts';
import { newId } from '../names.ts';
import { page } from '../paging.ts';
import { checkTags, type Tags } from '../tags.ts';
import { checkConfig, checkIssuerAccess, lifecycle } from './checks.ts';
import { isUnderWay, type Lifecycle } from './lifecycle.ts';
import { DEFAULT_ENDPOINT, runtimeArn, workloadIdentityArn } from './names.ts';
import type { Rows, RuntimeRow, VersionConfig, VersionRow } from './rows.ts';

const MAX_RUNTIMES = 1_000;
const MAX_VERSIONS = 1_000;
/** What GetAgentRuntime says of the machine where the caller chose no platform version. */
const LOCAL_PLATFORM = 'local/';

export interface VersionDependencies {
  rows: Rows;
  tags: Tags;
  idempotency: Idempotency;
  lifecycle: Lifecycle;
  settings: Pick<AgentSettings, 'allowHosts'>;
  clock: Clock;
}

/** Agents and their versions. */
export function versionHandlers({
  rows,
  tags,
  idempotency,
  lifecycle: work,
  settings,
  clock,
}: VersionDependencies): Handlers {
  return {
    async CreateAgentRuntime(input, call) {
      const row = await idempotency.once(call, 'CreateAgentRuntime', input, () => create(call, input));
      return { ...identity(call, row), createdAt: new Date(row.createdAt), status: row.status };
    },

    async UpdateAgentRuntime(input, call) {
      const row = await idempotency.once(call, 'UpdateAgentRuntime', input, () => update(call, input));
      const times = { createdAt: new Date(row.createdAt), lastUpdatedAt: new Date(row.lastUpdatedAt) };
      return { ...identity(call, row), ...times, status: row.status };
    },

    async GetAgentRuntime({ agentRuntimeId = '', agentRuntimeVersion }, call) {
      const runtime = rows.runtime(call, agentRuntimeId);
      return describe(call, runtime, rows.version(call, agentRuntimeId, agentRuntimeVersion));
    },

    async ListAgentRuntimes(paging, call) {
      const { items, nextToken } = page(rows.runtimes, call, paging);
      return {
        agentRuntimes: items.map((runtime) => summary(call, runtime, rows.version(call, runtime.runtimeId))),
        nextToken,
      };
    },

    async ListAgentRuntimeVersions({ agentRuntimeId = '', ...paging }, call) {
      const runtime = rows.runtime(call, agentRuntimeId);
      const { items, nextToken } = page(
        rows.versions,
        call,
        paging,
        (row) => row.runtimeId === agentRuntimeId,
      );
      return { agentRuntimes: items.map((version) => summary(call, runtime, version)), nextToken };
    },

    async DeleteAgentRuntime(input, call) {
      return idempotency.once(call, 'DeleteAgentRuntime', input, async () => {
        const { agentRuntimeId = '', agentRuntimeVersion } = input;
        if (agentRuntimeVersion === undefined) deleteRuntime(call, agentRuntimeId);
        else deleteVersion(call, agentRuntimeId, agentRuntimeVersion);
        return { status: 'DELETING' as const, agentRuntimeId, agentRuntimeVersion };
      });
    },
  };

  async function create(scope: Call, input: InputOf<'CreateAgentRuntime'>): Promise<Begun> {
    const { agentRuntimeName: name = '', clientToken: _, tags: given, ...rest } = input;
    const config = withoutOwnPlatform(rest);
    checkConfig(scope, config);
    await checkIssuerAccess(scope, config, settings);
    checkTags(given);
    const runtimeId = newId(name);
    const version = await beginVersion(scope, runtimeId, config, (version) => {
      refuseTaken(scope, name);
      const { createdAt, lastUpdatedAt } = version;
      rows.putRuntime(scope, { runtimeId, name, lastVersion: 1, createdAt, lastUpdatedAt });
      rows.putEndpoint(scope, {
        runtimeId,
        name: DEFAULT_ENDPOINT,
        id: newId(DEFAULT_ENDPOINT),
        targetVersion: '1',
        status: 'CREATING',
        createdAt,
        lastUpdatedAt,
      });
      tags.add(scope, runtimeArn(scope, runtimeId), given);
      return { version: '1', status: 'CREATING' };
    });
    return begun(version, version.createdAt);
  }

  async function update(scope: Call, input: InputOf<'UpdateAgentRuntime'>): Promise<Begun> {
    const { agentRuntimeId: runtimeId = '', clientToken: _, ...rest } = input;
    const config = withoutOwnPlatform(rest);
    const { createdAt } = rows.runtime(scope, runtimeId);
    checkConfig(scope, config);
    await checkIssuerAccess(scope, config, settings);
    const version = await beginVersion(scope, runtimeId, config, ({ lastUpdatedAt }) => {
      const runtime = idle(scope, runtimeId);
      if (rows.of(rows.versions, scope, runtimeId).length >= MAX_VERSIONS) {
        throw quotaExceeded(
          `${runtimeId} has ${MAX_VERSIONS} versions, as many as there may be. Delete old ones.`,
        );
      }
      const next = runtime.lastVersion + 1;
      const change = { status: 'UPDATING', lastUpdatedAt } as const;
      rows.putRuntime(scope, { ...runtime, lastVersion: next, lastUpdatedAt });
      const endpoint = rows.endpoint(scope, runtimeId, DEFAULT_ENDPOINT);
      rows.putEndpoint(scope, {
        ...endpoint,
        ...change,
        targetVersion: String(next),
        failureReason: undefined,
      });
      return { version: String(next), status: 'UPDATING' };
    });
    return begun(version, createdAt);
  }

  /** `write` writes the other rows, after its checks. */
  async function beginVersion(
    scope: Scope,
    runtimeId: string,
    config: VersionConfig,
    write: (times: Pick<VersionRow, 'createdAt' | 'lastUpdatedAt'>) => Pick<VersionRow, 'version' | 'status'>,
  ): Promise<VersionRow> {
    const object = await work.openCode(scope, config);
    try {
      const row = rows.together(() => {
        const now = clock.now();
        const times = { createdAt: now, lastUpdatedAt: now };
        const row: VersionRow = { runtimeId, config, ...times, ...write(times) };
        rows.putVersion(scope, row);
        return row;
      });
      work.begin(scope, row, object);
      return row;
    } catch (error) {
      object.body.destroy();
      throw error;
    }
  }

  function refuseTaken(scope: Scope, name: string): void {
    const all = rows.runtimes.list(scope, { maxResults: MAX_RUNTIMES }).items;
    const taken = all.find((runtime) => runtime.name === name);
    if (taken) {
      throw conflict(
        `There is an agent runtime named ${name} already: ${taken.runtimeId}. Update that one, delete it, or choose another name.`,
      );
    }
    if (all.length >= MAX_RUNTIMES) {
      throw quotaExceeded(
        `There are ${MAX_RUNTIMES} agent runtimes, as many as an account may have. Delete some.`,
      );
    }
  }

  /** @throws ConflictException while something is under way. */
  function idle(scope: Scope, runtimeId: string): RuntimeRow {
    const runtime = rows.runtime(scope, runtimeId);
    const status = statusOf(runtime, rows.version(scope, runtimeId));
    if (!isUnderWay(status) && status !== 'DELETING') return runtime;
    throw conflict(
      `The agent runtime ${runtimeId} is ${status}. Wait until that is over (GetAgentRuntime tells).`,
    );
  }

  function deleteRuntime(scope: Scope, runtimeId: string): void {
    if (rows.runtime(scope, runtimeId).deletion?.status === 'DELETING') return;
    const runtime = idle(scope, runtimeId);
    rows.putRuntime(scope, { ...runtime, deletion: { status: 'DELETING' }, lastUpdatedAt: clock.now() });
    work.deleteRuntime(scope, runtimeId);
  }

  /** Its code stays until the next start of the engine: sessions that began with it may still run. */
  function deleteVersion(scope: Scope, runtimeId: string, version: string): void {
    idle(scope, runtimeId);
    rows.version(scope, runtimeId, version);
    const users = rows
      .of(rows.endpoints, scope, runtimeId)
      .filter(({ liveVersion, targetVersion }) => version === liveVersion || version === targetVersion);
    if (users.length > 0) {
      throw conflict(
        `Version ${version} of ${runtimeId} is in use by the endpoints ${users.map(({ name }) => name).join(', ')}. Move or delete them first.`,
      );
    }
    rows.versions.delete(scope, `${runtimeId}/${version}`);
  }
}

/** What is remembered of a create or update, for the same call coming again. */
type Begun = Omit<VersionRow, 'config'>;

/** @param createdAt of the agent. */
function begun({ config: _, ...row }: VersionRow, createdAt: number): Begun {
  return { ...row, createdAt };
}

/** Who copies an answer of GetAgentRuntime into an update has chosen nothing by that. */
function withoutOwnPlatform({ platformVersion, ...config }: VersionConfig): VersionConfig {
  return platformVersion === undefined || platformVersion.startsWith(LOCAL_PLATFORM)
    ? config
    : { ...config, platformVersion };
}

function identity(scope: Scope, { runtimeId, version }: Pick<VersionRow, 'runtimeId' | 'version'>) {
  return {
    agentRuntimeArn: runtimeArn(scope, runtimeId),
    workloadIdentityDetails: { workloadIdentityArn: workloadIdentityArn(scope, runtimeId) },
    agentRuntimeId: runtimeId,
    agentRuntimeVersion: version,
  };
}

const statusOf = ({ deletion }: RuntimeRow, version: VersionRow): AgentRuntimeStatus =>
  deletion?.status ?? version.status;

/** Everything that was given, with AWS's defaults for what was not. */
function describe(scope: Scope, runtime: RuntimeRow, version: VersionRow): OutputOf<'GetAgentRuntime'> {
  const { config, interpreter } = version;
  return {
    networkConfiguration: { networkMode: 'PUBLIC' },
    metadataConfiguration: { requireMMDSV2: true },
    platformVersion: interpreter && `${LOCAL_PLATFORM}${interpreter}`,
    ...config,
    ...identity(scope, version),
    agentRuntimeName: runtime.name,
    roleArn: config.roleArn,
    lifecycleConfiguration: lifecycle(config.lifecycleConfiguration),
    status: statusOf(runtime, version),
    failureReason: runtime.deletion?.failureReason ?? version.failureReason,
    createdAt: new Date(runtime.createdAt),
    lastUpdatedAt: new Date(Math.max(version.lastUpdatedAt, runtime.deletion ? runtime.lastUpdatedAt : 0)),
  };
}

function summary(scope: Scope, runtime: RuntimeRow, version: VersionRow): AgentRuntime {
  const { workloadIdentityDetails: _, ...named } = identity(scope, version);
  return {
    ...named,
    agentRuntimeName: runtime.name,
    description: version.config.description ?? '',
    lastUpdatedAt: new Date(version.lastUpdatedAt),
    status: statusOf(runtime, version),
  };
}
