import type { RuntimeName } from '../../sandbox/interpreters.ts';
import type { Scope } from '../../service.ts';
import { accessDenied, invalid, notFound } from '../exceptions.ts';
import { codeSource, lifecycle, storageMounts } from './checks.ts';
import type { CodeFolders } from './folders.ts';
import { DEFAULT_ENDPOINT, parseRuntimeArn, runtimeArn } from './names.ts';
import type { EndpointRow, Rows, VersionRow } from './rows.ts';
import type { LaunchConfig, Protocol, Targets } from './target.ts';

/** Finds what invocations are for. */
export function createTargets(rows: Rows, folders: CodeFolders): Targets {
  return {
    find(scope, { agentRuntimeArn, qualifier, accountId }) {
      const runtimeId = idOf(scope, agentRuntimeArn, accountId);
      const { deletion } = rows.runtime(scope, runtimeId);
      if (deletion?.status === 'DELETING') throw notFound(`The agent runtime ${runtimeId} is being deleted.`);
      const endpoint = rows.endpoint(scope, runtimeId, qualifier ?? DEFAULT_ENDPOINT);
      const version = rows.version(scope, runtimeId, liveVersion(endpoint));
      const { account, region } = scope;
      return {
        scope: { account, region },
        runtimeId,
        runtimeArn: runtimeArn(scope, runtimeId),
        endpoint: endpoint.name,
        config: launchConfig(version, folders.of(scope, runtimeId, version.version)),
      };
    },
  };
}

function idOf(scope: Scope, named: string, accountId: string | undefined): string {
  if (accountId !== undefined) refuseOthers(scope, accountId, named);
  if (!named.startsWith('arn:')) return named;
  const arn = parseRuntimeArn(named);
  if (!arn) {
    throw invalid(
      'agentRuntimeArn',
      `${named} is no ARN of an agent runtime, e.g. ${runtimeArn(scope, 'echo_agent-aB3dE5gH7j')}.`,
    );
  }
  refuseOthers(scope, arn.account, named);
  if (arn.region === scope.region) return arn.runtimeId;
  throw notFound(
    `${named} is in region ${arn.region}; the call came for ${scope.region}. Call it in its own region.`,
  );
}

function refuseOthers({ account }: Scope, owner: string, named: string): void {
  if (owner === account) return;
  throw accessDenied(`${named} belongs to account ${owner}; account ${account} may not call it.`);
}

function liveVersion({ runtimeId, name, status, liveVersion, failureReason }: EndpointRow): string {
  if (status === 'DELETING') throw notFound(`The endpoint ${name} of ${runtimeId} is being deleted.`);
  if (liveVersion !== undefined) return liveVersion;
  const why = failureReason === undefined ? 'Wait until it is READY.' : failureReason;
  throw invalid(
    'qualifier',
    `The agent runtime ${runtimeId} cannot be called: its endpoint ${name} is ${status}. ${why}`,
  );
}

function launchConfig({ version, config, interpreter, bound }: VersionRow, codeFolder: string): LaunchConfig {
  const { runtime, entryPoint } = codeSource(config);
  const fittedTo = bound ? runtimeOf(interpreter) : undefined;
  const { idleRuntimeSessionTimeout, maxLifetime } = lifecycle(config.lifecycleConfiguration);
  const allowlist = config.requestHeaderConfiguration?.requestHeaderAllowlist ?? [];
  const jwt = config.authorizerConfiguration?.customJWTAuthorizer;
  return {
    version,
    runtime,
    ...(fittedTo && fittedTo !== runtime && { fittedTo }),
    entryPoint,
    codeFolder,
    protocol: (config.protocolConfiguration?.serverProtocol ?? 'HTTP') as Protocol,
    environment: config.environmentVariables ?? {},
    idleSeconds: idleRuntimeSessionTimeout,
    lifetimeSeconds: maxLifetime,
    headerAllowlist: allowlist.map((name) => name.toLowerCase()),
    ...(jwt && { jwt }),
    storageMounts: storageMounts(config.filesystemConfigurations),
  };
}

/** E.g. `PYTHON_3_11` of `python-3.11.7`. Node's addons are not that particular. */
function runtimeOf(interpreter = ''): RuntimeName | undefined {
  const [, minor] = /^python-3\.(1[0-4])\./.exec(interpreter) ?? [];
  return minor ? (`PYTHON_3_${minor}` as RuntimeName) : undefined;
}
