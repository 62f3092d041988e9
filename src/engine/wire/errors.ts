/** A refusal by the wire itself: an error that no SDK models, or that comes before an operation is known. */
export class WireError extends Error {
  override readonly name = 'WireError';
  /** What clients see as the error's name, e.g. `UnknownOperationException`. */
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
