import { ServiceException } from '@smithy/core/client';
import type { NormalizedSchema } from '@smithy/core/schema';
import type { ErrorSchemas } from './schemas.ts';
import type { FieldError } from './validate.ts';

/** A refusal by the wire itself: an error that no SDK models, or that comes before an operation is known. */
export class WireError extends Error {
  override readonly name = 'WireError';
  /** What clients see as the error's name, e.g. `UnknownOperationException`. */
  readonly code: string;
  readonly status: number;
  /** Further members of the body. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    status: number,
    message: string,
    members: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

/**
 * AWS's answer to an input that breaks the model: `FieldValidationFailed` where a value is not allowed, `CannotParse`
 * where it could not even be read. (Which of the two AWS gives for a value of the wrong type is not documented.)
 */
export function invalidInput(
  reason: 'FieldValidationFailed' | 'CannotParse',
  fields: readonly FieldError[],
): WireError {
  const list = fields.map(({ name, message }) => `${name || 'The input'} ${message}`).join('; ');
  return new WireError('ValidationException', 400, `The input is not valid: ${list}.`, {
    reason,
    fieldList: fields,
  });
}

/** A request whose bytes make no sense, before any member can be named. */
export function unreadable(message: string): WireError {
  return new WireError('ValidationException', 400, message, { reason: 'CannotParse' });
}

/** A modelled error thrown by a handler, with its schema; undefined for anything else. */
export function modelledError(
  errors: ErrorSchemas,
  error: unknown,
): { error: ServiceException; schema: NormalizedSchema } | undefined {
  if (!(error instanceof ServiceException)) return undefined;
  const schema = errors.get(error.name);
  return schema && { error, schema };
}

/** A caller's own text inside a message. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text);
}
