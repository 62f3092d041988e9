/** What was uploaded cannot be used; the message says why and what to do. */
export class ArtifactError extends Error {
  override readonly name = 'ArtifactError';
}
