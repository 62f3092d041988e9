/**
 * - `refused`: nothing was sent, because there is no connection to be had.
 * - `unanswered`: the deadline passed.
 * - `broken`: the connection ended before the head of an answer was complete.
 * - `invalid`: the answer is no HTTP that can be read.
 */
export type ContractErrorCode = 'refused' | 'unanswered' | 'broken' | 'invalid';

/** Why an agent's server gave no answer, in words that complete "The agent ...". */
export class ContractError extends Error {
  override readonly name = 'ContractError';
  readonly code: ContractErrorCode;

  constructor(code: ContractErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
