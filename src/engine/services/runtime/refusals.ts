import { AccessDeniedException, ServiceQuotaExceededException } from '@aws-sdk/client-bedrock-agentcore';

const $metadata = {};

/** There are as many as there may be. */
export function quotaExceeded(message: string): ServiceQuotaExceededException {
  return new ServiceQuotaExceededException({ $metadata, message });
}

/** Who calls may not do this here: it is another account's, or takes another kind of proof. */
export function accessDenied(message: string): AccessDeniedException {
  return new AccessDeniedException({ $metadata, message });
}
