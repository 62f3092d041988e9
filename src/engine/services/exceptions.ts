import {
  AccessDeniedException,
  ConflictException,
  InternalServerException,
  ResourceNotFoundException,
  ServiceQuotaExceededException,
  ValidationException,
  type ValidationExceptionReason,
} from '@aws-sdk/client-bedrock-agentcore';

const $metadata = {};

/** What was named does not exist. */
export function notFound(message: string): ResourceNotFoundException {
  return new ResourceNotFoundException({ $metadata, message });
}

/** The state of things does not allow it. SDKs do not retry it. */
export function conflict(message: string): ConflictException {
  return new ConflictException({ $metadata, message });
}

/** There are as many as there may be. */
export function quotaExceeded(message: string): ServiceQuotaExceededException {
  return new ServiceQuotaExceededException({ $metadata, message });
}

/** Who calls may not do this here: it is another account's, or takes another kind of proof. */
export function accessDenied(message: string): AccessDeniedException {
  return new AccessDeniedException({ $metadata, message });
}

/** A fault of the engine or its machine that the caller should read about; any other is told to the log only. */
export function internal(message: string): InternalServerException {
  return new InternalServerException({ $metadata, message });
}

/** A member of the input cannot be accepted; `member` is its path, e.g. `arguments.code`. */
export function invalid(
  member: string,
  message: string,
  reason: ValidationExceptionReason = 'FieldValidationFailed',
): ValidationException {
  return new ValidationException({ $metadata, message, reason, fieldList: [{ name: member, message }] });
}
