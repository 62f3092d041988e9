/** What stands in the place of a secret. */
export const hidden = '[hidden]';

/**
 * What secrets look like when their value is not known. A group in front of the secret is kept. The text may be made to
 * keep a pattern busy, so none may begin at many places of a run that it goes through to the end.
 */
const shapes: readonly RegExp[] = [
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /((?:secret_?access_?key|session_?token)\\?["']?\s*[:=]\s*\\?["']?)[A-Za-z0-9/+=]{20,}/gi,
  /(X-Amz-(?:Security-Token|Signature)=)[^&\s"'<>]+/gi,
  /(\bSignature=)[0-9a-f]{16,}/gi,
  // A short one has a digit: "bearer authentication" is no token.
  /(\bbearer\s+)(?:[\w.~+/=-]{16,}|(?=[\w.~+/=-]*\d)[\w.~+/=-]{8,})/gi,
  /(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END [A-Z ]*PRIVATE KEY-----/g,
];

/** The text without AWS keys, signatures, bearer tokens, JSON web tokens and private keys, in time linear to its length. */
export function hideSecretShapes(text: string): string {
  const hide = (_match: string, kept: unknown) => (typeof kept === 'string' ? kept + hidden : hidden);
  return shapes.reduce((clean, shape) => clean.replace(shape, hide), text);
}
