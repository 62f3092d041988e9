import { hidden, hideSecretShapes } from './platform/secret-shapes.ts';

/** Shorter values would blank out ordinary words. */
const SHORTEST = 8;

const known = new Set<string>();

/** Marks a value that {@link redact} hides wherever it turns up, for the life of the process. */
export function keepSecret(value: string | undefined): void {
  if (value && value.length >= SHORTEST) known.add(value);
}

/** The text without what looks like a secret, and without the values given to {@link keepSecret}. */
export function redact(text: string): string {
  let clean = text;
  for (const secret of known) clean = clean.replaceAll(secret, hidden);
  return hideSecretShapes(clean);
}
