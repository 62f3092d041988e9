import type { CustomJWTAuthorizerConfiguration } from '@aws-sdk/client-bedrock-agentcore-control';
import type { RuntimeName } from '../../sandbox/interpreters.ts';
import type { Scope } from '../../service.ts';

/** The contract that an agent's own server keeps, with its port and main path. */
export type Protocol = 'HTTP' | 'MCP' | 'A2A' | 'AGUI';

/** What one version of an agent runs with. */
export interface LaunchConfig {
  /** `"1"`, `"2"`, ... */
  version: string;
  runtime: RuntimeName;
  /**
   * What its machine code was made to fit, where that is not `runtime` itself: another interpreter that is found later would not do.
   */
  fittedTo?: RuntimeName;
  /** `["main.py"]`, or a launcher and the file. */
  entryPoint: readonly string[];
  /** The unpacked code on this machine. */
  codeFolder: string;
  protocol: Protocol;
  environment: Readonly<Record<string, string>>;
  idleSeconds: number;
  lifetimeSeconds: number;
  /** Names in lower case. */
  headerAllowlist: readonly string[];
  jwt?: CustomJWTAuthorizerConfiguration;
  /** Where session storage is mounted, e.g. `/mnt/data`. */
  storageMounts: readonly string[];
}

/** What an invocation is for. */
export interface Target {
  scope: Scope;
  runtimeId: string;
  runtimeArn: string;
  /** The endpoint's name, `DEFAULT` unless the caller chose one. */
  endpoint: string;
  config: LaunchConfig;
}

/** Finds what an invocation is for; made by the control plane. */
export interface Targets {
  /**
   * By ARN, or by id. `scope` is the caller's, `accountId` the member of the same name.
   * @throws ResourceNotFoundException where there is no such runtime or endpoint here, ConflictException-like
   * ValidationException where it is not READY, AccessDeniedException where it belongs to another account.
   */
  find(
    scope: Scope,
    named: { agentRuntimeArn: string; qualifier?: string | undefined; accountId?: string | undefined },
  ): Target;
}

/** What the control plane asks of the running sessions. */
export interface RunningSessions {
  /** Ends the sessions of a runtime, or of one of its endpoints, and with the runtime also its session storage. */
  end(scope: Scope, runtimeId: string, endpoint?: string): Promise<void>;
}
