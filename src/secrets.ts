/** Shorter values would blank out ordinary words. */
const SHORTEST = 8;

const known = new Set<string>();

/** Marks a value that {@link redact} hides wherever it turns up, for the life of the process. */
export function keepSecret(value: string | undefined): void {
  if (value && value.length >= SHORTEST) known.add(value);
}

/**
 * What secrets look like when their value is not known. A group in front of the secret is kept. The text may be made to
 * keep a pattern busy, so none may begin at many places of a run that it goes through to the end.
 */
const shapes: readonly RegExp[] = [
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /((?:secret_?access_?key|session_?token)\\?["']?\s*[:=]\s*\\?["']?)[A-Za-z0-9/+=]{20,}/gi,
  /(X-Amz-(?:Security-Token|Signature)=)[^&\s"'<>]+/gi,
  /(\bbearer\s+)[\w.~+/-]{16,}=*/gi,
  /(?<![\w-])eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END [A-Z ]*PRIVATE KEY-----/g,
];

/** The text without AWS keys, bearer tokens, private keys, and the values given to {@link keepSecret}. */
export function redact(text: string): string {
  let clean = text;
  for (const secret of known) clean = clean.replaceAll(secret, '[redacted]');
  for (const shape of shapes)
    clean = clean.replace(shape, (_match, kept: unknown) =>
      typeof kept === 'string' ? `${kept}[redacted]` : '[redacted]',
    );
  return clean;
}
