import { ServiceException } from '@smithy/core/client';

/** The errors of Secrets Manager that are answered here. Its SDK, which has them as classes, is not loaded for them. */
type Code =
  | 'InvalidNextTokenException'
  | 'InvalidParameterException'
  | 'InvalidRequestException'
  | 'LimitExceededException'
  | 'ResourceExistsException'
  | 'ResourceNotFoundException';

const failed = (name: Code) => (message: string) =>
  new ServiceException({ name, message, $fault: 'client', $metadata: {} });

export const invalidToken = failed('InvalidNextTokenException');
/** A parameter that cannot be accepted. */
export const invalidParameter = failed('InvalidParameterException');
/** The state of the secret does not allow it. */
export const invalidRequest = failed('InvalidRequestException');
export const limitExceeded = failed('LimitExceededException');
export const alreadyExists = failed('ResourceExistsException');
export const notFound = failed('ResourceNotFoundException');
