import { EmbeddingError } from '../../../models/embeddings/embedder.ts';
import { StoreError } from '../../../store/errors.ts';
import { ExtractionFailure, type FailureReason } from './extractor.ts';

/** What went wrong with a job, in AWS's terms. */
export interface Failure {
  reason: FailureReason;
  /** Whether it may go well another time. */
  retryable: boolean;
  /** Whether nobody has foreseen it. */
  unexpected?: boolean;
}

/** @param late Whether the job has taken too long. */
export function failureOf(error: unknown, { late }: { late: boolean }): Failure {
  if (late) return { reason: 'CUSTOM_MODEL_BEDROCK_MODEL_TIMEOUT', retryable: true };
  if (error instanceof ExtractionFailure) return { reason: error.reason, retryable: error.retryable };
  if (error instanceof EmbeddingError)
    return {
      reason: error.retryable
        ? 'CUSTOM_MODEL_BEDROCK_SERVICE_UNAVAILABLE'
        : 'CUSTOM_MODEL_BEDROCK_MODEL_ERROR',
      retryable: error.retryable,
    };
  const retryable = error instanceof StoreError;
  return { reason: 'CUSTOM_MODEL_BEDROCK_INTERNAL_ERROR', retryable, unexpected: !retryable };
}

const ATTEMPTS = 5;
const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/** How long to wait after so many failed attempts: longer each time, and never twice the same. Undefined after the last one. */
export function backOffMs(attempts: number): number | undefined {
  if (attempts >= ATTEMPTS) return undefined;
  const longest = Math.min(FIRST_MS * 4 ** (attempts - 1), LONGEST_MS);
  return Math.round(longest * (0.5 + Math.random() / 2));
}
