/** An agent's code cannot be used; the message says why and what to do, for `failureReason`. */
export class ArtifactError extends Error {
  override readonly name = 'ArtifactError';
}
