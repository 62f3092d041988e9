import type { Scope } from '../../service.ts';
import { arnPrefix } from '../names.ts';

/** The endpoint that every agent has, and that follows its newest version. */
export const DEFAULT_ENDPOINT = 'DEFAULT';

export const runtimeArn = (scope: Scope, runtimeId: string) => `${arnPrefix(scope)}runtime/${runtimeId}`;

export const endpointArn = (scope: Scope, runtimeId: string, endpoint: string) =>
  `${runtimeArn(scope, runtimeId)}/runtime-endpoint/${endpoint}`;

/** Each agent has a workload identity of the same name as its id. */
export const workloadIdentityArn = (scope: Scope, runtimeId: string) =>
  `${arnPrefix(scope)}workload-identity-directory/default/workload-identity/${runtimeId}`;

/** What an ARN of a runtime, or of one of its endpoints, names; undefined for any other text. */
export function parseRuntimeArn(
  arn: string,
): (Scope & { runtimeId: string; endpoint?: string | undefined }) | undefined {
  const [, region = '', account = '', runtimeId = '', endpoint] =
    /^arn:aws[a-z-]*:bedrock-agentcore:([a-z0-9-]+):(\d{12}):runtime\/([\w-]+)(?:\/runtime-endpoint\/(\w+))?$/.exec(
      arn,
    ) ?? [];
  return region ? { region, account, runtimeId, endpoint } : undefined;
}
