import { EmbeddingError } from '../embedder.ts';

/** What the exceptions of Bedrock's SDK have in common. */
interface Failure extends Error {
  originalStatusCode?: number;
}

/** These pass by themselves, mostly within seconds. */
const passing = new Set([
  'ThrottlingException',
  'ServiceUnavailableException',
  'InternalServerException',
  'ModelNotReadyException',
]);
/** These stay until the user has changed something. */
const lasting = new Set(['AccessDeniedException', 'ResourceNotFoundException', 'ValidationException']);

export function isPassing(error: unknown): boolean {
  const { name, originalStatusCode = 0 } = error as Failure;
  return passing.has(name) || originalStatusCode >= 500;
}

export function isTooLong(error: unknown): boolean {
  const { name, message } = error as Failure;
  return name === 'ValidationException' && /too long|too many (?:input )?tokens|maxLength/i.test(message);
}

export function asEmbeddingError(error: unknown, name: string): EmbeddingError {
  if (error instanceof EmbeddingError) return error;
  const { message, name: kind } = error as Failure;
  return new EmbeddingError(`${name} could not embed: ${message}`, {
    retryable: !lasting.has(kind),
    cause: error,
  });
}
