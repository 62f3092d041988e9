import type { Clock } from '../../clock.ts';
import type { Handlers, InputOf, Scope } from '../../service.ts';
import { conflict, quotaExceeded } from '../exceptions.ts';
import type { Idempotency } from '../idempotency.ts';
import { newId } from '../names.ts';
import { page } from '../paging.ts';
import type { Tags } from '../tags.ts';
import { isUnderWay, type Lifecycle } from './lifecycle.ts';
import { DEFAULT_ENDPOINT, endpointArn, runtimeArn } from './names.ts';
import type { EndpointRow, Rows } from './rows.ts';

const MAX_ENDPOINTS = 10;

export interface EndpointDependencies {
  rows: Rows;
  tags: Tags;
  idempotency: Idempotency;
  lifecycle: Lifecycle;
  clock: Clock;
}

/**
 * The endpoints of agents. Making or moving one takes no time here: the call is answered with CREATING or UPDATING, as on AWS,
 * and who asks next finds it READY.
 */
export function endpointHandlers({
  rows,
  tags,
  idempotency,
  lifecycle,
  clock,
}: EndpointDependencies): Handlers {
  return {
    async CreateAgentRuntimeEndpoint(input, call) {
      const row = await idempotency.once(call, 'CreateAgentRuntimeEndpoint', input, async () =>
        create(call, input),
      );
      return {
        ...arns(call, row),
        agentRuntimeId: row.runtimeId,
        endpointName: row.name,
        targetVersion: row.targetVersion,
        status: 'CREATING',
        createdAt: new Date(row.createdAt),
      };
    },

    async UpdateAgentRuntimeEndpoint(input, call) {
      const { before, after } = await idempotency.once(call, 'UpdateAgentRuntimeEndpoint', input, async () =>
        update(call, input),
      );
      return {
        ...arns(call, after),
        liveVersion: before.liveVersion,
        targetVersion: after.targetVersion,
        status: 'UPDATING',
        ...times(after),
      };
    },

    async GetAgentRuntimeEndpoint({ agentRuntimeId = '', endpointName = '' }, call) {
      rows.runtime(call, agentRuntimeId);
      const row = rows.endpoint(call, agentRuntimeId, endpointName);
      return { ...summary(call, row), failureReason: row.failureReason };
    },

    async ListAgentRuntimeEndpoints({ agentRuntimeId = '', ...paging }, call) {
      rows.runtime(call, agentRuntimeId);
      const { items, nextToken } = page(
        rows.endpoints,
        call,
        paging,
        (row) => row.runtimeId === agentRuntimeId,
      );
      return { runtimeEndpoints: items.map((row) => summary(call, row)), nextToken };
    },

    async DeleteAgentRuntimeEndpoint(input, call) {
      return idempotency.once(call, 'DeleteAgentRuntimeEndpoint', input, async () => {
        const { agentRuntimeId = '', endpointName = '' } = input;
        remove(call, agentRuntimeId, endpointName);
        return { status: 'DELETING' as const, agentRuntimeId, endpointName };
      });
    },
  };

  function create(scope: Scope, input: InputOf<'CreateAgentRuntimeEndpoint'>): EndpointRow {
    const { agentRuntimeId: runtimeId = '', name = '', description } = input;
    const version = readyVersion(scope, runtimeId, input.agentRuntimeVersion);
    const others = rows.of(rows.endpoints, scope, runtimeId);
    if (others.some((other) => other.name === name)) {
      throw conflict(
        `The agent runtime ${runtimeId} has an endpoint ${name} already. Update it, or choose another name.`,
      );
    }
    if (others.length >= MAX_ENDPOINTS) {
      throw quotaExceeded(
        `${runtimeId} has ${MAX_ENDPOINTS} endpoints, as many as there may be. Delete one.`,
      );
    }
    const now = clock.now();
    const row: EndpointRow = {
      runtimeId,
      name,
      id: newId(name),
      description,
      liveVersion: version,
      targetVersion: version,
      status: 'READY',
      createdAt: now,
      lastUpdatedAt: now,
    };
    rows.together(() => {
      tags.add(scope, endpointArn(scope, runtimeId, name), input.tags);
      rows.putEndpoint(scope, row);
    });
    return row;
  }

  /** What is not given stays. */
  function update(scope: Scope, input: InputOf<'UpdateAgentRuntimeEndpoint'>) {
    const { agentRuntimeId: runtimeId = '', endpointName = '', description } = input;
    const before = idle(scope, runtimeId, endpointName);
    const version = readyVersion(scope, runtimeId, input.agentRuntimeVersion ?? before.targetVersion);
    const after: EndpointRow = {
      ...before,
      description: description ?? before.description,
      liveVersion: version,
      targetVersion: version,
      status: 'READY',
      failureReason: undefined,
      lastUpdatedAt: clock.now(),
    };
    rows.putEndpoint(scope, after);
    return { before, after };
  }

  function remove(scope: Scope, runtimeId: string, name: string): void {
    if (name === DEFAULT_ENDPOINT) {
      throw conflict(
        `The endpoint ${name} belongs to the agent runtime and goes with it (DeleteAgentRuntime).`,
      );
    }
    rows.runtime(scope, runtimeId);
    const row = rows.endpoint(scope, runtimeId, name);
    if (row.status === 'DELETING') return;
    rows.putEndpoint(scope, { ...row, status: 'DELETING', lastUpdatedAt: clock.now() });
    lifecycle.deleteEndpoint(scope, runtimeId, name);
  }

  /** The version asked for, or the newest. @throws ConflictException where it is not READY. */
  function readyVersion(scope: Scope, runtimeId: string, wanted: string | undefined): string {
    const { deletion } = rows.runtime(scope, runtimeId);
    const { version, status } = rows.version(scope, runtimeId, wanted);
    const now = deletion?.status ?? status;
    if (now === 'READY') return version;
    throw conflict(`Version ${version} of ${runtimeId} is ${now}; an endpoint can only serve a READY one.`);
  }

  function idle(scope: Scope, runtimeId: string, name: string): EndpointRow {
    rows.runtime(scope, runtimeId);
    const row = rows.endpoint(scope, runtimeId, name);
    if (!isUnderWay(row.status) && row.status !== 'DELETING') return row;
    throw conflict(`The endpoint ${name} of ${runtimeId} is ${row.status}. Wait until that is over.`);
  }
}

function arns(scope: Scope, { runtimeId, name }: EndpointRow) {
  return {
    agentRuntimeEndpointArn: endpointArn(scope, runtimeId, name),
    agentRuntimeArn: runtimeArn(scope, runtimeId),
  };
}

const times = ({ createdAt, lastUpdatedAt }: EndpointRow) => ({
  createdAt: new Date(createdAt),
  lastUpdatedAt: new Date(lastUpdatedAt),
});

function summary(scope: Scope, row: EndpointRow) {
  const { name, id, description, liveVersion, targetVersion, status } = row;
  return { ...arns(scope, row), name, id, description, liveVersion, targetVersion, status, ...times(row) };
}
