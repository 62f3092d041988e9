import { AccessDeniedException, ServiceQuotaExceededException } from '@aws-sdk/client-bedrock-agentcore';

const $metadata = {};

/** There are as many as there may be. */
export function quotaExceeded(message: string): ServiceQuotaExceededException {
  return new ServiceQuotaExceededException({ $metadata, message });
}

/** What was named is another account's. */
export function accessDenied(message: string): AccessDeniedException {
  return new AccessDeniedException({ $metadata, message });
}
