import { ExtractionFailure, type FailureReason } from '../extractor.ts';

/** What Bedrock's exceptions are of a job, and whether they may pass. */
const kinds: Readonly<Record<string, { reason: FailureReason; retryable: boolean }>> = {
  AccessDeniedException: { reason: 'CUSTOM_MODEL_BEDROCK_ACCESS_DENIED', retryable: false },
  InternalServerException: { reason: 'CUSTOM_MODEL_BEDROCK_INTERNAL_ERROR', retryable: true },
  ModelErrorException: { reason: 'CUSTOM_MODEL_BEDROCK_MODEL_ERROR', retryable: true },
  ModelNotReadyException: { reason: 'CUSTOM_MODEL_BEDROCK_MODEL_NOT_READY', retryable: true },
  ModelTimeoutException: { reason: 'CUSTOM_MODEL_BEDROCK_MODEL_TIMEOUT', retryable: true },
  ResourceNotFoundException: { reason: 'CUSTOM_MODEL_BEDROCK_RESOURCE_NOT_FOUND', retryable: false },
  ServiceQuotaExceededException: { reason: 'CUSTOM_MODEL_BEDROCK_THROTTLING', retryable: true },
  ServiceUnavailableException: { reason: 'CUSTOM_MODEL_BEDROCK_SERVICE_UNAVAILABLE', retryable: true },
  ThrottlingException: { reason: 'CUSTOM_MODEL_BEDROCK_THROTTLING', retryable: true },
  ValidationException: { reason: 'CUSTOM_MODEL_BEDROCK_VALIDATION_EXCEPTION', retryable: false },
};

const unknown = { reason: 'CUSTOM_MODEL_BEDROCK_INTERNAL_ERROR', retryable: true } as const;

/** What went wrong when a model was asked, as a job keeps it. */
export function asFailure(error: unknown): ExtractionFailure {
  if (error instanceof ExtractionFailure) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return new ExtractionFailure(message, { ...(kinds[name] ?? unknown), cause: error });
}

/** The model answered, but nothing that can be used. */
export function unusable(message: string, { retryable }: { retryable: boolean }): ExtractionFailure {
  return new ExtractionFailure(message, { reason: 'CUSTOM_MODEL_BEDROCK_MODEL_ERROR', retryable });
}

export function tooSlow(message: string): ExtractionFailure {
  return new ExtractionFailure(message, { reason: 'CUSTOM_MODEL_BEDROCK_MODEL_TIMEOUT', retryable: true });
}
