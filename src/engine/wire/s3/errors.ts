import { ObjectError } from '../../services/objects/objects.ts';
import { StoreError } from '../../store/errors.ts';
import { ClockRefusal } from '../claim.ts';
import { WireError } from '../errors.ts';

/** S3's names for what the wire refuses, and their statuses. */
const codes: Readonly<Record<string, readonly [code: string, status: number]>> = {
  AccessDeniedException: ['AccessDenied', 403],
  MissingAuthenticationTokenException: ['AccessDenied', 403],
  UnrecognizedClientException: ['InvalidAccessKeyId', 403],
  InvalidSignatureException: ['SignatureDoesNotMatch', 403],
  IncompleteSignatureException: ['AuthorizationHeaderMalformed', 400],
  ValidationException: ['InvalidURI', 400],
};

/** Any error in S3's terms. One that says nothing to a caller is told to `onError`. */
export function s3Error(error: unknown, onError: (error: unknown) => void): ObjectError {
  if (error instanceof ObjectError) return error;
  if (error instanceof ClockRefusal) {
    return new ObjectError(error.outlived ? 'AccessDenied' : 'RequestTimeTooSkewed', 403, error.message);
  }
  if (error instanceof WireError) {
    const [code, status] = codes[error.code] ?? [error.code, error.status];
    return new ObjectError(code, status, error.message);
  }
  onError(error);
  return new ObjectError('InternalError', 500, explanation(error));
}

function explanation(error: unknown): string {
  if (error instanceof StoreError) return error.message;
  if ((error as NodeJS.ErrnoException | null)?.code === 'ENOSPC') {
    return 'There is no room left for the content of objects; free space on the disk of the data directory and try again.';
  }
  return 'An error within the engine; its log has the details.';
}
