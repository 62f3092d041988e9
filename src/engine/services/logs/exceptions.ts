import {
  InvalidParameterException,
  LimitExceededException,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';

const $metadata = {};

export function groupNotFound(): ResourceNotFoundException {
  return new ResourceNotFoundException({ $metadata, message: 'The specified log group does not exist.' });
}

export function streamNotFound(): ResourceNotFoundException {
  return new ResourceNotFoundException({ $metadata, message: 'The specified log stream does not exist.' });
}

export function alreadyExists(what: 'group' | 'stream'): ResourceAlreadyExistsException {
  return new ResourceAlreadyExistsException({
    $metadata,
    message: `The specified log ${what} already exists`,
  });
}

export function tooMany(message: string): LimitExceededException {
  return new LimitExceededException({ $metadata, message });
}

/** A parameter that cannot be accepted; SDKs do not retry it. */
export function invalidParameter(message: string): InvalidParameterException {
  return new InvalidParameterException({ $metadata, message });
}
