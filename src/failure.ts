/** What a failed call tells the model, in this shape. */
export interface FailureDetails {
  /** Stable and short: the AWS error's name without `Exception`, or one of ours such as `InvalidArgument`. */
  code: string;
  /** What happened, with the value that caused it. One or two sentences of our own. */
  message: string;
  /** What a service, an agent or a session said about it: fenced, and named `details` in what clients see. */
  foreign?: string;
  /** What to do next: the missing IAM action, the right id, or the next tool to call. */
  hint?: string;
  /** Whether the same call may succeed later without any change. */
  retryable?: boolean;
  /** AWS's request id, where AWS or the engine answered. */
  requestId?: string;
}

/**
 * A failure of a tool call that the model can act on. Thrown by handlers and by everything they call. Its `message` is
 * for people and has the foreign words too.
 */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';
  readonly details: FailureDetails;

  constructor(details: FailureDetails, options?: ErrorOptions) {
    super([details.message, details.foreign].filter(Boolean).join(' '), options);
    this.details = details;
  }
}
