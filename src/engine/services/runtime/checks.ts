import type {
  AuthorizerConfiguration,
  FilesystemConfiguration,
  LifecycleConfiguration,
  NetworkConfiguration,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { whyUnreachable } from '../../egress/index.ts';
import type { RuntimeName } from '../../sandbox/interpreters.ts';
import type { Call, Scope } from '../../service.ts';
import { invalid } from '../exceptions.ts';
import type { AgentSettings } from '../index.ts';
import { checkRole } from '../roles.ts';
import { checkHeaders } from './headers.ts';
import type { VersionConfig } from './rows.ts';

const MAX_LIFETIME_S = 28_800;
const DEFAULT_IDLE_S = 900;
const DISCOVERY_URL = 'authorizerConfiguration.customJWTAuthorizer.discoveryUrl';

/** The code of a version: where it lies, and what runs it. */
export interface CodeSource {
  bucket: string;
  key: string;
  versionId: string | undefined;
  runtime: RuntimeName;
  entryPoint: readonly string[];
}

/**
 * Checks what the model's own constraints do not say.
 * @throws ValidationException that names the member, also for what the local engine does not have, with what to use instead.
 */
export function checkConfig(scope: Scope, config: VersionConfig): void {
  codeSource(config);
  checkRole(scope, 'roleArn', config.roleArn ?? '');
  checkNetwork(config.networkConfiguration);
  checkAuthorizer(config.authorizerConfiguration);
  checkHeaders(config.requestHeaderConfiguration?.requestHeaderAllowlist ?? [], {
    hasJwt: config.authorizerConfiguration !== undefined,
  });
  lifecycle(config.lifecycleConfiguration);
  checkEnvironment(config.environmentVariables ?? {});
  storageMounts(config.filesystemConfigurations);
  if (config.capacityProviderConfiguration) {
    throw invalid(
      'capacityProviderConfiguration',
      'The local engine has no capacity providers for now. Leave it out: agents run on this machine.',
    );
  }
}

/** @throws ValidationException for a container. */
export function codeSource({ agentRuntimeArtifact }: VersionConfig): CodeSource {
  const { code, runtime, entryPoint } = agentRuntimeArtifact?.codeConfiguration ?? {};
  if (!code?.s3) {
    throw invalid(
      'agentRuntimeArtifact.containerConfiguration',
      'The local engine runs no containers for now. Put the code in a zip, upload it to S3, and give codeConfiguration.',
    );
  }
  const { bucket = '', prefix: key = '', versionId } = code.s3;
  return { bucket, key, versionId, runtime: runtime as RuntimeName, entryPoint: entryPoint ?? [] };
}

/** The limits of a session's life with AWS's defaults filled in. @throws ValidationException where they do not fit together. */
export function lifecycle(given: LifecycleConfiguration = {}): Required<LifecycleConfiguration> {
  const maxLifetime = given.maxLifetime ?? MAX_LIFETIME_S;
  const idleRuntimeSessionTimeout = given.idleRuntimeSessionTimeout ?? Math.min(DEFAULT_IDLE_S, maxLifetime);
  for (const [name, value] of Object.entries({ maxLifetime, idleRuntimeSessionTimeout })) {
    if (value > MAX_LIFETIME_S) {
      throw invalid(
        `lifecycleConfiguration.${name}`,
        `${name} is ${value}; it must be at most ${MAX_LIFETIME_S} s.`,
      );
    }
  }
  if (idleRuntimeSessionTimeout > maxLifetime) {
    throw invalid(
      'lifecycleConfiguration.idleRuntimeSessionTimeout',
      `idleRuntimeSessionTimeout (${idleRuntimeSessionTimeout} s) must not be above maxLifetime (${maxLifetime} s).`,
    );
  }
  return { idleRuntimeSessionTimeout, maxLifetime };
}

/** Where session storage is mounted, without a slash at the end. @throws ValidationException for other kinds, and for places that collide. */
export function storageMounts(filesystems: readonly FilesystemConfiguration[] = []): string[] {
  const mounts = filesystems.map((filesystem, index) => {
    const member = `filesystemConfigurations[${index}]`;
    if (!filesystem.sessionStorage) {
      const kind = Object.keys(filesystem)[0];
      throw invalid(`${member}.${kind}`, `The local engine has no ${kind} for now. Use sessionStorage.`);
    }
    const path = (filesystem.sessionStorage.mountPath ?? '').replace(/\/$/, '');
    if (/\/\.{1,2}$/.test(path))
      throw invalid(`${member}.sessionStorage.mountPath`, `${path} is no folder below /mnt.`);
    return path;
  });
  const twice = mounts.find((path, index) => mounts.indexOf(path) !== index);
  if (twice !== undefined) throw invalid('filesystemConfigurations', `${twice} is mounted twice.`);
  return mounts;
}

function checkNetwork(network: NetworkConfiguration | undefined): void {
  if (network?.networkMode !== 'VPC' || network.networkModeConfig) return;
  throw invalid(
    'networkConfiguration.networkModeConfig',
    'The network mode VPC needs subnets and security groups.',
  );
}

function checkAuthorizer(authorizer: AuthorizerConfiguration | undefined): void {
  const url = authorizer?.customJWTAuthorizer?.discoveryUrl;
  if (url === undefined || (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))) return;
  throw invalid(
    DISCOVERY_URL,
    `${url} is no address. Give the whole one, e.g. https://issuer.example/.well-known/openid-configuration.`,
  );
}

/**
 * The engine itself fetches discovery documents, from wherever it can reach, so code in a sandbox must not choose one that
 * the sandbox may not reach.
 * @throws ValidationException
 */
export async function checkIssuerAccess(
  { inner }: Pick<Call, 'inner'>,
  { authorizerConfiguration }: VersionConfig,
  { allowHosts }: Pick<AgentSettings, 'allowHosts'>,
): Promise<void> {
  const url = authorizerConfiguration?.customJWTAuthorizer?.discoveryUrl;
  if (!inner || url === undefined) return;
  const why = await whyUnreachable(new URL(url), { allowHosts });
  if (why !== undefined) throw invalid(DISCOVERY_URL, why);
}

function checkEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (/[=\0]/.test(name) || value.includes('\0')) {
      throw invalid(
        'environmentVariables',
        `The variable ${JSON.stringify(name)} has a character that no environment can hold.`,
      );
    }
  }
}
