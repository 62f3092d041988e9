import {
  AccessDeniedException,
  ModelErrorException,
  ModelStreamErrorException,
  ModelTimeoutException,
  ResourceNotFoundException,
  ServiceUnavailableException,
  ThrottlingException,
  ValidationException,
} from '@aws-sdk/client-bedrock-runtime';

const $metadata = {};

/** The request cannot be answered as it is. */
export function invalidRequest(message: string): ValidationException {
  return new ValidationException({ $metadata, message });
}

/** The model or its server refuses the credentials. */
export function accessDenied(message: string): AccessDeniedException {
  return new AccessDeniedException({ $metadata, message });
}

/** There is no such model. */
export function modelNotFound(message: string): ResourceNotFoundException {
  return new ResourceNotFoundException({ $metadata, message });
}

/** Too many requests for now. SDKs send it again. */
export function throttled(message: string): ThrottlingException {
  return new ThrottlingException({ $metadata, message });
}

/** The server cannot answer for now. SDKs send it again. */
export function unavailable(message: string): ServiceUnavailableException {
  return new ServiceUnavailableException({ $metadata, message });
}

/** The model failed, and would again. SDKs do not send it again. */
export function modelFailed(message: string, originalStatusCode?: number): ModelErrorException {
  return new ModelErrorException({ $metadata, message, originalStatusCode });
}

/** The model did not answer in time. */
export function modelTimedOut(message: string): ModelTimeoutException {
  return new ModelTimeoutException({ $metadata, message });
}

/** The answer broke off after it had begun. */
export function streamBrokeOff(message: string): ModelStreamErrorException {
  return new ModelStreamErrorException({ $metadata, message, originalMessage: message });
}
