import {
  AccessDeniedException,
  InternalServerException,
  ModelErrorException,
  ModelTimeoutException,
  ResourceNotFoundException,
  ServiceUnavailableException,
  ThrottlingException,
  ValidationException,
} from '@aws-sdk/client-bedrock-runtime';

const exceptions = {
  AccessDeniedException,
  InternalServerException,
  ModelErrorException,
  ModelTimeoutException,
  ResourceNotFoundException,
  ServiceUnavailableException,
  ThrottlingException,
  ValidationException,
};

/** The errors of Bedrock that a rule may simulate. */
export const simulatedNames = Object.keys(exceptions) as (keyof typeof exceptions)[];

export function simulated(name: keyof typeof exceptions, message: string): Error {
  return new exceptions[name]({ $metadata: {}, message });
}
